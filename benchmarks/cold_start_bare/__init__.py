"""The app that a cold start of ours is measured against."""
