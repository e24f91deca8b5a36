#!/bin/sh
# Names the Durable Task Scheduler as the backend in host.json, where DURABLE_BACKEND asks for it. azd runs it before it packages the app.
#
# In host.json itself, since the scale controller reads no app setting that wins over it, and since the values of Azure
# Storage must not be there for the Scheduler:
# https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.WebHost/Management/FunctionsSyncManager.cs
# Back to Azure Storage: git checkout host.json.
set -eu
[ "${DURABLE_BACKEND:-storage}" = scheduler ] || exit 0
python=$(command -v python3 || command -v python)
"$python" - <<EOF
import json, pathlib

path = pathlib.Path("host.json")
host = json.loads(path.read_text(encoding="utf-8"))
host["extensions"]["durableTask"]["storageProvider"] = {
    "type": "azureManaged",
    "connectionStringName": "DURABLE_TASK_SCHEDULER_CONNECTION_STRING",
}
path.write_text(json.dumps(host, indent=2) + "\n", encoding="utf-8")
EOF
echo "host.json names the Durable Task Scheduler as the backend."
