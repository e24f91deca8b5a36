"""What no grammar sees of the Bicep files: names, modules, versions, roles."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.bicep import INFRA, BicepFile, find_block, list_bicep_files, list_keys

MAIN = BicepFile(INFRA / "main.bicep")
LOGIC_APPS = BicepFile(INFRA / "logic-apps" / "main.bicep")
FUNCTION_APP = (INFRA / "modules" / "function-app.bicep").read_text()
ALL = "\n".join(file.text for file in list_bicep_files())

# https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
# https://learn.microsoft.com/graph/permissions-reference
ROLES = {
    "Storage Blob Data Owner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "Storage Queue Data Contributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "Storage Table Data Contributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Durable Task Data Contributor": "0ad04412-c4d5-4796-b79c-f76d14c8d402",
    "RoleManagementAlert.Read.Directory": "ef31918f-2d50-4755-8943-b8638c0a077e",
    "RoleManagementAlert.ReadWrite.Directory": "11059518-d6a6-4851-98ed-509268489c4a",
}


def find_faults() -> Iterator[str]:
    """Yield what is wrong between `main.bicep` and its modules. Names within a file are for the compiler, in CI."""
    modules = {path.relative_to(INFRA).as_posix() for path in (INFRA / "modules").glob("*.bicep")}
    yield from (f"{path} is not deployed" for path in modules - MAIN.modules.keys())
    for path, params in MAIN.modules.items():
        known, arguments = BicepFile(INFRA / path).params, set(list_keys(params))
        yield from (f"{path} has no parameter {name}" for name in arguments - set(known))
        yield from (f"{path} needs {name}" for name, required in known.items() if required and name not in arguments)
    symbols = dict(re.findall(r"^module (\w+) '([^']+)'", MAIN.text, re.MULTILINE))
    for symbol, name in re.findall(r"(\w+)!?\.outputs\.(\w+)", MAIN.text):
        if name not in BicepFile(INFRA / symbols[symbol]).outputs:
            yield f"{symbol} has no output {name}"
    for file in list_bicep_files():
        loaded = re.findall(r"loadJsonContent\('([^']+)'\)", file.text)
        yield from (f"{path} does not exist" for path in loaded if not (file.path.parent / path).is_file())
        secret = {*file.secrets, "listKeys"}
        yield from (
            f"{name} is a secret" for name, value in file.outputs.items() if secret & {*re.findall(r"\w+", value)}
        )


def test_every_module_gets_what_it_asks_for_and_gives_what_is_read_of_it() -> None:
    assert list(find_faults()) == []


def test_azd_finds_one_place_to_deploy_to() -> None:
    holders = re.findall(
        r"^resource \w+ '([^@]+)@[^{]+\{((?:(?!\nresource).)*azd-service-name)", ALL, re.MULTILINE | re.DOTALL
    )
    assert [kind for kind, _ in holders] == ["Microsoft.Web/sites"]
    assert ALL.count("azd-service-name") == 1


def test_the_grant_waits_until_entra_knows_the_identity_and_is_made_once() -> None:
    grant = find_block(MAIN.text, "= if (grantGraphPermission && !graphPermissionGranted) {")
    assert "dependsOn: [functionApp]" in grant


def test_a_version_of_an_api_that_is_older_than_a_year_has_its_reason() -> None:
    """Counted from the day on which the versions were compared."""
    versions = re.findall(r"((?://[^\n]*\n)?) *resource \w+ 'Microsoft\.([^@]+)@(\d{4}-\d\d-\d\d)'(?! existing)", ALL)
    assert versions
    old = [(comment, kind, version) for comment, kind, version in versions if version < "2025-11-28"]
    assert [(kind, version) for comment, kind, version in old if version not in comment] == []


def test_a_network_has_a_way_out_to_graph() -> None:
    """From 2025-07-01 on, a subnet is private unless `defaultOutboundAccess` says otherwise."""
    network = BicepFile(INFRA / "modules" / "network.bicep").text
    [version] = re.findall(r"virtualNetworks@(\S+)'", network)
    assert version < "2025-07-01" or "defaultOutboundAccess: true" in network


def test_no_password_publishes_the_app() -> None:
    policies = re.findall(r"'basicPublishingCredentialsPolicies' = \{\s+name: '(\w+)'\s+properties: (.+)", FUNCTION_APP)
    assert dict(policies) == {"ftp": "{ allow: false }", "scm": "{ allow: false }"}


def test_instances_are_small_replaced_one_by_one_and_kept_ready_for_the_durable_functions_only() -> None:
    assert "siteUpdateStrategy: { type: 'RollingUpdate' }" in FUNCTION_APP
    assert "@allowed([512, 2048, 4096])\nparam instanceMemoryMB int = 512" in MAIN.text
    assert "param alwaysReadyInstances int = 0" in MAIN.text
    ready = "alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'durable', instanceCount: alwaysReadyInstances }]"
    assert ready in FUNCTION_APP


def test_with_a_scheduler_there_is_nothing_of_tables() -> None:
    """Its identity has no role on tables, and a host that is told of one tries it."""
    always = find_block(FUNCTION_APP, "var hostSettings = {") + find_block(FUNCTION_APP, "var schedulerSettings = {")
    assert "table" not in always
    assert "tableServiceUri" in find_block(FUNCTION_APP, "var storageHubSettings = {")
    assert "onScheduler ? schedulerSettings : storageHubSettings" in FUNCTION_APP
    assert "holdsTaskHub: !onScheduler" in MAIN.text


def test_with_private_networking_storage_and_scheduler_are_reached_by_private_endpoints_only() -> None:
    for module in ("storage", "scheduler"):
        block = MAIN.text.partition(f"'modules/{module}.bicep'")[2].partition("\nmodule ")[0]
        assert "publicNetworkAccess: !privateNetworking" in block
    assert "services: onScheduler ? ['blob', 'scheduler'] : ['blob', 'queue', 'table']" in MAIN.text


def test_every_identifier_is_that_of_the_role_it_stands_beside() -> None:
    identifier = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert dict(re.findall(rf"'([^']+)': '({identifier})'", ALL)) == ROLES
    microsoft_graph, azure_cli = "00000003-0000-0000-c000-000000000000", "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
    assert set(re.findall(identifier, ALL)) == {*ROLES.values(), microsoft_graph, azure_cli}


def test_outputs_are_in_capitals_as_azd_makes_variables_of_them() -> None:
    for file in (MAIN, LOGIC_APPS):
        assert file.outputs
        assert [name for name in file.outputs if not re.fullmatch(r"[A-Z][A-Z_]+", name)] == []


def test_what_is_a_credential_is_a_secure_parameter() -> None:
    assert MAIN.secrets == {"changesCallbackUrl"}
    assert LOGIC_APPS.secrets == {"functionKey", "teamsWebhookUrl"}
    assert BicepFile(INFRA / "modules" / "function-app.bicep").secrets == {"settings"}


@pytest.mark.parametrize(
    ("name", "special"), [("refresh-and-wait", "oneAlert"), ("subscribe", "oneAlert"), ("morning-changes", "teams")]
)
def test_a_logic_app_is_given_the_parameters_of_its_definition(name: str, special: str) -> None:
    asked = json.loads((INFRA / "logic-apps" / f"{name}.json").read_text())["parameters"]
    block = LOGIC_APPS.text.partition(f"name: 'pim-{name}'")[2].partition("\nresource ")[0]
    assert f"definition: union(loadJsonContent('{name}.json'), {{ actions: {{ " in block
    assert f"parameters: union(common, {special})" in block
    common = list_keys(find_block(LOGIC_APPS.text, "var common = {"))
    [own] = re.findall(rf"var {special} = \{{ (\w+): ", LOGIC_APPS.text)
    assert {name for name, each in asked.items() if "defaultValue" not in each} <= {*common, own} <= asked.keys()


def test_the_extension_is_the_one_that_is_configured() -> None:
    configured = json.loads((INFRA / "bicepconfig.json").read_text())["extensions"]
    assert set(re.findall(r"^extension (\w+)", ALL, re.MULTILINE)) == set(configured)
