"""Durable entities. They call pure functions, and use no settings, network or clock."""
