"""What is wrong with a deployment: checks of the settings, the token, Graph, the task hub and the callbacks.

No check changes anything in Graph, or posts anything. No detail holds a secret or the name of a person.
"""

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, TypedDict

from durabletask.entities import EntityInstanceId

from alert_refresh.callback.urls import find_callback_host, judge_address
from alert_refresh.graph.client import open_client
from alert_refresh.graph.errors import GraphError, describe_fault
from alert_refresh.graph.fetch import fetch
from alert_refresh.hub.client import Client, call_hub, read_state
from alert_refresh.problems import PREFIX, Refused, shorten
from alert_refresh.run.freshness import is_disabled
from alert_refresh.settings import InvalidSettings, Settings, has_schedule, read_settings
from alert_refresh.timestamps import format_timestamp, parse_scan_time, parse_timestamp

logger = logging.getLogger(__name__)

BY_LIST = ("graph", "license", "readPermission", "alerts", "clock")
"""The checks that one list of all alerts makes."""
BY_TOKEN = (*BY_LIST, "refreshPermission")
NAMES = ("settings", "token", *BY_LIST[:3], "refreshPermission", *BY_LIST[3:], "taskHub", "callbacks")
CULPRITS = {"license-missing": "license", "permission-missing": "readPermission"}
"""Problem of the list → the check that fails. With every other problem it is `graph`."""

SECONDS = 9.0
"""Of one check. At most two follow each other, so a report takes less than 20 s."""
TOLERATED_SECONDS = 5.0
"""Between the clocks of the app and of Graph."""
LONGEST = 2000
"""Bytes of a detail as JSON."""
PROBE = EntityInstanceId("subscriber", "~doctor")
"""No subscriber has this name: the API does not accept the character."""
READ, READ_WRITE = "RoleManagementAlert.Read.Directory", "RoleManagementAlert.ReadWrite.Directory"
DELAY = "A managed identity keeps its old token for up to a day."
GRANT = "infra/grant-graph-permission.sh"


class Check(TypedDict):
    name: str
    status: Literal["ok", "warning", "failed", "skipped"]
    detail: str
    """What was found, and what to do."""


class Report(TypedDict):
    status: Literal["ok", "failed"]
    """`failed` when a check failed. A warning is no failure."""
    checks: list[Check]


async def examine(client: Client, environment: Mapping[str, str]) -> Report:
    """Return what all checks found. A check that hangs or raises does not hold up the others."""
    hub = _limit(["taskHub"], _check_hub(client))
    try:
        current = read_settings(environment)
    except InvalidSettings as error:
        settings = _make("settings", error.problem["detail"], "failed")
        found = [[settings], _skip([*BY_TOKEN, "token", "callbacks"], "settings"), await hub]
    else:
        callbacks = _limit(["callbacks"], _check_callbacks(current, environment))
        found = [[_make("settings", "All are valid.")], *await asyncio.gather(_check_graph(current), callbacks, hub)]
    checks = sorted((check for each in found for check in each), key=lambda check: NAMES.index(check["name"]))
    return {"status": "failed" if any(check["status"] == "failed" for check in checks) else "ok", "checks": checks}


async def _limit(names: Sequence[str], checks: Awaitable[list[Check]]) -> list[Check]:
    """Return what `checks` give. When they hang or raise, the first of `names` failed."""
    try:
        async with asyncio.timeout(SECONDS):
            return await checks
    except TimeoutError:
        detail = f"No answer within {SECONDS:g} s. Try again, and check the app's outbound network and DNS."
    except GraphError as error:
        detail = describe_fault(error, "alerts")["problem"]["detail"]
    except Refused as error:
        detail = error.problem["detail"]
    except Exception as error:
        logger.exception("The check %s has a fault.", names[0])
        detail = f"The check has a fault ({type(error).__name__}). Search the app's logs for it, and report it."
    return [_make(names[0], detail, "failed"), *_skip(names[1:], names[0])]


async def _check_graph(current: Settings) -> list[Check]:
    token = await _limit(["token"], _check_token())
    if token[0]["status"] == "failed":
        return [*token, *_skip(BY_TOKEN, "token")]
    listed = _limit(BY_LIST, _check_list(current))
    refresh = _limit(["refreshPermission"], _check_refresh_permission(enabled=current.refresh_enabled))
    return token + [check for each in await asyncio.gather(listed, refresh) for check in each]


async def _read_token() -> tuple[Mapping[str, Any], list[str]]:
    """Return the claims of the app's token, and the Graph permissions in it."""
    claims = await (await open_client()).tokens.read_claims()
    # The token of a person has `scp` in place of `roles`.
    return claims, sorted([*map(str, claims.get("roles") or []), *str(claims.get("scp") or "").split()])


async def _check_token() -> list[Check]:
    claims, permissions = await _read_token()
    # In tokens of version 2 the app is in `azp`.
    app, tenant = claims.get("appid") or claims.get("azp"), claims.get("tid")
    return [_make("token", f"Of app {app}, tenant {tenant}. Its permissions: {', '.join(permissions) or 'none'}.")]


async def _check_refresh_permission(*, enabled: bool) -> list[Check]:
    claims, permissions = await _read_token()
    granted = READ_WRITE in permissions
    if granted == enabled:
        detail = f"The token has {READ_WRITE}." if granted else "None is needed: REFRESH_ENABLED is false."
        return [_make("refreshPermission", detail)]
    if granted:
        detail = f"REFRESH_ENABLED is false, and the token has {READ_WRITE}. {READ} is enough: remove the larger one."
        return [_make("refreshPermission", detail, "warning")]
    detail = f"REFRESH_ENABLED is true, and the token lacks {READ_WRITE}: run {GRANT} --refresh {claims.get('oid')}."
    return [_make("refreshPermission", f"{detail} {DELAY}", "failed")]


async def _check_list(current: Settings) -> list[Check]:
    sent = datetime.now(UTC)
    answer = await fetch({"allAlerts": True, "select": [], "expand": ["alertConfiguration"], "limit": 0})
    received = datetime.now(UTC)
    graph = _make("graph", f"{current.graph_base_url} answers.")
    if answer["kind"] == "fault":
        problem = answer["problem"]
        culprit, detail = CULPRITS.get(problem["type"].removeprefix(PREFIX), "graph"), problem["detail"]
        if culprit == "readPermission":
            detail += f" The command: {GRANT} {(await _read_token())[0].get('oid')}"
        known = [_make(culprit, detail, "failed"), *([] if culprit == "graph" else [graph])]
        return known + _skip(set(BY_LIST) - {check["name"] for check in known}, culprit)
    return [
        graph,
        _make("license", "PIM answers for the tenant."),
        _make("readPermission", "The app may read alerts."),
        _check_alerts(answer["alerts"]),
        _check_clock(parse_timestamp(answer["answeredAt"]), sent, received),
    ]


def _check_alerts(alerts: Sequence[Mapping[str, Any]]) -> Check:
    if not alerts:
        return _make("alerts", "There are none. Open PIM in the Microsoft Entra admin center once.", "warning")
    active = sum(alert.get("isActive") is True for alert in alerts)
    scans = [moment for alert in alerts if (moment := parse_scan_time(alert.get("lastScannedDateTime")))]
    scanned = f"the oldest scan ended at {format_timestamp(min(scans))}" if scans else "there was no scan"
    detail = f"{len(alerts)} alerts, {active} active; {scanned}."
    if disabled := [str(alert.get("id")).rpartition("_")[2] for alert in alerts if is_disabled(alert)]:
        detail += f" PIM does not scan {', '.join(disabled)}: enable what you need in the alert settings of PIM."
    return _make("alerts", detail, "warning" if disabled else "ok")


def _check_clock(answered: datetime | None, sent: datetime, received: datetime) -> Check:
    """Compare Graph's time of its answer, in whole seconds, with the app's times of the request and of the answer."""
    if answered is None:
        return _make("clock", "Not checked, because the answer of Graph has no Date.", "skipped")
    ahead, behind = (sent - answered).total_seconds() - 1, (answered - received).total_seconds()
    if max(ahead, behind) <= TOLERATED_SECONDS:
        return _make("clock", "The app's clock agrees with Graph's.")
    distance = f"{ahead:.0f} s ahead of" if ahead > behind else f"{behind:.0f} s behind"
    detail = f"The app's clock is {distance} Graph's. Azure sets it: restart the app, and report it to Azure support."
    return _make("clock", detail, "warning")


async def _check_hub(client: Client) -> list[Check]:
    await read_state(client, str(PROBE))
    # The write is a message: the entity has no state, and deletes it.
    await call_hub(client.signal_entity(PROBE, "delete"))
    return [_make("taskHub", f"It answers a read, and takes a message for the entity {PROBE}, which stays empty.")]


async def _check_callbacks(current: Settings, environment: Mapping[str, str]) -> list[Check]:
    detail = f"Allowed: {', '.join(current.callback_allowed_hosts)}."
    if current.changes_callback_url is None:
        if not has_schedule(environment):
            return [_make("callbacks", detail)]
        detail = f"REFRESH_SCHEDULE is set, and nobody gets the changes: set CHANGES_CALLBACK_URL. {detail}"
        return [_make("callbacks", detail, "warning")]
    host = find_callback_host(current.changes_callback_url)
    try:
        addresses = await asyncio.get_running_loop().getaddrinfo(host.strip("[]"), 443)
        reasons = [judge_address(str(address[4][0]), host) for address in addresses]
        reason = None if None in reasons else f"has an address that is {reasons[0]}"
    except OSError:
        reason = "has no address in DNS"
    if reason:
        detail = f"The host of CHANGES_CALLBACK_URL, {host}, {reason}: correct the setting. {detail}"
        return [_make("callbacks", detail, "failed")]
    return [_make("callbacks", f"CHANGES_CALLBACK_URL leads to {host}, which has an address. {detail}")]


def _skip(names: Iterable[str], cause: str) -> list[Check]:
    return [_make(name, f"Not checked, because {cause} failed.", "skipped") for name in names]


def _make(name: str, detail: str, status: Literal["ok", "warning", "failed", "skipped"] = "ok") -> Check:
    return {"name": name, "status": status, "detail": shorten(detail, LONGEST)}
