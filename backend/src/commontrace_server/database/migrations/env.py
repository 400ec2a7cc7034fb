"""Alembic's entry point: runs the revisions on the connection that the program hands over."""

from alembic import context

from commontrace_server.database.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
