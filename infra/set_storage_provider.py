# ruff: noqa: INP001 - a script beside the templates, no package
"""Name the Durable Task Scheduler as the backend in the host.json of this folder, where DURABLE_BACKEND asks for it.

In host.json itself, since the scale controller reads no app setting that wins over it, and since the values of Azure
Storage must not be there for the Scheduler:
https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script.WebHost/Management/FunctionsSyncManager.cs
Back to Azure Storage: git checkout host.json.
"""

import json
import os
from pathlib import Path

SCHEDULER = {"type": "azureManaged", "connectionStringName": "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"}

if os.environ.get("DURABLE_BACKEND") == "scheduler":
    path = Path("host.json")
    host = json.loads(path.read_text(encoding="utf-8"))
    host["extensions"]["durableTask"]["storageProvider"] = SCHEDULER
    path.write_text(json.dumps(host, indent=2) + "\n", encoding="utf-8")
    print("host.json names the Durable Task Scheduler as the backend.")  # noqa: T201 - its output
