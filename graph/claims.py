"""The claims challenge of continuous access evaluation.

https://learn.microsoft.com/entra/identity-platform/claims-challenge
"""

import base64
import json
import re

_CLAIMS = r'\bclaims="([A-Za-z0-9+/_=-]+)"'


def parse_claims(www_authenticate: str | None) -> str | None:
    """Return the claims that a `WWW-Authenticate` header demands, text of a JSON object, or None."""
    found = re.search(_CLAIMS, www_authenticate or "")
    if found is None:
        return None
    encoded = found[1].rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        claims = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True).decode()
        return claims if isinstance(json.loads(claims), dict) else None
    except (ValueError, RecursionError):
        return None
