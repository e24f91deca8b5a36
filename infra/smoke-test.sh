#!/bin/sh
# Asserts that the deployed app has exactly the functions that it should have, and that its settings are valid.
# azd runs it after a deployment. Alone: AZURE_RESOURCE_GROUP=… SERVICE_API_NAME=… SERVICE_API_URI=… infra/smoke-test.sh [TRIES]
set -eu
: "${AZURE_RESOURCE_GROUP:?}" "${SERVICE_API_NAME:?}" "${SERVICE_API_URI:?}"
tries=${1:-30}
seconds=10

expected=$(sort <<EOF
await_alert
BuiltIn__HttpActivity
BuiltIn__HttpPollOrchestrator
cancel_run
deliver_outcome
fetch_alert
get_openapi
get_operation
get_run
get_run_result
health
list_runs
post_callback
refresh_alert
start_run
subscriber
unknown_route
${REFRESH_SCHEDULE:+refresh_on_schedule}
$([ "${RUN_RETENTION_DAYS:-30}" = 0 ] || echo purge_runs)
EOF
)
expected=$(echo "$expected" | sed '/^$/d')

# A name comes as <app>/<function>.
deployed() {
    az functionapp function list --resource-group "$AZURE_RESOURCE_GROUP" --name "$SERVICE_API_NAME" \
        --query '[].name' --output tsv | sed 's|.*/||' | tr -d '\r' | sort
}

# The host finds its functions some time after the deployment has succeeded.
while :; do
    found=$(deployed)
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
