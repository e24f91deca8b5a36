"""Reads a `.http` file as the REST Client of VS Code does, as far as ours goes, and sends its requests in order.

https://marketplace.visualstudio.com/items?itemName=humao.rest-client
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_VARIABLE = re.compile(r"^@(\w+)\s*=\s*(.*)$", re.MULTILINE)
_NAME = re.compile(r"^#\s*@name\s+(\w+)$", re.MULTILINE)
_PLACE = re.compile(r"\{\{([^{}]+)\}\}")


@dataclass(frozen=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass
class HttpFile:
    """`variables` may be changed before `send`; a place that names nothing known is a `KeyError`."""

    text: str
    variables: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answered] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.variables = dict(_VARIABLE.findall(self.text))

    async def send(self, session: aiohttp.ClientSession) -> dict[str, Answered]:
        """Send every request and return the answers by name."""
        for block in re.split(r"^###.*$", self.text, flags=re.MULTILINE):
            for name in _NAME.findall(block):
                lines = [line for line in block.strip().splitlines() if not line.startswith("#")]
                head, _, body = "\n".join(lines).partition("\n\n")
                first, *headers = self._filled(head).splitlines()
                method, url = first.split(" ", 1)
                sent = dict(re.split(r":\s*", header, maxsplit=1) for header in headers)
                data = self._filled(body).encode() or None
                async with session.request(method, url, headers=sent, data=data) as answer:
                    text = await answer.text()
                    self.answers[name] = Answered(answer.status, answer.headers, json.loads(text) if text else None)
        return self.answers

    def _filled(self, text: str) -> str:
        return _PLACE.sub(lambda place: self._value(place[1]), text)

    def _value(self, path: str) -> str:
        name, *parts = path.split(".")
        if not parts:
            return self._filled(self.variables[name])
        where, *rest = parts[1:]
        if where == "headers":
            return self.answers[name].headers[rest[0]]
        value = self.answers[name].body
        for key in rest[1:]:
            value = value[key]
        return str(value)
