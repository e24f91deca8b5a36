"""The keys of a Functions app and what each of them opens."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """What a key opens: `MASTER` everything, the others what their name says."""

    FUNCTION = "function"
    SYSTEM = "system"
    MASTER = "master"


def _make_up() -> str:
    return secrets.token_urlsafe(24)


def presented_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """Return a request's credential: `x-functions-key`, else `?code=`. The header wins even when it is empty.

    Source: azure-functions-host AuthenticationLevelHandler.cs.
    """
    code = next((value for name, value in query.items() if name.lower() == "code"), None)
    return headers.get("x-functions-key", code)


@dataclass(frozen=True)
class Keys:
    """Keys not given are random. `function` is the host key, which every function accepts."""

    function: str = field(default_factory=_make_up, repr=False)
    system: str = field(default_factory=_make_up, repr=False)
    master: str = field(default_factory=_make_up, repr=False)
    _used: dict[tuple[str, str], Level] = field(default_factory=dict, init=False, repr=False, compare=False)

    def find_level(self, key: str | None, function: str = "") -> Level | None:
        """Return the level of a key, or None when it is none of ours.

        A key that was used for `function` once is accepted there in any letter case: the host keeps what it found
        in a table that compares without case (measured on the Functions host 4.1037).
        """
        if key is None:
            return None
        place = (key.lower(), function)
        for level, expected in (
            (Level.MASTER, self.master),
            (Level.FUNCTION, self.function),
            (Level.SYSTEM, self.system),
        ):
            if secrets.compare_digest(key.encode(), expected.encode()):
                self._used[place] = level
                return level
        return self._used.get(place)

    def open_function(self, key: str | None, level: str, function: str) -> bool:
        """Whether `key` is enough for `function` of auth level `anonymous`, `function` or `admin`."""
        if level == "anonymous":
            return True
        found = self.find_level(key, function)
        return found is Level.MASTER or (level == "function" and found is Level.FUNCTION)
