#!/bin/sh
# Prepares what a template cannot: a resource provider that is registered by nobody else, and the answer to whether the
# Graph permission is granted already. Granting it a second time fails the deployment:
# https://github.com/microsoftgraph/msgraph-bicep-types/issues/161
set -eu
if [ -z "${AZURE_ENV_NAME:-}" ] || [ -z "${AZURE_SUBSCRIPTION_ID:-}" ]; then
    echo "azd does not know the subscription yet: run azd up, which asks for it, or azd env set AZURE_SUBSCRIPTION_ID <id>." >&2
    exit 1
fi

# The template only delegates a subnet to Microsoft.App, so the deployment does not register it.
if [ "${PRIVATE_NETWORKING:-false}" = true ]; then
    state=$(az provider show --namespace Microsoft.App --subscription "$AZURE_SUBSCRIPTION_ID" --query registrationState --output tsv)
    if [ "$state" != Registered ]; then
        echo "Registering the resource provider Microsoft.App, for the subnet of the app. This takes some minutes."
        az provider register --namespace Microsoft.App --subscription "$AZURE_SUBSCRIPTION_ID" --wait
    fi
fi

[ "${GRANT_GRAPH_PERMISSION:-true}" = true ] || exit 0
# The two permissions: modules/graph-permission.bicep.
role=ef31918f-2d50-4755-8943-b8638c0a077e
[ "${REFRESH_ENABLED:-false}" != true ] || role=11059518-d6a6-4851-98ed-509268489c4a
granted=false
# Before the first deployment there is no identity.
principal=$(az identity list --subscription "$AZURE_SUBSCRIPTION_ID" --query "[?resourceGroup=='rg-$AZURE_ENV_NAME'].principalId" --output tsv)
if [ -n "$principal" ]; then
    graph=$(az cloud show --query endpoints.microsoftGraphResourceId --output tsv)
    roles=$(az rest --method get --url "${graph%/}/v1.0/servicePrincipals/$principal/appRoleAssignments" --query "value[].appRoleId" --output tsv)
    case "$roles" in *"$role"*) granted=true ;; esac
fi
azd env set GRAPH_PERMISSION_GRANTED "$granted" --environment "$AZURE_ENV_NAME"
