"""Text as .NET counts and sends it: in UTF-16 code units, two for a character beyond U+FFFF."""


def utf16_length(text: str) -> int:
    """Return the number of code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def has_lone_surrogate(text: str) -> bool:
    """Tell whether `text` cannot be sent as UTF-8."""
    return replace_lone_surrogates(text) != text


def replace_lone_surrogates(text: str) -> str:
    """Return `text` with U+FFFD for each half of a surrogate pair that stands alone."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
