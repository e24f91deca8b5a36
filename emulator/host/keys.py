"""The keys of a Functions app and what each of them opens."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field


def _made_up() -> str:
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

    function: str = field(default_factory=_made_up, repr=False)
    system: str = field(default_factory=_made_up, repr=False)
    master: str = field(default_factory=_made_up, repr=False)

    def opens_function(self, key: str | None, level: str) -> bool:
        """Whether `key` is enough for a function of auth level `anonymous`, `function` or `admin`."""
        if level == "anonymous":
            return True
        return self.is_master(key) or (level == "function" and self.is_function(key))

    def is_function(self, key: str | None) -> bool:
        return _same(key, self.function)

    def is_system(self, key: str | None) -> bool:
        return _same(key, self.system)

    def is_master(self, key: str | None) -> bool:
        return _same(key, self.master)


def _same(presented: str | None, expected: str) -> bool:
    return presented is not None and secrets.compare_digest(presented.encode(), expected.encode())
