"""Traces: the unit of knowledge, how it is written and read."""
