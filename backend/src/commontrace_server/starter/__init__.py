"""The starter pack: traces that ship with the store."""
