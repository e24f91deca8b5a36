"""HTML made of the templates beside this file, and the policy that a browser must hold it to.

Jinja escapes whatever a template inserts. Almost all of it comes from Graph, and people typed in some of that.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alert_refresh.pages import words

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")

# The page loads, runs, sends and frames nothing, and has this one style. https://www.w3.org/TR/CSP3/#external-hash
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.globals |= {"words": words, "style": Markup(STYLE)}  # nosec B704  # noqa: S704 - our own file


def render(template: str, **view: object) -> str:
    """Return the HTML of `template`, a file name. A name that the template uses and `view` lacks is an error."""
    return ENVIRONMENT.get_template(template).render(view)
