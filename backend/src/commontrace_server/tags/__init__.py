"""Tags: what the traces of a store are about."""
