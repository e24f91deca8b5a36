"""Recorded histories of runs, by version: what a released version began must go on in the present code."""
