"""What no log, status, list or problem may tell: tokens, keys, callback signatures, and the people in incidents."""

import json
import re
from typing import Any

from emulator.graph import Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, MASTER_KEY, SYSTEM_KEY, App, Reply, scan
from tests.support.receiver import Receiver

SIGNATURE = "sig=the-signature-of-the-workflow"


def list_secrets(identity: IdentityServer) -> list[str]:
    """Return what only a receiver and Graph may be told. The last is how every JSON Web Token begins."""
    return [SIGNATURE, identity.secret, FUNCTION_KEY, SYSTEM_KEY, MASTER_KEY, "eyJ"]


def people(document: Any) -> set[str]:
    """Return what names a person in incidents, as Graph names its members."""
    text = json.dumps(document, ensure_ascii=False)
    return set(re.findall(r'"\w*ssignee\w*(?:DisplayName|PrincipalName)": "([^"]+)"', text))


async def start_every_kind_of_run(app: App, tenant: Tenant, callback: str) -> tuple[list[Reply], list[Reply]]:
    """Return the starts of runs that end in every way, and their results."""
    options: Any = {"expand": "alertIncidents", "callbackUrl": callback}
    starts = [
        await app.start(alertId=tenant.alert_id("StaleSignInAlert"), changesFor="somebody", **options),
        await app.start(operationId=scan(tenant, "NoMfaOnRoleActivationAlert"), **options),
        await app.start(operationId=scan(tenant, "RedundantAssignmentAlert", outcome="failed"), **options),
        await app.start(operationId="refresh:DirectoryRole_x_y", **options),
        await app.start(
            operationId=scan(tenant, "RolesAssignedOutsidePimAlert", seconds=60), timeoutSeconds=1, **options
        ),
    ]
    return starts, [await app.result(start) for start in starts]


async def test_neither_secrets_nor_people_appear_where_nobody_asked_for_them(
    app: App, tenant: Tenant, identity: IdentityServer, caller: Receiver
) -> None:
    starts, results = await start_every_kind_of_run(app, tenant, f"{caller.base_url}/workflow?{SIGNATURE}")
    posts = await caller.posts("/workflow", len(starts))
    documents = [await app.document(start) for start in starts]
    listed = await app.call("GET", "/api/runs")
    instances = await app.instances()

    assert sorted({result.status for result in results}) == [200, 424]
    named = people([result.body for result in results])
    assert named, "somebody is in the alerts"
    problems = [result.body for result in results if result.status != 200]
    shown = json.dumps([[start.body for start in starts], documents, problems, listed.body], ensure_ascii=False)
    shown += json.dumps([each["customStatus"] for each in instances], ensure_ascii=False)
    shown += "".join(str(reply.headers) for reply in [*starts, *results, listed])
    shown += app.host.log
    assert [secret for secret in ("/workflow", *list_secrets(identity), *named) if secret in shown] == []
    bodies = "".join(f"{post.headers}{post.body!r}" for post in posts)
    assert [secret for secret in list_secrets(identity) if secret in bodies] == []
