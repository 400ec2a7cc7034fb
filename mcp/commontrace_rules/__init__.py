"""Rules that client and store both apply; standard library only."""
