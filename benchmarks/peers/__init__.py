"""What one would pick instead, run by a Python of its own: the SDK for Graph beta takes hundreds of megabytes."""
