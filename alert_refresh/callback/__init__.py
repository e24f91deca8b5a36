"""The only HTTP to a caller's callback URL."""
