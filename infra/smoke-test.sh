#!/bin/sh
# Asserts that the deployed app has exactly the functions that it should have, and that its settings are valid. Then says
# what to do next, and asks the app's doctor. azd runs it after a deployment, with its variables. Alone: azd hooks run postdeploy.
set -eu
: "${AZURE_SUBSCRIPTION_ID:?}" "${AZURE_RESOURCE_GROUP:?}" "${SERVICE_API_NAME:?}" "${SERVICE_API_URI:?}"
tries=${1:-30}
seconds=10

expected=$(sort "$(dirname "$0")/functions.txt")
[ -n "${REFRESH_SCHEDULE:-}" ] || expected=$(echo "$expected" | grep -vx refresh_on_schedule)
[ "${RUN_RETENTION_DAYS:-30}" != 0 ] || expected=$(echo "$expected" | grep -vx purge_runs)

# The host finds its functions some time after the deployment has succeeded.
while :; do
    # A name comes as <app>/<function>. What az fails with is what this script ends with.
    listed=$(az functionapp function list --subscription "$AZURE_SUBSCRIPTION_ID" --resource-group "$AZURE_RESOURCE_GROUP" \
        --name "$SERVICE_API_NAME" --query '[].name' --output tsv)
    found=$(echo "$listed" | sed 's|.*/||' | tr -d '\r' | sort)
    [ "$found" = "$expected" ] && break
    tries=$((tries - 1))
    if [ "$tries" -le 0 ]; then
        echo "The deployed functions are not the expected ones:" >&2
        for name in $expected; do echo "$found" | grep -qx "$name" || echo "  missing:    $name" >&2; done
        for name in $found; do echo "$expected" | grep -qx "$name" || echo "  unexpected: $name" >&2; done
        echo "Where all are missing, the app could not be imported: see the exceptions in Application Insights." >&2
        exit 1
    fi
    sleep "$seconds"
done

if ! health=$(curl --silent --show-error --fail-with-body --max-time 100 "$SERVICE_API_URI/api/health"); then
    echo "The app is not healthy: ${health:-no answer}" >&2
    exit 1
fi
echo "$(echo "$found" | wc -l | tr -d ' ') functions, and healthy: $SERVICE_API_URI"

if [ "${AUTH_MODE:-key}" = entra ]; then
    credential=token
    get="az account get-access-token --subscription $AZURE_SUBSCRIPTION_ID --resource $AUTH_AUDIENCE --query accessToken -o tsv"
    header="Authorization: Bearer"
    page=$SERVICE_API_URI/api/alerts
else
    credential=key
    get="az functionapp keys list --subscription $AZURE_SUBSCRIPTION_ID -g $AZURE_RESOURCE_GROUP -n $SERVICE_API_NAME --query functionKeys.default -o tsv"
    header="x-functions-key:"
    page="$SERVICE_API_URI/api/alerts?code=<key>"
fi
cat <<EOT

Next:
  the $credential:  $get
  the first call:  curl -i -X POST "$SERVICE_API_URI/api/runs?alertId=StaleSignInAlert" -H "$header <$credential>" -H "Content-Type: application/json" -d "{}"
  the page:  $page
EOT
[ "${REFRESH_ENABLED:-false}" = true ] || echo "
The first call is a refresh, and refreshing is off: see docs/deploy.md before you turn it on."
echo

secret=$($get) || {
    code=$?
    [ "$credential" = token ] || exit "$code"
    cat <<EOT
The doctor was not asked: Entra gives you no token for the app. A Cloud Application Administrator lets you call the app:
  infra/allow-caller.sh ${AUTH_CLIENT_ID:-<client id>} "\$(az ad signed-in-user show --query id -o tsv)"
Then: azd hooks run postdeploy
EOT
    exit 0
}
# No credential is on a command line, where others could see it: printf is part of the shell, and curl reads stdin.
if ! answer=$(printf 'header = "%s %s"\n' "$header" "$secret" | tr -d '\r' |
    curl --silent --show-error --fail-with-body --max-time 100 --header 'Accept: application/json' --config - "$SERVICE_API_URI/api/doctor"); then
    echo "The doctor does not answer: ${answer:-no answer}" >&2
    exit 1
fi
python=$(command -v python3 || command -v python)
printf '%s\n' "$answer" | "$python" "$(dirname "$0")/list_checks.py"
