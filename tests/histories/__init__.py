"""Histories as released versions of the orchestrators made them, one folder a version, for today's code to replay."""
