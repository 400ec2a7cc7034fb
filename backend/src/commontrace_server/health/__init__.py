"""Whether the process is up, ready, and in use."""
