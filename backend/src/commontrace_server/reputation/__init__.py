"""Reputation: what votes and outcomes say about a trace."""
