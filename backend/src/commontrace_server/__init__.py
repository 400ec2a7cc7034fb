"""The CommonTrace store."""
