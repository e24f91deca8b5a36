"""A gate for pipelines: refresh an alert, and fail when it is active, or changed since the last time. See docs/gate.md.

It prints one line, and exits with 0 when the gate is open, 1 when it is closed, 2 when there is no answer. The function
key is in the environment variable PIM_ALERT_KEY, or a token of Entra in PIM_ALERT_TOKEN. The file works alone, with
Python 3.10 or newer.
"""

import argparse
import http.client
import json
import os
import re
import sys
import time
import urllib.request
import uuid
from typing import Any

OPEN, CLOSED, NO_ANSWER = 0, 1, 2
URL = r"(https://[^/?#@\s]+|http://(localhost|127\.0\.0\.1)(:[0-9]+)?)(/[^?#\s]*)?"
TEMPORARY = frozenset({408, 429, 500, 502, 503, 504})
PATIENCE, GRACE, WAIT, PAUSE = 120, 15, 30, 2
"""Seconds: a request may fail so long; the outcome may be so late; the app holds back an answer; between requests."""


class NoAnswer(Exception):
    """There is no result. The text says why."""


class AnyStatus(urllib.request.HTTPErrorProcessor):
    """Raises for no status, and follows no redirect: the key would go with the request."""

    def http_response(self, request: Any, response: Any) -> Any:  # noqa: ARG002
        return response

    https_response = http_response


class Caller:
    def __init__(self, url: str, credential: dict[str, str], timeout: int) -> None:
        self._api = re.sub(r"/*(/api)?/*$", "", url) + "/api"
        self._headers = {**credential, "Content-Type": "application/json", "Prefer": f"wait={WAIT}"}
        self._timeout = timeout
        self._opener = urllib.request.build_opener(AnyStatus)

    def find_result(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Start a run and return its result. Raises `NoAnswer`."""
        until = time.monotonic() + self._timeout + GRACE
        # A start that is repeated with its key is the same run.
        answer = self._call("POST", "/runs", json.dumps(fields).encode(), {"Idempotency-Key": str(uuid.uuid4())})
        while "runId" not in answer:
            if time.monotonic() >= until:
                raise NoAnswer(f"run {answer['id']} did not end in time.")
            time.sleep(PAUSE)
            answer = self._call("GET", f"/runs/{answer['id']}/result", None, {})
        return answer

    def _call(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
        request = urllib.request.Request(self._api + path, body, self._headers | headers, method=method)  # noqa: S310 - see URL
        until = time.monotonic() + min(PATIENCE, self._timeout)
        while True:
            try:
                with self._opener.open(request, timeout=2 * WAIT) as answer:
                    status, content = answer.status, answer.read()
            except (OSError, http.client.HTTPException) as error:
                status, problem = 503, f"{self._api} does not answer: {getattr(error, 'reason', '') or repr(error)}."
            else:
                document, problem = parse_answer(status, content)
                if not problem:
                    return document
            if status not in TEMPORARY or time.monotonic() >= until:
                raise NoAnswer(problem)
            time.sleep(PAUSE)


def parse_answer(status: int, content: bytes) -> tuple[dict[str, Any], str]:
    """Return the run or the result that is the answer, and "" or what is wrong with the answer."""
    try:
        document = json.loads(content)
    except ValueError:
        document = None
    if isinstance(document, dict) and "title" in document:
        return {}, f"{document['title']} (HTTP {status}). {document.get('detail', '')}"
    if isinstance(document, dict) and status < 300 and {"id", "runId"} & document.keys():  # noqa: PLR2004
        return document, ""
    return {}, f"HTTP {status}: check {'PIM_ALERT_KEY or PIM_ALERT_TOKEN' if status in {401, 403} else '--url'}."


def list_names(alert_ids: list[str]) -> str:
    return ", ".join(alert_id.rpartition("_")[2] for alert_id in alert_ids)


def judge(result: dict[str, Any], fail_on: str) -> tuple[int, str]:
    """Return the exit code for a result, and the line to print."""
    alerts = result["alerts"] if "alerts" in result else [result["alert"]]
    found = [alert["id"] for alert in alerts if alert["isActive"]]
    closed = True if found else False if all(alert["isActive"] is False for alert in alerts) else None
    if fail_on == "changed":
        found = [alert_id for alert_id, each in (result["changes"] or {}).items() if each and each["changed"]]
        closed = result["changed"]
    about = f"Scanned at {result['scannedAt']}, run" if result["scannedAt"] else "Run"
    about = f"{about} {result['runId']}."
    if closed:
        return CLOSED, f"Closed: {list_names(found)} {fail_on}. {about}"
    if result["fresh"] is False or (closed is None and alerts):
        return NO_ANSWER, f"No answer: the app does not know whether an alert is {fail_on}. {about}"
    skipped = result.get("notScanned", [])
    if len(skipped) == len(alerts):
        reason = "all alerts are disabled in PIM" if alerts else "Microsoft Graph lists no alert"
        return NO_ANSWER, f"No answer: nothing was scanned, because {reason}. {about}"
    left_out = f" PIM did not scan {list_names(skipped)}: disabled." if skipped else ""
    return OPEN, f"Open: {len(alerts)} alert{'s' * (len(alerts) > 1)}, none {fail_on}.{left_out} {about}"


def main() -> int:
    parser = argparse.ArgumentParser(description="Refresh an alert, and fail when it is active or changed.")
    parser.add_argument("--url", required=True, help="of the app, as https://<name>.azurewebsites.net")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--alert", metavar="NAME", help="the alert to refresh, as StaleSignInAlert")
    target.add_argument("--all", action="store_true", help="refresh all alerts")
    parser.add_argument("--fail-on", choices=["active", "changed"], default="active", help="(%(default)s)")
    parser.add_argument("--changes-for", default="gate", metavar="NAME", help="subscriber, for changed (%(default)s)")
    parser.add_argument("--timeout", type=int, default=900, metavar="SECONDS", help="of the run (%(default)s)")
    options = parser.parse_args()
    key, token = (os.environ.get(name, "").strip() for name in ("PIM_ALERT_KEY", "PIM_ALERT_TOKEN"))
    if not re.fullmatch("[!-~]+", token or key):
        parser.error("set the variable PIM_ALERT_KEY to a key of the app, or PIM_ALERT_TOKEN to a token of Entra")
    credential = {"Authorization": f"Bearer {token}"} if token else {"x-functions-key": key}
    if not re.fullmatch(URL, options.url):
        parser.error("--url must be https://<host>, without a query: the key is in PIM_ALERT_KEY")
    fields = {"allAlerts": True} if options.all else {"alertId": options.alert}
    fields |= {"timeoutSeconds": options.timeout}
    fields |= {"changesFor": options.changes_for} if options.fail_on == "changed" else {}
    try:
        code, line = judge(Caller(options.url, credential, options.timeout).find_result(fields), options.fail_on)
    except Exception as error:  # noqa: BLE001 - without this, Python would exit with 1, which means closed
        code, line = NO_ANSWER, f"No answer: {error if isinstance(error, NoAnswer) else repr(error)}"
    # Azure Pipelines does what stands behind ##vso in a line. The terminal of an agent may not know every character.
    line = " ".join(re.sub(r"[#\x00-\x1f\x7f-\x9f]", " ", line).split())
    sys.stdout.buffer.write(line.encode(sys.stdout.encoding, "replace") + b"\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
