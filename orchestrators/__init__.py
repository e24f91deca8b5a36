"""Deterministic generators. They yield; they decide nothing and touch no clock, environment or network."""
