"""What no grammar sees of the Bicep files: names, modules, versions, roles."""

import json
import re

import pytest

from tests.support.bicep import (
    FUNCTIONS,
    INFRA,
    BicepFile,
    extract_code,
    find_block,
    find_declared,
    find_used,
    list_bicep_files,
    list_keys,
)

MAIN = BicepFile(INFRA / "main.bicep")
LOGIC_APPS = BicepFile(INFRA / "logic-apps" / "main.bicep")
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

each_file = pytest.mark.parametrize("file", list_bicep_files(), ids=lambda file: str(file.path.relative_to(INFRA)))


@each_file
def test_every_name_is_declared_and_every_parameter_and_variable_is_used(file: BicepFile) -> None:
    used, declared = set(find_used(file.code)), find_declared(file.code)
    assert used - declared - FUNCTIONS == set()
    # A resource or module does something without being named again.
    assert set(re.findall(r"^(?:param|var) (\w+)", file.code, re.MULTILINE)) - used == set()


def test_every_module_file_is_deployed_with_the_parameters_that_it_needs() -> None:
    assert {INFRA / path for path in MAIN.modules} == set((INFRA / "modules").glob("*.bicep"))
    for path, params in MAIN.modules.items():
        known, arguments = BicepFile(INFRA / path).params, set(list_keys(params))
        assert arguments <= set(known), path
        assert {name for name, required in known.items() if required} <= arguments, path


def test_a_module_takes_what_another_one_puts_out() -> None:
    symbols = dict(re.findall(r"^module (\w+) '([^']+)'", MAIN.text, re.MULTILINE))
    taken = re.findall(r"(\w+)!?\.outputs\.(\w+)", MAIN.text)
    assert taken
    for symbol, name in taken:
        assert name in BicepFile(INFRA / symbols[symbol]).outputs, f"{symbol}.outputs.{name}"


@each_file
def test_every_file_that_is_loaded_exists_and_no_output_holds_a_secret(file: BicepFile) -> None:
    loaded = re.findall(r"loadJsonContent\('([^']+)'\)", file.text)
    assert [path for path in loaded if not (file.path.parent / path).is_file()] == []
    for value in file.outputs.values():
        assert not file.secrets & set(find_used(extract_code(value)))
        assert "listKeys" not in value


def test_every_identifier_is_that_of_the_role_it_stands_beside() -> None:
    identifier = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    assert dict(re.findall(rf"'([^']+)': '({identifier})'", ALL)) == ROLES
    microsoft_graph = "00000003-0000-0000-c000-000000000000"
    assert set(re.findall(identifier, ALL)) == {*ROLES.values(), microsoft_graph}


def test_outputs_are_in_capitals_as_azd_makes_variables_of_them() -> None:
    for file in (MAIN, LOGIC_APPS):
        assert file.outputs
        assert [name for name in file.outputs if not re.fullmatch(r"[A-Z][A-Z_]+", name)] == []


def test_what_is_a_credential_is_a_secure_parameter() -> None:
    assert MAIN.secrets == {"changesCallbackUrl"}
    assert LOGIC_APPS.secrets == {"functionKey"}
    assert BicepFile(INFRA / "modules" / "function-app.bicep").secrets == {"settings"}


@pytest.mark.parametrize("name", ["poll-alert", "await-alert-webhook"])
def test_a_logic_app_is_given_the_parameters_of_its_definition(name: str) -> None:
    definition = json.loads((INFRA / "logic-apps" / f"{name}.json").read_text())
    assert f"loadJsonContent('{name}.json')" in LOGIC_APPS.text
    assert set(list_keys(find_block(LOGIC_APPS.text, "var parameters = {"))) == set(definition["parameters"])


def test_the_extension_is_the_one_that_is_configured() -> None:
    configured = json.loads((INFRA / "bicepconfig.json").read_text())["extensions"]
    assert set(re.findall(r"^extension (\w+)", ALL, re.MULTILINE)) == set(configured)
