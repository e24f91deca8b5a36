"""The errors of this package. No error of aiohttp or azure-identity leaves it.

GraphError
├── IdentityError       there is no token
├── GraphUnreachable    there is no whole answer: refused, reset, timed out, name or certificate wrong
├── AnswerUnreadable    the answer is not the JSON that it must be, or is too large
├── UntrustedUrl        a URL leads out of Graph: no token was sent there
├── GraphBusy           Graph asks for a longer wait than one call may take
└── GraphRefused        the status is not 2xx
"""


class GraphError(Exception):
    """The root. Its text becomes a part of a sentence for people, so it holds no token and no header."""

    retry_after: float | None = None
    """Graph wants no other request within these seconds; None when it did not say."""
    client_request_id: str | None = None
    """Of the request, also when the error kept it from being sent; None when there was no request."""


class IdentityError(GraphError):
    """azure-identity gave no token."""


class GraphUnreachable(GraphError):
    """There is no whole answer. The request may have reached Graph all the same."""


class AnswerUnreadable(GraphError):
    """The body of a 2xx answer is not what it must be, or is too large."""


class UntrustedUrl(GraphError):
    """The URL is not where it must be in Graph."""


class GraphBusy(GraphError):
    """After a page, Graph asks for a longer wait than one call may take."""


class GraphRefused(GraphError):
    """The status is not 2xx. `code` and `message` are Graph's own; "" when the body has none."""

    def __init__(self, status: int, code: str = "", message: str = "", request_id: str | None = None) -> None:
        self.status = status
        self.code = code
        self.message = message
        self.request_id = request_id

    def __str__(self) -> str:
        words = ": ".join(part for part in (self.code, self.message) if part)
        return f"Graph answered HTTP {self.status}" + (f", {words}" if words else "")
