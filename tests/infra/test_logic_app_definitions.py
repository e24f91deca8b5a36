"""The workflow definitions keep the rules of the language and the promises of their README; and the rules bite."""

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.support.logic_app import load_definition
from tests.support.logic_app.definition import FOLDER
from tests.support.logic_app.duration import seconds
from tests.support.workflow_rules import SCHEMA, faults

NAMES = ["await-alert-webhook", "poll-alert"]

type Definition = dict[str, Any]


def test_every_definition_in_the_folder_is_tested() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_definition_keeps_the_rules(name: str) -> None:
    assert faults(load_definition(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_app_gives_up_before_the_action_does(name: str) -> None:
    definition = load_definition(name)
    limit = definition["actions"]["Await_alert"]["limit"]["timeout"]
    assert seconds(limit) > definition["parameters"]["timeoutSeconds"]["defaultValue"]


def test_the_definitions_ask_for_the_same_parameters() -> None:
    assert load_definition("poll-alert")["parameters"] == load_definition("await-alert-webhook")["parameters"]


def test_the_readme_tells_every_parameter_and_deploys_those_without_a_default() -> None:
    readme = (FOLDER / "README.md").read_text()
    parameters = load_definition("poll-alert")["parameters"]

    assert all(f"| `{name}` |" in readme for name in parameters)
    deployed = set(re.findall(r"(\w+): \{ value:", readme))
    assert deployed == {name for name, each in parameters.items() if "defaultValue" not in each}


def test_the_poller_leaves_the_asynchronous_pattern_on_and_the_key_out_of_the_headers() -> None:
    action = load_definition("poll-alert")["actions"]["Await_alert"]
    assert "operationOptions" not in action
    assert action["inputs"]["queries"] == {"code": "@parameters('functionKey')"}
    assert set(action["inputs"]["headers"]) == {"Content-Type", "Idempotency-Key"}


def test_the_schema_of_the_rules_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


def at(path: str, value: Any) -> Callable[[Definition], None]:
    """Return what puts `value` at `path`, whose keys are separated by spaces."""

    def put(definition: Definition) -> None:
        *parents, last = path.split()
        for parent in parents:
            definition = definition.setdefault(parent, {})
        definition[last] = value

    return put


def without(path: str) -> Callable[[Definition], None]:
    """Return what takes `path` away."""

    def take(definition: Definition) -> None:
        *parents, last = path.split()
        for parent in parents:
            definition = definition[parent]
        del definition[last]

    return take


def nested(depth: int) -> dict[str, Any]:
    """Return a condition that holds a condition, and so on, `depth` of them."""
    within = {f"If_{depth}": nested(depth - 1)} if depth > 1 else {}
    return {"type": "If", "expression": "@null", "actions": within, "runAfter": {}}


COMPOSE = {"type": "Compose", "inputs": "", "runAfter": {}}
AWAIT = "actions Await_alert"

# Each takes the good poll-alert, does one thing wrong, and names a part of the fault.
WRONG: dict[str, tuple[Callable[[Definition], None], str]] = {
    "another schema": (at("$schema", "https://example.com/"), "was expected"),
    "no content version": (without("contentVersion"), "'contentVersion' is a required property"),
    "a content version of three": (at("contentVersion", "1.0.0"), "does not match"),
    "an unknown section": (at("variables", {}), "'variables' was unexpected"),
    "no trigger": (at("triggers", {}), "/triggers: {} "),
    "an unknown trigger": (at("triggers When_called type", "Timer"), "/triggers/When_called/type: 'Timer'"),
    "a trigger with an unknown property": (at("triggers When_called inputs verb", "GET"), "'verb' was unexpected"),
    "a recurrence without a schedule": (at("triggers T", {"type": "Recurrence"}), "'recurrence' is a required"),
    "an unknown parameter type": (at("parameters operationId type", "Text"), "'Text' is not one of"),
    "a parameter name with a space": (lambda d: d["parameters"].update({"a b": {"type": "String"}}), "'a b'"),
    "a default for a secret": (at("parameters functionKey defaultValue", "k"), "/parameters/functionKey/defaultValue"),
    "a default of the wrong type": (at("parameters timeoutSeconds defaultValue", "1h"), "'1h' is not of type"),
    "a parameter without a description": (without("parameters operationId metadata description"), "'description'"),
    "51 parameters": (
        lambda d: d["parameters"].update({f"p{n}": {"type": "String"} for n in range(51)}),
        "/parameters",
    ),
    "an unknown action type": (at("actions X", {**COMPOSE, "type": "Email"}), "/actions/X/type: 'Email'"),
    "an action name with a space": (lambda d: d["actions"].update({"a b": COMPOSE}), "'a b'"),
    "an action name of 81 characters": (at("actions " + "a" * 81, COMPOSE), "is too long"),
    "a description of 257 characters": (at("actions Alert description", "a" * 257), "is too long"),
    "no runAfter": (without("actions Alert runAfter"), "'runAfter' is a required property"),
    "an unknown status": (at("actions Alert runAfter Await_alert", ["Done"]), "'Done' is not one of"),
    "no status": (at("actions Alert runAfter Await_alert", []), "/actions/Alert/runAfter/Await_alert"),
    "an unknown property of an action": (at(f"{AWAIT} timeout", "PT1H"), "'timeout' was unexpected"),
    "a limit that is no duration": (at(f"{AWAIT} limit timeout", "2h"), "'2h' does not match"),
    "a limit without a number": (at(f"{AWAIT} limit timeout", "PT"), "'PT' does not match"),
    "a limit of a Compose": (at("actions Alert limit timeout", "PT1H"), "/actions/Alert/limit"),
    "an unknown option": (at(f"{AWAIT} operationOptions", "Async"), "'Async' is not one of"),
    "an option of a Compose": (at("actions Alert operationOptions", "DisableAsyncPattern"), "operationOptions"),
    "an unknown verb": (at(f"{AWAIT} inputs method", "SEND"), "'SEND' is not one of"),
    "no URI": (without(f"{AWAIT} inputs uri"), "'uri' is a required property"),
    "a header that is a number": (at(f"{AWAIT} inputs headers Age", 1), "1 is not of type 'string'"),
    "an unknown retry policy": (at(f"{AWAIT} inputs retryPolicy", {"type": "often"}), "retryPolicy"),
    "a retry policy without a count": (
        at(f"{AWAIT} inputs retryPolicy", {"type": "fixed", "interval": "PT5S"}),
        "retry",
    ),
    "91 retries": (
        at(f"{AWAIT} inputs retryPolicy", {"type": "fixed", "interval": "PT5S", "count": 91}),
        "retryPolicy",
    ),
    "hiding what cannot be hidden": (
        at("actions Alert runtimeConfiguration secureData properties", ["outputs"]),
        "'inputs' was expected",
    ),
    "hiding an unknown part": (at(f"{AWAIT} runtimeConfiguration secureData properties", ["headers"]), "'headers'"),
    "hiding in a Terminate": (
        at("actions End_as_failed runtimeConfiguration secureData properties", ["inputs"]),
        "/actions/End_as_failed/runtimeConfiguration",
    ),
    "an unknown run status": (at("actions End_as_failed inputs runStatus", "Broken"), "'Broken' is not one of"),
    "an error of a success": (at("actions End_as_failed inputs runStatus", "Succeeded"), "runError"),
    "an error without a message": (without("actions End_as_failed inputs runError message"), "'message' is a required"),
    "a condition without a branch": (
        at("actions X", {"type": "If", "expression": "@null", "runAfter": {}}),
        "'actions'",
    ),
    "a webhook with queries": (
        at("actions X", {"type": "HttpWebhook", "runAfter": {}, "inputs": {"subscribe": {"queries": {}}}}),
        "/actions/X/inputs/subscribe",
    ),
    "nothing to run after": (at("actions Alert runAfter", {"Nothing": ["Succeeded"]}), "no such action beside it"),
    "a circle": (
        at(f"{AWAIT} runAfter", {"Alert": ["Succeeded"]}),
        "/actions/Await_alert/runAfter: it waits for itself",
    ),
    "two actions of a name": (
        at("actions X", {"type": "If", "expression": "@null", "actions": {"Alert": COMPOSE}, "runAfter": {}}),
        "/actions/X/actions/Alert: a second action",
    ),
    "501 actions": (lambda d: d["actions"].update({f"a{n}": COMPOSE for n in range(501)}), "500 are allowed"),
    "nine levels": (at("actions X", nested(9)), "9 levels deep"),
    "an unclosed expression": (at("actions Alert inputs id", "@body('Await_alert'"), "/actions/Alert/inputs/id"),
    "an unclosed interpolation": (at("actions Alert inputs id", "a @{body('Await_alert')"), "is not closed"),
    "text after an expression": (
        at("actions Alert inputs id", "@body('Await_alert')/x"),
        "goes on after its end, at '/x'",
    ),
    "an expression in text without braces": (at("actions Alert inputs id", "id @body('Await_alert')"), "@{…}"),
    "double quotes": (at("actions Alert inputs id", '@body("Await_alert")'), "cannot be read"),
    "an expression of 8193 characters": (at("actions Alert inputs id", f"@concat('{'a' * 8183}')"), "8192 characters"),
    "an unknown function": (at("actions Alert inputs id", "@uuid5('x')"), "the function uuid5 is unknown"),
    "an unknown parameter": (at("actions Alert inputs id", "@parameters('nope')"), "there is no parameter nope"),
    "a parameter that nothing uses": (
        at("parameters spare", {"type": "String", "metadata": {"description": "Spare."}}),
        "/parameters/spare: nothing uses it",
    ),
    "an action that does not exist": (at("actions Alert inputs id", "@body('Nope')"), "Nope does not end before"),
    "an action that runs later": (at("actions Alert inputs id", "@outputs('Answer')"), "Answer does not end before"),
    "a callback URL outside of a webhook": (at("actions Alert inputs id", "@listCallbackUrl()"), "only in subscribe"),
    "action() outside of a webhook": (at("actions Alert inputs id", "@action()"), "only in unsubscribe"),
    "a key in the run history": (without(f"{AWAIT} runtimeConfiguration"), "its inputs are shown"),
    "a key in the outputs": (
        at(f"{AWAIT} runtimeConfiguration secureData properties", ["inputs"]),
        "its outputs are shown",
    ),
}


@pytest.mark.parametrize(("spoil", "told"), WRONG.values(), ids=WRONG)
def test_each_rule_bites(spoil: Callable[[Definition], None], told: str) -> None:
    definition = copy.deepcopy(load_definition("poll-alert"))
    spoil(definition)

    found = faults(definition)

    assert any(told in fault for fault in found), found


# The same for what only a webhook has.
WRONG_WEBHOOKS: dict[str, tuple[Callable[[Definition], None], str]] = {
    "no subscribe": (without(f"{AWAIT} inputs subscribe"), "'subscribe' is a required property"),
    "an unsubscribe without a verb": (without(f"{AWAIT} inputs unsubscribe method"), "/actions/Await_alert/inputs"),
    "the callback URL in unsubscribe": (at(f"{AWAIT} inputs unsubscribe body", "@listCallbackUrl()"), "in subscribe"),
    "action() in subscribe": (at(f"{AWAIT} inputs subscribe body id", "@action()"), "action() answers only in"),
    "a callback URL in the run history": (without(f"{AWAIT} runtimeConfiguration"), "its inputs are shown"),
    "an inner action after an outer one": (
        at("actions There_is_an_alert actions Alert runAfter", {"Answer": ["Succeeded"]}),
        "no such action beside it",
    ),
    "a condition with inputs": (at("actions There_is_an_alert inputs", {}), "/actions/There_is_an_alert/inputs"),
}


@pytest.mark.parametrize(("spoil", "told"), WRONG_WEBHOOKS.values(), ids=WRONG_WEBHOOKS)
def test_each_rule_for_webhooks_bites(spoil: Callable[[Definition], None], told: str) -> None:
    definition = copy.deepcopy(load_definition("await-alert-webhook"))
    spoil(definition)

    found = faults(definition)

    assert any(told in fault for fault in found), found
