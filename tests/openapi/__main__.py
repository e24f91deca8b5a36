"""`python -m tests.openapi`: make openapi.json, which the app serves, of openapi.yaml, which people write."""

from tests.openapi.conversion import JSON_FILE, convert


def main() -> None:
    JSON_FILE.write_text(convert(), encoding="utf-8")


if __name__ == "__main__":
    main()
