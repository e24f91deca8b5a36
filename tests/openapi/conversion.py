"""openapi.yaml as JSON."""

import json
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).parents[2]
YAML_FILE, JSON_FILE = CHECKOUT / "openapi.yaml", CHECKOUT / "openapi.json"


def convert() -> str:
    """Return the text that openapi.json must have."""
    return (
        json.dumps(yaml.safe_load(YAML_FILE.read_text(encoding="utf-8")), separators=(",", ":"), ensure_ascii=False)
        + "\n"
    )
