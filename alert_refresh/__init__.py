"""The app's own code. The functions are in the folders beside this package: see docs/design.md."""
