"""The activities: one side effect each. Each has a file with its name."""
