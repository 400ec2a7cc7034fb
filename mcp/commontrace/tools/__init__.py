"""What the model can call: a FastMCP server over the same runtime that the hooks use."""
