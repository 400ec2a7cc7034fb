"""How often accounts and addresses may ask."""
