"""Everything that can go wrong between this app and Graph. No aiohttp or azure-identity error leaves this package.

GraphError
├── IdentityError       there is no token
├── GraphUnreachable    there is no whole answer: refused, reset, timed out, name or certificate wrong
├── AnswerUnreadable    the answer is not the JSON that it must be, or is too large
├── UntrustedUrl        a URL that leads out of Graph: no token was sent there
├── GraphBusy           Graph asks for a longer wait than one call may take
└── GraphRefused        the status is not 2xx
"""


class GraphError(Exception):
    """Root of the tree. The text is a part of a sentence for people: it holds no token and no header."""

    retry_after: float | None = None
    """Seconds that Graph asked to wait; None when it did not ask."""
    client_request_id: str | None = None
    """Of the request, also when the error kept it from being sent; None when there was no request."""


class IdentityError(GraphError):
    """azure-identity gave no token."""


class GraphUnreachable(GraphError):
    """The request got no whole answer. It may or may not have reached Graph."""


class AnswerUnreadable(GraphError):
    """An answer with status 2xx says something else than it must, or more than there is room for."""


class UntrustedUrl(GraphError):
    """A URL that is not under the Graph path it must be under."""


class GraphBusy(GraphError):
    """A 2xx answer asks to wait so long before the next page that one call cannot."""


class GraphRefused(GraphError):
    """A status other than 2xx. `code` and `message` are Graph's own, unwrapped; empty when the body had none."""

    def __init__(self, status: int, code: str = "", message: str = "", request_id: str | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id

    def __str__(self) -> str:
        words = ": ".join(part for part in (self.code, self.message) if part)
        return f"Graph answered HTTP {self.status}" + (f", {words}" if words else "")
