"""The main job, shown as it happens."""
