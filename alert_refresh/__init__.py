"""Everything of the app that is not a function: see docs/design.md."""
