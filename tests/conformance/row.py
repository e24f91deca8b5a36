"""What a row of the table is made of, and the short forms in which rows are written.

`~` in any text of a row stands for a random prefix of that row alone: of its instances, entities and paths.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

ANY: Any = ...
"""Every value fits."""


@dataclass(frozen=True)
class Base64:
    """The text in base64, once `~` is filled in."""

    text: str


@dataclass(frozen=True)
class Seen:
    """What an answer must be. A `body` of a dict names the members that count, None for one that is absent.

    In a body a regular expression is searched for, a type takes all its values, `ANY` takes everything.
    """

    status: int = 200
    body: Any = ANY
    headers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Ask:
    """One request. `key` is "function", "system", "master" or none. A `body` of bytes is sent as it is, else as JSON.

    `until` asks again until the answer is as expected, for at most the host's `limit_seconds`. `times` sends the
    request so often at one moment, and every answer must fit.
    `raw` is the whole request as it goes over the wire, where a client library would mend it; see `wire`.
    `keep` is a name and a path of the answer's body: `<name>` stands for what is there in all later requests.
    """

    method: str
    path: str
    expected: Seen
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    key: str = "function"
    until: bool = False
    times: int = 1
    raw: str = ""
    keep: Sequence[str] = ()


@dataclass(frozen=True)
class Row:
    """A measured fact. `harm` is what it does to others that use the host: for a host of one's own only."""

    fact: str
    name: str
    asks: Sequence[Ask]
    harm: str = ""

    @property
    def title(self) -> str:
        return f"{self.fact} {self.name}"


def hub(method: str, expected: Any = ANY, *, until: bool = False, keep: Sequence[str] = (), **message: Any) -> Ask:
    """Call a gRPC method of the hub through the app; `expected` is its result, or a `Refusal`."""
    answer = {"result": expected, "error": None}
    if isinstance(expected, Refusal):
        answer = {"error": {"code": expected.code, "text": expected.text}}
    return Ask("POST", f"/api/client/{method}", Seen(body=answer), message, until=until, keep=keep)


@dataclass(frozen=True)
class Refusal:
    code: Any
    text: Any = ANY


def start(instance: str, *steps: list[Any], name: str = "script", expected: Any = ANY, **message: Any) -> Ask:
    """Start the orchestrator `script` with its steps, or another one with the input text `input`."""
    given = {"input": json.dumps(steps)} | message
    return hub("StartInstance", expected, instanceId=instance, name=name, **given)


def read(
    instance: str, status: Any, *, payloads: bool = True, until: bool = False, keep: Sequence[str] = (), **expected: Any
) -> Ask:
    """Read the instance; what it shows must hold `status` and the members `expected`."""
    named = state(status) if isinstance(status, str) else status
    shown = {"exists": True, "orchestrationState": {"orchestrationStatus": named, **expected}}
    return hub("GetInstance", shown, until=until, keep=keep, instanceId=instance, getInputsAndOutputs=payloads)


def state(status: str) -> str:
    return f"ORCHESTRATION_STATUS_{status}"


def ends(instance: str, status: str = "COMPLETED", **expected: Any) -> Ask:
    """Wait until the instance is as `read` expects it."""
    return read(instance, status, until=True, **expected)


def manage(method: str, path: str, status: int, body: Any = ANY, **options: Any) -> Ask:
    """Ask the management API; `path` is below `/runtime/webhooks/durabletask`."""
    headers = options.pop("answered", {})
    path = f"/runtime/webhooks/durabletask/{path}"
    return Ask(method, path, Seen(status, body, headers), options.pop("sent", None), key="system", **options)


def wire(line: str, *fields: str, status: int, body: Any = "", content: str = "") -> Ask:
    """Send a request byte by byte, in Latin-1; the answer has no body unless one is given.

    `{host}`, `{key}` and `{KEY}`, the key in other letter case, are filled in. A `Host` is added where none is given.
    """
    authority = [] if any(each.startswith("Host:") for each in fields) else ["Host: {host}"]
    length = [f"Content-Length: {len(content)}"] if content and "chunked" not in str(fields) else []
    lines = [line, *authority, *fields, *length, "", content]
    return Ask("wire", line[:60], Seen(status, body), raw="\r\n".join(lines))


def fill(value: Any, names: Mapping[str, str]) -> Any:
    """Return `value` with what the names stand for."""
    match value:
        case str():
            for name, meaning in names.items():
                value = value.replace(name, meaning)
        case Base64():
            return base64.b64encode(fill(value.text, names).encode()).decode()
        case list() | tuple():
            return [fill(each, names) for each in value]
        case Mapping():
            return {fill(name, names): fill(each, names) for name, each in value.items()}
    return value
