"""Everything that can go wrong between this app and Graph. No aiohttp or azure-identity error leaves this room.

GraphError
├── IdentityError             no token could be had
├── GraphUnreachable          no answer: refused, reset, timed out, name or certificate wrong
├── AnswerUnreadable          an answer that is not the JSON object it should be, or too large
├── UntrustedUrl              a URL outside Graph: no token was sent there
└── GraphRefused              an answer with a status other than 2xx
"""


class GraphError(Exception):
    """Root of the tree. The text is for people: it holds no token and no header."""

    retry_after: float | None = None
    """Seconds, or None when Graph did not ask to wait."""


class IdentityError(GraphError):
    """azure-identity gave no token."""


class GraphUnreachable(GraphError):
    """The request got no whole answer. It may or may not have reached Graph."""


class AnswerUnreadable(GraphError):
    """A 2xx answer whose body is not a JSON object, or a body over the size limit."""


class UntrustedUrl(GraphError):
    """A URL that is not under the Graph path it must be under."""


class GraphRefused(GraphError):
    """A status other than 2xx. `code` and `message` are Graph's own, unwrapped; empty when the body had none."""

    def __init__(
        self,
        status: int,
        code: str = "",
        message: str = "",
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id
        self.retry_after = retry_after

    def __str__(self) -> str:
        words = ": ".join(part for part in (self.code, self.message) if part)
        return f"Graph answered HTTP {self.status}" + (f", {words}" if words else "")
