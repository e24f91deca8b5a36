"""Deterministic generators. They only yield: they decide nothing, and use no clock, environment or network."""
