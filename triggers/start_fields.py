"""What else a start accepts: for each field the type, which the API documents, and the function that reads it.

Each function returns the value to keep; it raises ValueError with a sentence.
"""

import re
from typing import Annotated, Any

from msgspec import Meta

from domain.callback_url import LONGEST_URL
from domain.settings import LONGEST_RUN_SECONDS
from domain.timestamps import parse_timestamp
from triggers.converted import converted
from triggers.samples import SAMPLE_CALLBACK

MOST_NAMES = 50


OnlyIfChanged = Annotated[
    bool,
    Meta(
        description=(
            "`true`: compare with what the last such run saw of the alert, and say in the result what has `changed`: "
            "active or not, incidents added and removed. The incidents come along."
        ),
        examples=[True],
    ),
]


def only_if_changed(value: Any) -> bool:
    """Return `value`, a boolean."""
    wanted: bool = converted(value, OnlyIfChanged, "must be true or false")
    return wanted


def boolean_in(text: str) -> bool | str:
    """Return the boolean that `text` names, or `text` when it names none."""
    return {"true": True, "false": False}.get(text, text)


ODATA_NAME = "[A-Za-z_][A-Za-z0-9_]{0,127}"
OdataNames = Annotated[list[Annotated[str, Meta(pattern=f"^{ODATA_NAME}$")]], Meta(max_length=MOST_NAMES)]
# No Meta(pattern=…): on a string beside an array in a union it crashes msgspec 0.22, and the interpreter with it.
_TEXT_PATTERN = f"^{ODATA_NAME}(,{ODATA_NAME}){{0,{MOST_NAMES - 1}}}$"
OdataText = Annotated[str, Meta(extra_json_schema={"pattern": _TEXT_PATTERN})]


def odata_names(value: Any) -> list[str]:
    """Return the names in `value`, a list or a comma-separated string of OData names."""
    sentence = (
        f"must be at most {MOST_NAMES} OData property names: a JSON array of strings, "
        "or one string with commas and no blanks"
    )
    names: list[str] = converted(value.split(",") if isinstance(value, str) else value, OdataNames, sentence)
    # To msgspec, as to re.search(), the $ of a pattern stands before a last line break, too.
    if not all(re.fullmatch(ODATA_NAME, name) for name in names):
        raise ValueError(sentence)
    return sorted(set(names))


TimeoutSeconds = Annotated[
    int,
    Meta(
        ge=1,
        le=LONGEST_RUN_SECONDS,
        description="Seconds until the run gives up; the default is the app setting `RUN_TIMEOUT_SECONDS`.",
        examples=[3600],
    ),
]


def timeout_seconds(value: Any) -> int:
    """Return `value` as whole seconds."""
    # To JSON Schema 60.0 is an integer, and some senders know one kind of number only.
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    sentence = f"must be a whole number of seconds from 1 to {LONGEST_RUN_SECONDS}"
    seconds: int = converted(number, TimeoutSeconds, sentence)
    return seconds


def number_in(text: str) -> int | str:
    """Return the whole number that `text` is, or `text` when it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) else text


Moment = Annotated[
    str,
    Meta(
        description="An operation that ended before this time belongs to an earlier scan, and is waited over. A run "
        "that refreshes needs none: it waits for its own scan.",
        examples=["2026-01-31T12:00:00Z"],
        extra_json_schema={"format": "date-time"},
    ),
]


def moment(value: Any) -> str:
    """Return `value`, a time with an offset, in UTC."""
    sentence = "must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z"
    time = parse_timestamp(converted(value, Moment, sentence))
    if time is None:
        raise ValueError(sentence)
    # To the microsecond: cut shorter it would be an earlier time, and let in what is older than was asked.
    return time.isoformat(timespec="microseconds" if time.microsecond % 1000 else "milliseconds").replace("+00:00", "Z")


CallbackUrl = Annotated[
    str,
    Meta(
        max_length=LONGEST_URL,
        description=(
            "Where the ending of the run is posted: https, at a host of the app setting `CALLBACK_ALLOWED_HOSTS`. "
            "It is kept secret: answers and logs show its host at most."
        ),
        examples=[SAMPLE_CALLBACK],
        extra_json_schema={"format": "uri"},
    ),
]
