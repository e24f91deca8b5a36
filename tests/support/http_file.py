"""Reads a `.http` file as the REST Client of VS Code does, as far as ours goes, and sends its requests in order.

https://marketplace.visualstudio.com/items?itemName=humao.rest-client
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
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


async def send_http_file(text: str, session: aiohttp.ClientSession) -> dict[str, Answered]:
    """Send every request in `text` and return the answers by name. A place that names nothing known is a `KeyError`."""
    variables, answers = dict(_VARIABLE.findall(text)), dict[str, Answered]()

    def fill(part: str) -> str:
        return _PLACE.sub(lambda place: find(*place[1].split(".")), part)

    def find(name: str, *path: str) -> str:
        match path:
            case ():
                return fill(variables[name])
            case "response", "headers", header:
                return answers[name].headers[header]
            case "response", "body", "$", *keys:
                return str(reduce(lambda value, key: value[key], keys, answers[name].body))
        raise KeyError(path)

    for block in re.split(r"^###.*$", text, flags=re.MULTILINE):
        for name in _NAME.findall(block):
            lines = [line for line in block.strip().splitlines() if not line.startswith("#")]
            head, _, body = "\n".join(lines).partition("\n\n")
            first, *headers = fill(head).splitlines()
            method, url = first.split(" ", 1)
            sent = dict(re.split(r":\s*", header, maxsplit=1) for header in headers)
            async with session.request(method, url, headers=sent, data=fill(body).encode() or None) as answer:
                content = await answer.text()
                answers[name] = Answered(answer.status, answer.headers, json.loads(content) if content else None)
    return answers
