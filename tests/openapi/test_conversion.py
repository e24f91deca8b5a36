"""The app serves what openapi.yaml says."""

from tests.openapi.conversion import JSON_FILE, convert


def test_the_served_document_is_the_written_one() -> None:
    assert JSON_FILE.read_text(encoding="utf-8") == convert(), "Run `.venv/bin/python -m tests.openapi`."
