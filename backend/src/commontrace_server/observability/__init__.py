"""What an operator sees of a store: logs, metrics, errors. Never what people wrote.

The store of one machine has none of it, and imports none of the libraries.
"""
