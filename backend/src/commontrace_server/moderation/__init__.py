"""Moderation: the life of a trace, who decides about it, and the log of what was decided."""
