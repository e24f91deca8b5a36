"""The fixtures of the hub, and the settings of an app that may refresh."""

import pytest

from tests.hub.conftest import client, stub
from tests.web.http import SETTINGS
from triggers import start_run

__all__ = ["client", "stub"]


@pytest.fixture
def refresh_enabled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start_run, "settings", lambda: SETTINGS._replace(refresh_enabled=True))
