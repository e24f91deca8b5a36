#!/bin/sh
# Grants the app's identity its Microsoft Graph permission, where the deployment could not (GRANT_GRAPH_PERMISSION=false).
# Takes a Privileged Role Administrator who is signed in with `az login`.
#   infra/grant-graph-permission.sh [--refresh] [PRINCIPAL_ID]
# PRINCIPAL_ID is the object id of the identity's service principal: SERVICE_API_IDENTITY_PRINCIPAL_ID of `azd env get-values`.
set -eu

permission=RoleManagementAlert.Read.Directory
role=ef31918f-2d50-4755-8943-b8638c0a077e
if [ "${1:-}" = --refresh ]; then
    shift
    permission=RoleManagementAlert.ReadWrite.Directory
    role=11059518-d6a6-4851-98ed-509268489c4a
fi
principal=${1:-${SERVICE_API_IDENTITY_PRINCIPAL_ID:-}}
if [ -z "$principal" ]; then
    echo "Name the identity: $0 [--refresh] PRINCIPAL_ID, or set SERVICE_API_IDENTITY_PRINCIPAL_ID." >&2
    exit 2
fi

graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
assignments="${graph%/}/v1.0/servicePrincipals/$principal/appRoleAssignments"

if [ -n "$(az rest --method get --url "$assignments" --query "value[?appRoleId=='$role'].id" --output tsv)" ]; then
    echo "$permission was granted before."
    exit 0
fi

# Microsoft Graph's own application, the same in every tenant and cloud.
resource=$(az ad sp show --id 00000003-0000-0000-c000-000000000000 --query id --output tsv)
az rest --method post --url "$assignments" --output none \
    --body "{\"principalId\": \"$principal\", \"resourceId\": \"$resource\", \"appRoleId\": \"$role\"}"
echo "$permission is granted. A token from before lives on for up to a day; restarting the app does not renew it."
