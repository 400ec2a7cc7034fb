"""Votes: what accounts think of a trace."""
