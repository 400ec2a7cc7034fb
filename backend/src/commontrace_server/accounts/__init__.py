"""Accounts: who is asking, by which key, and what that allows."""
