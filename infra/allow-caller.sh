#!/bin/sh
# Lets people, groups and the identities of other apps call an app with AUTH_MODE=entra, which admits nobody else.
# Takes a Cloud Application Administrator who is signed in with `az login`.
#   infra/allow-caller.sh CLIENT_ID OBJECT_ID...
# CLIENT_ID is AUTH_CLIENT_ID of `azd env get-values`. An OBJECT_ID is that of a user, of a group, or of the service
# principal of an identity.
set -eu
if [ $# -lt 2 ]; then
    echo "Name the app and who may call it: $0 CLIENT_ID OBJECT_ID..." >&2
    exit 2
fi
client=$1
shift

graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
graph=${graph%/}/v1.0
app=$(az ad sp show --id "$client" --query id --output tsv)
role=$(az ad sp show --id "$client" --query "appRoles[?value=='Runs.ReadWrite'].id" --output tsv)

# Where an assignment is required, nobody can consent for themselves, not even to being recognised.
# https://learn.microsoft.com/entra/identity-platform/howto-restrict-your-app-to-a-set-of-users
if [ -z "$(az rest --method get --url "$graph/servicePrincipals/$app/oauth2PermissionGrants" --query "value[].id" --output tsv)" ]; then
    # Microsoft Graph's own application, the same in every tenant and cloud.
    resource=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)
    az rest --method post --url "$graph/oauth2PermissionGrants" --output none \
        --body "{\"clientId\": \"$app\", \"consentType\": \"AllPrincipals\", \"resourceId\": \"$resource\", \"scope\": \"openid profile email\"}"
    echo "The app may see who signs in."
fi

for caller in "$@"; do
    body="{\"principalId\": \"$caller\", \"resourceId\": \"$app\", \"appRoleId\": \"$role\"}"
    if answer=$(az rest --method post --url "$graph/servicePrincipals/$app/appRoleAssignedTo" --body "$body" --output none 2>&1); then
        echo "$caller may call the app."
    else
        case "$answer" in
        *"already exists"*) echo "$caller was allowed before." ;;
        *)
            echo "$answer" >&2
            exit 1
            ;;
        esac
    fi
done
