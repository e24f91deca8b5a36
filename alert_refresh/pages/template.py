"""HTML from the templates beside this file, and its Content-Security-Policy.

Jinja escapes every text that a template inserts. Almost all of them come from Graph, and people wrote some of those.
"""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from alert_refresh.pages.words import split_words

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")

# The page loads, runs, sends and frames nothing, and has this one style. https://www.w3.org/TR/CSP3/#external-hash
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def render(template: str, **view: object) -> str:
    """Return the HTML of `template`, a file name. It is an error when `view` lacks a name that the template uses."""
    return _load_environment().get_template(template).render(view)


@cache
def _load_environment() -> "Environment":
    # Imported for the first page: not every start of the app needs it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["style"] = Markup(STYLE)  # nosec B704  # noqa: S704 - our own file
    environment.filters["split_words"] = split_words
    return environment
