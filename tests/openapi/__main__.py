"""`python -m tests.openapi`: make openapi.json, which the app serves, of openapi.yaml, which people write."""

import json
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).parents[2]
YAML_FILE, JSON_FILE = CHECKOUT / "openapi.yaml", CHECKOUT / "openapi.json"


def convert() -> str:
    """Return the text that openapi.json must have."""
    document = yaml.safe_load(YAML_FILE.read_text(encoding="utf-8"))
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False) + "\n"


if __name__ == "__main__":
    JSON_FILE.write_text(convert(), encoding="utf-8")
