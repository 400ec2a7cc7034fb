"""The tools over HTTP for any MCP client (`commontrace mcp-http`): a process of its own beside a store.

It has no key, no memory and no files: what a caller's bearer token allows in the store is what happens.
"""
