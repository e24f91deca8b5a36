"""Whole answers of Graph: a status, headers and a body that fit, or do not, or no HTTP at all."""

from collections.abc import Sequence
from dataclasses import dataclass

from graph.refusals import BY_CALL, REFUSALS
from hypothesis import strategies as st

from tests.fuzz.documents import ERRORS, EVERY, SAMPLES, URLS, bodies
from tests.support.graph_samples import GRAPH

STATUSES = sorted(
    {*REFUSALS, *BY_CALL["refresh"], 100, 101, 199, 204, 206, 299, 300, 304, 400, 418, 451, 501, 600, 999}
)
BAD = 400
CLAIMS = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ=="
KNOWN_HEADERS: dict[str, st.SearchStrategy[str]] = {
    "Location": st.sampled_from(URLS),
    "Retry-After": st.sampled_from(
        ["0", "-1", "0.249", "315", "1e9", "9" * 400, "soon", "Fri, 31 Dec 9999 23:59:59 GMT"]
    ),
    "Date": st.sampled_from(
        ["Fri, 09 Jun 2023 22:52:10 GMT", "Sat, 01 Jan 0100 00:00:00 +2359", "Fri, 31 Dec 9999 23:59:59 -2359", "now"]
    ),
    "request-id": st.sampled_from(["r-1", "x" * 9000]),
    "WWW-Authenticate": st.sampled_from(
        ["Bearer", f'Bearer claims="{CLAIMS}"', 'Bearer claims="e30"', 'claims="W10="']
    ),
    "Content-Type": st.sampled_from(["application/json", "text/html; charset=utf-7", ";;;"]),
    "Set-Cookie": st.sampled_from(["a=b; Path=/; Max-Age=x", "a" * 5000]),
}
FRAMING: dict[str, st.SearchStrategy[str]] = {
    "Content-Encoding": st.sampled_from(["gzip", "deflate", "br", "zstd", "identity", "x"]),
    "Transfer-Encoding": st.sampled_from(["chunked", "gzip, chunked", "x"]),
    "Content-Length": st.sampled_from(["0", "5", "99999999", "-1", "x"]),
    "Connection": st.sampled_from(["close", "keep-alive", "upgrade"]),
}
"""What breaks most answers."""


@dataclass(frozen=True)
class HttpAnswer:
    """Its head is written as Latin-1: beyond ASCII that is no UTF-8, which is what aiohttp reads."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def written(self, base_url: str) -> bytes:
        """Return it all, with `base_url` in place of Graph's."""
        body = self.body.replace(GRAPH.encode(), base_url.encode())
        headers = [(name, text.replace(GRAPH, base_url)) for name, text in self.headers]
        if not {name for name, _ in headers} & {"Content-Length", "Transfer-Encoding"}:
            headers.append(("Content-Length", str(len(body))))
        lines = [f"HTTP/1.1 {self.status} Something", *(f"{name}: {text}" for name, text in headers), "", ""]
        return "\r\n".join(lines).encode("latin-1", errors="replace") + body


def written(answer: HttpAnswer | bytes, base_url: str) -> bytes:
    if isinstance(answer, HttpAnswer):
        return answer.written(base_url)
    return answer.replace(GRAPH.encode(), base_url.encode())


odd_text = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=12)


@st.composite
def _headers(draw: st.DrawFn) -> list[tuple[str, str]]:
    # In most answers, so that a refresh goes on to a look.
    usual = [("Location", URLS[0]), ("Date", "Fri, 09 Jun 2023 22:50:40 GMT")] if draw(st.integers(0, 3)) else []
    names = draw(st.lists(st.sampled_from(list(KNOWN_HEADERS)), max_size=2))
    framing = [] if draw(st.integers(0, 7)) else [draw(st.sampled_from(list(FRAMING)))]
    return [
        *((name, draw(KNOWN_HEADERS[name] | odd_text)) for name in names),
        *((name, draw(FRAMING[name])) for name in framing),
        *usual,
    ]


@st.composite
def _made(draw: st.DrawFn, activity: str) -> HttpAnswer:
    status = draw(st.sampled_from([*[200] * 6, *[202] * 2, None, None])) or draw(st.sampled_from(STATUSES))
    right = ERRORS if status >= BAD else SAMPLES.get(activity, EVERY)
    return HttpAnswer(status, draw(_headers()), draw(bodies(right if draw(st.integers(0, 7)) else EVERY)))


@st.composite
def _struck(draw: st.DrawFn, activity: str) -> bytes:
    """Draw an answer with some bytes struck out of its head, or put into it."""
    whole = draw(_made(activity)).written(GRAPH)
    place = draw(st.integers(0, min(len(whole), 300)))
    return whole[:place] + draw(st.binary(max_size=6)) + whole[place + draw(st.integers(0, 6)) :]


@st.composite
def answers_to(draw: st.DrawFn, activity: str) -> HttpAnswer | bytes:
    """Draw an answer to what `activity` asks."""
    match draw(st.integers(0, 11)):
        case 0:
            return draw(st.binary())
        case 1:
            return draw(_struck(activity))
    return draw(_made(activity))
