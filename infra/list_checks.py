# ruff: noqa: INP001, T201 - a script beside the templates, no package; its output
"""Print the checks of the doctor that are not ok. Exits with 1 when one of them failed.

Reads the answer of GET /api/doctor from stdin. A warning, and a check that is skipped, do not fail.
"""

import json
import sys

try:
    doctor = json.load(sys.stdin)
    bad = [check for check in doctor["checks"] if check["status"] != "ok"]
except (ValueError, LookupError, TypeError):
    sys.exit("The doctor's answer cannot be read.")
print(f"The doctor: {doctor['status']}, {len(doctor['checks']) - len(bad)} of {len(doctor['checks'])} checks are ok.")
for check in bad:
    print(f"  {check['status']:8} {check['name']}: {check['detail']}")
sys.exit(doctor["status"] == "failed")
