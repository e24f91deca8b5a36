"""`Idempotency-Key`: the same key is the same run. https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/."""

import re
from typing import Annotated

import azure.functions as func
from msgspec import Meta

from triggers.endpoint import Parameter

HEADER = "Idempotency-Key"
LONGEST_KEY = 255

# The draft wants a string of RFC 8941, in quotes; most callers send the bare key. The host joins a repeated header with
# commas, so that a bare key can hold none.
_QUOTED = r'"((?:[^"\\]|\\["\\])*)"'
_BARE = r'[^",]+'
_VISIBLE = rf"[!-~]{{1,{LONGEST_KEY}}}"

IDEMPOTENCY_KEY = Parameter(
    HEADER,
    "header",
    Annotated[
        str,
        Meta(
            min_length=1,
            pattern=r'^("([!#-\[\]-~]|\\["\\]){1,255}"|[!#-+\--~]{1,255})$',
            description=(
                "The same key is the same run, alive or ended, for as long as the run is kept; with another question "
                "it is refused with 422. 1 to 255 visible ASCII characters, in double quotes or bare; a bare key holds "
                "no comma and no double quote. Without a key, a question that is asked again joins its run while that "
                "is alive, and starts a new one after."
            ),
            examples=['"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
        ),
    ],
)


def idempotency_key(request: func.HttpRequest) -> str | None:
    """Return the caller's key without its quotes, or None when there is none. Raises ValueError with a sentence."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    quoted = re.fullmatch(_QUOTED, given)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else given
    if not re.fullmatch(_VISIBLE, key) or not (quoted or re.fullmatch(_BARE, key)):
        raise ValueError(
            f"must be one key of 1 to {LONGEST_KEY} visible ASCII characters, in double quotes when it holds a comma"
        )
    return key
