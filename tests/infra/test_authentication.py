"""AUTH_MODE=entra: App Service admits whom an app registration admits. With keys there is nothing of that."""

import json
import re
from typing import Any

import pytest

from alert_refresh.settings import read_settings
from tests.support.bicep import INFRA, BicepFile, find_block, list_keys
from tests.test_architecture import FUNCTIONS

MAIN = BicepFile(INFRA / "main.bicep")
SIGN_IN = BicepFile(INFRA / "modules" / "authentication.bicep")
FUNCTION_APP = BicepFile(INFRA / "modules" / "function-app.bicep").text
LOGIC_APPS = BicepFile(INFRA / "logic-apps" / "main.bicep").text
PLATFORM_SETTINGS = {"OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID", "WEBSITE_AUTH_AAD_ALLOWED_TENANTS"}
"""https://learn.microsoft.com/azure/app-service/configure-authentication-provider-aad"""


def test_the_parameter_has_the_values_of_the_setting_and_reaches_the_app() -> None:
    [values] = re.findall(r"@allowed\(\[([^\]]+)\]\)\nparam authMode string = 'key'", MAIN.text)
    modes = re.findall(r"'(\w+)'", values)
    assert modes == ["key", "entra"]
    for mode in modes:
        read_settings({"AUTH_MODE": mode, "WEBSITE_AUTH_ENABLED": "True"})
    assert "AUTH_MODE: authMode\n" in MAIN.modules["modules/function-app.bicep"]


def test_with_keys_there_is_no_registration_and_no_sign_in() -> None:
    assert "module authentication 'modules/authentication.bicep' = if (authMode == 'entra') {" in MAIN.text
    assert MAIN.text.count("authentication!.outputs") == MAIN.text.count(
        "authMode == 'entra' ? authentication!.outputs"
    )
    assert set(list_keys(find_block(FUNCTION_APP, "var signInSettings = {"))) == PLATFORM_SETTINGS
    assert "settings.AUTH_MODE == 'entra' ? signInSettings : {}" in FUNCTION_APP
    for path in INFRA.rglob("*.bicep"):
        if path != SIGN_IN.path:
            assert "authsettingsV2" not in path.read_text()
            assert "Microsoft.Graph/applications" not in path.read_text()


def test_entra_gives_a_token_to_the_assigned_only() -> None:
    principal = find_block(SIGN_IN.text, "resource servicePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {")
    assert "appId: registration.appId" in principal
    assert "appRoleAssignmentRequired: true" in principal
    roles = find_block(SIGN_IN.text, "appRoles: [\n    {")
    assert "allowedMemberTypes: ['User', 'Application']" in roles
    assert "signInAudience: 'AzureADMyOrg'" in SIGN_IN.text, "of this tenant"


def test_app_service_admits_tokens_for_the_registration_and_nobody_without() -> None:
    [admission] = re.findall(r"globalValidation: \{(.*?)\n      \}", SIGN_IN.text, re.DOTALL)
    assert "requireAuthentication: true" in admission
    assert "unauthenticatedClientAction: 'RedirectToLoginPage'" in admission
    assert "platform: { enabled: true }" in SIGN_IN.text
    assert "allowedAudiences: [registration.appId, audience]" in SIGN_IN.text
    assert "identifierUris: [audience]" in SIGN_IN.text
    assert "requestedAccessTokenVersion: 2" in SIGN_IN.text, "the audience of its tokens is the client id"
    assert SIGN_IN.text.count("issuer\n") == 2, "of people, and of the identity that stands in for a secret"
    assert "environment().authentication.loginEndpoint" in SIGN_IN.text, "in each cloud"


def test_the_one_path_without_a_sign_in_is_the_route_that_needs_no_key() -> None:
    [paths] = re.findall(r"excludedPaths: \[([^\]]*)\]", SIGN_IN.text)
    anonymous = [function["route"] for function in FUNCTIONS.values() if function.get("authLevel") == "ANONYMOUS"]
    assert re.findall(r"'([^']+)'", paths) == [f"/api/{route}" for route in anonymous] == ["/api/health"]


def test_the_registration_has_no_secret_and_the_identity_of_the_app_stands_in_for_one() -> None:
    assert "clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'" in SIGN_IN.text
    assert "OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identityClientId" in FUNCTION_APP
    assert "subject: identityPrincipalId" in SIGN_IN.text
    assert not re.search(r"passwordCredentials|keyCredentials|listKeys", SIGN_IN.text)


def test_the_redirect_leads_to_the_host_name_that_the_site_has() -> None:
    """It is not always <name>.azurewebsites.net: a new site may get a unique name."""
    assert "redirectUris: ['${appUri}/.auth/login/aad/callback']" in SIGN_IN.text
    assert "appUri: functionApp.outputs.uri" in MAIN.modules["modules/authentication.bicep"]
    assert "output uri string = 'https://${app.properties.defaultHostName}'" in FUNCTION_APP


@pytest.mark.parametrize(
    ("name", "action", "parts"),
    [
        ("refresh-and-wait", "Refresh_alert", []),
        ("subscribe", "Refresh_alert", ["subscribe", "unsubscribe"]),
        ("morning-changes", "Refresh_all_alerts", []),
    ],
)
def test_a_logic_app_calls_with_its_identity_where_it_has_an_audience(name: str, action: str, parts: list[str]) -> None:
    assert (
        "var call = empty(audience) ? {} : { authentication: { type: 'ManagedServiceIdentity', audience: audience } }"
        in LOGIC_APPS
    )
    inputs = "{ " + ", ".join(f"{part}: call" for part in parts) + " }" if parts else "call"
    addition = f"union(loadJsonContent('{name}.json'), {{ actions: {{ {action}: {{ inputs: {inputs} }} }} }})"
    block = LOGIC_APPS.partition(f"name: 'pim-{name}'")[2].partition("\nresource ")[0]
    assert addition in block
    assert "identity: { type: 'SystemAssigned' }" in block

    calls: dict[str, Any] = json.loads((INFRA / "logic-apps" / f"{name}.json").read_text())["actions"][action]["inputs"]
    key = "concat('?code=', encodeURIComponent(parameters('functionKey')))"
    for call in [calls[part] for part in parts] or [calls]:
        assert call["uri"].endswith(f"@{{if(empty(parameters('functionKey')), '', {key})}}")
