"""The emulator as a developer keeps it open beside the editor."""
