"""What a caller gave, held to the type that documents it."""

from typing import Any

from msgspec import convert


def converted(value: Any, kind: Any, sentence: str) -> Any:
    """Return `value` when it is a `kind`, a type as msgspec knows them. Raises ValueError with `sentence`."""
    try:
        return convert(value, kind)
    except ValueError as error:
        # A ValidationError as a rule; of half a surrogate pair, which is no UTF-8, a UnicodeEncodeError.
        raise ValueError(sentence) from error
