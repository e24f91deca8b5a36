"""What a refusal means for what was asked, and what an admin reads about it."""

import json
from typing import Any, get_args

import pytest

from domain.observation import Observation
from domain.problem import PREFIX
from graph.error_body import parse_error_body
from graph.errors import GraphRefused, UntrustedUrl
from graph.refusals import BY_CALL, Call
from graph.trouble import observed_trouble

CALLS: tuple[Call, ...] = get_args(Call.__value__)
READ, READ_WRITE = "RoleManagementAlert.Read.Directory", "RoleManagementAlert.ReadWrite.Directory"
LICENSE = "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance license."


def refused(status: int, call: Call, code: str = "Code", message: str = "Why.", *, hidden: bool = False) -> Observation:
    error = {"code": code, "message": message}
    if hidden:
        inner: dict[str, Any] = {"errorCode": code, "message": message, "instanceAnnotations": [], "target": None}
        error = {"code": "UnknownError", "message": json.dumps(inner)}
    told = parse_error_body(json.dumps({"error": error}).encode())
    return observed_trouble(GraphRefused(status, *told, "r-1", 33.0), call, "c-1")


def test_the_table_has_every_call() -> None:
    assert set(BY_CALL) == set(CALLS) == {"operation", "alert", "alerts", "incidents", "refresh"}


@pytest.mark.parametrize(
    ("status", "call", "outcome", "name"),
    [
        (400, "refresh", "problem", "request-refused"),
        (400, "alerts", "problem", "request-refused"),
        (404, "operation", "problem", "operation-not-found"),
        (404, "alert", "problem", "alert-not-found"),
        (404, "incidents", "problem", "alert-not-found"),
        (404, "refresh", "problem", "alert-not-found"),
        (404, "alerts", "problem", "request-refused"),
        (410, "refresh", "problem", "alert-not-found"),
        (410, "incidents", "problem", "alert-not-found"),
        (409, "refresh", "tryAgain", "refresh-conflict"),
        (409, "operation", "problem", "request-refused"),
        (409, "alert", "problem", "request-refused"),
        (409, "alerts", "problem", "request-refused"),
        (409, "incidents", "problem", "request-refused"),
        (411, "refresh", "problem", "request-refused"),
        (302, "refresh", "problem", "request-refused"),
    ],
)
def test_a_status_means_what_it_can_mean_for_the_call(status: int, call: Call, outcome: str, name: str) -> None:
    observation = refused(status, call)
    assert (observation["kind"], observation["problem"]["type"]) == (outcome, PREFIX + name)
    assert observation["problem"]["graph"]["requestId"] == "r-1"
    assert observation["retryAfter"] == 33.0


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "outcome", "name"),
    [
        (401, "problem", "token-refused"),
        (403, "problem", "permission-missing"),
        (418, "problem", "request-refused"),
        *((status, "tryAgain", "graph-unavailable") for status in (408, 423, 425, 500, 502, 503, 504, 509)),
        (429, "tryAgain", "throttled"),
    ],
)
def test_the_rest_means_the_same_for_every_call(call: Call, status: int, outcome: str, name: str) -> None:
    observation = refused(status, call)
    assert (observation["kind"], observation["problem"]["type"]) == (outcome, PREFIX + name)


@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_the_permission_to_grant_is_the_one_that_the_call_needs(call: Call, *, hidden: bool) -> None:
    message = f"Authorization failed due to missing permission scope {READ},{READ_WRITE}."
    why = refused(403, call, "PermissionScopeNotGranted", message, hidden=hidden)["problem"]
    needed = READ_WRITE if call == "refresh" else READ
    assert why["graph"]["code"] == "PermissionScopeNotGranted"
    assert f"application permission {needed}, with admin consent" in why["detail"]
    assert "a managed identity keeps its old token for up to a day" in why["detail"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("AadPremiumLicenseRequired", LICENSE),
        ("AadPremiumLicenseRequired", ""),
        ("UnknownError", LICENSE),
        ("UnknownError", "The tenant needs an AAD Premium 2 license."),
        ("UnknownError", "The tenant has not onboarded to PIM."),
        ("BadRequest", "the tenant needs an AAD premium 2 licence"),
    ],
)
def test_a_missing_license_is_no_missing_permission(
    call: Call, status: int, code: str, message: str, *, hidden: bool
) -> None:
    observation = refused(status, call, code, message, hidden=hidden)
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}license-missing")
    assert "Microsoft Entra ID P2 or Microsoft Entra ID Governance" in observation["problem"]["detail"]
    assert "RoleManagementAlert" not in observation["problem"]["detail"]


@pytest.mark.parametrize(
    ("status", "code", "message", "name"),
    [
        (500, "AadPremiumLicenseRequired", LICENSE, "graph-unavailable"),
        (404, "UnknownError", LICENSE, "alert-not-found"),
        (403, "Forbidden", "The license of this message needs no attention.", "permission-missing"),
        (403, "Forbidden", "The tenant has onboarded to PIM.", "permission-missing"),
        (400, "BadRequest", "A property named 'license' is unknown.", "request-refused"),
    ],
)
def test_talk_of_a_license_alone_is_not_a_missing_one(status: int, code: str, message: str, name: str) -> None:
    assert refused(status, "refresh", code, message)["problem"]["type"] == PREFIX + name


def test_a_refused_refresh_says_what_a_disabled_alert_wants() -> None:
    why = refused(400, "refresh", "BadRequest", "The alert is disabled by its configuration.")["problem"]
    assert "The alert is disabled by its configuration. If the alert is disabled in PIM, enable it" in why["detail"]
    assert "enable it" not in refused(400, "alert")["problem"]["detail"]


@pytest.mark.parametrize(
    ("call", "name", "about"),
    [
        ("alert", "alert-location-untrusted", "No token was sent there"),
        ("alerts", "answer-unreadable", "@odata.nextLink"),
        ("incidents", "answer-unreadable", "@odata.nextLink"),
        ("refresh", "answer-unreadable", "Location"),
    ],
)
def test_a_url_that_is_not_trusted_ends_the_run_and_says_which(call: Call, name: str, about: str) -> None:
    observation: Any = observed_trouble(UntrustedUrl("it is not under Graph"), call, "c-1")
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", PREFIX + name)
    assert observation["problem"]["detail"].startswith("it is not under Graph. ")
    assert about in observation["problem"]["detail"]
