"""One answer of a scripted server, and what becomes of the connection that carries it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Literal, Self


@dataclass(frozen=True)
class Answer:
    """What one request gets. The clock writes `Date` unless `headers` does."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wait: float = 0.0
    """Seconds that its Retry-After comes to."""
    breaks: Literal["reset before headers", "reset after headers", "half the body", "no headers", "no end"] | None = (
        None
    )
    """Where the connection breaks, or stays open without another byte until the caller gives up."""

    def written(self, date: datetime) -> tuple[bytes, bytes]:
        """Return the bytes of the head and those of the body."""
        length = {} if self.status in {204, 304} else {"Content-Length": str(len(self.body))}
        headers = {"Date": format_datetime(date, usegmt=True), "Connection": "close", **length, **self.headers}
        lines = [f"HTTP/1.1 {self.status} {self.status}", *(f"{name}: {text}" for name, text in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode(), self.body

    def renamed(self, names: Mapping[str, str]) -> Self:
        """Return the answer with other `names` for the hosts and origins that it speaks of."""
        headers, body = dict(self.headers), self.body
        for name, other in names.items():
            headers = {header: text.replace(name, other) for header, text in headers.items()}
            body = body.replace(name.encode(), other.encode())
        return replace(self, headers=headers, body=body)
