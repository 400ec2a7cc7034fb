"""Outcomes: whether a trace that was shown has worked."""
