"""The claims challenge of continuous access evaluation.

https://learn.microsoft.com/entra/identity-platform/claims-challenge
"""

import base64
import re

_CLAIMS = re.compile(r'\bclaims="([A-Za-z0-9+/_=-]+)"')


def parse_claims(www_authenticate: str | None) -> str | None:
    """Return the claims (JSON text) that a `WWW-Authenticate` header demands, or None when it demands none."""
    found = _CLAIMS.search(www_authenticate or "")
    if found is None:
        return None
    encoded = found[1].rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
    except ValueError:
        return None
