"""How the body of a start may be sent: its size, its media type, its encoding."""

import json

import pytest
from triggers.json_body import BodyTooLarge, MediaTypeUnsupported
from triggers.start_request import parse_start

from tests.support.graph_samples import OPERATION_ID
from tests.triggers.questions import CHOSEN, NOW, ask, request

BASE = {"operationId": OPERATION_ID}
BODY = json.dumps(BASE).encode()


def sent(body: bytes = BODY, **headers: str) -> str:
    """Return the id of the run that `body` asks for; the headers' names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return parse_start(request(body, headers=named), CHOSEN, NOW)[0]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;charset="UTF-8"',
        "application/json; odata=verbose",
        "application/problem+json",
        "application/vnd.api+json; charset=utf-8",
    ],
)
def test_json_by_every_name_is_taken(content_type: str) -> None:
    assert sent(Content_Type=content_type) == ask(BASE)[0]


def test_a_body_of_no_type_is_taken_for_json() -> None:
    assert sent() == ask(BASE)[0]


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/octet-stream",
        "application/xml",
        "application/jsonp",
        "application/json+xml",
        "application/+json",
        "application/json, application/json",
        "json",
        "application/json; charset=utf-16",
        "application/json; charset=iso-8859-1",
        "application/json; charset=",
        "application/json; charset*=utf-8''utf-16",
    ],
)
def test_another_media_type_is_told_what_to_send(content_type: str) -> None:
    with pytest.raises(MediaTypeUnsupported, match="Content-Type: application/json"):
        sent(Content_Type=content_type)


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_a_body_as_it_is_is_taken(coding: str) -> None:
    assert sent(Content_Encoding=coding) == ask(BASE)[0]


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip", "x"])
def test_a_coded_body_is_told_to_come_as_it_is(coding: str) -> None:
    with pytest.raises(MediaTypeUnsupported, match="without a Content-Encoding"):
        sent(Content_Encoding=coding)


def test_without_a_body_its_headers_mean_nothing() -> None:
    """PowerShell and others say that they send a form when they send nothing."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip", "Content-Length": "0"}
    assert parse_start(request(query=BASE, headers=headers), CHOSEN, NOW)[0] == ask(BASE)[0]


def test_a_byte_order_mark_is_passed_over() -> None:
    assert sent(b"\xef\xbb\xbf" + BODY) == ask(BASE)[0]


def test_the_largest_body_is_taken_and_a_larger_one_is_not() -> None:
    blanks = b" " * (64 * 1024 - len(BODY))
    assert sent(BODY + blanks) == ask(BASE)[0]
    with pytest.raises(BodyTooLarge, match="65537 bytes; at most 65536"):
        sent(BODY + blanks + b" ")


def test_a_body_that_is_too_large_is_not_looked_into() -> None:
    with pytest.raises(BodyTooLarge):
        sent(b"\xff" * 70_000, Content_Type="text/plain")
