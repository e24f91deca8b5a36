"""The query of a request, read from its URL.

The Functions host joins a repeated parameter with commas and drops an empty one before the app sees either:
https://github.com/Azure/azure-functions-host, GrpcMessageConversionExtensions.cs.
"""

from urllib.parse import parse_qsl

OF_THE_HOST = frozenset({"code", "clientid"})
"""Parameters of the host's own, in lower case: the function key, and its name."""


def query_pairs(url: str) -> list[tuple[str, str]]:
    """Return the names and values in the query of `url` as they were sent, repeated and empty ones too.

    The host's own are left out. Bytes that are not UTF-8 become lone surrogates, which no parameter accepts.
    """
    # Not urlsplit(), which takes a bare # for the beginning of a fragment.
    query = url.partition("?")[2]
    pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return [(name, value) for name, value in pairs if name.lower() not in OF_THE_HOST]
