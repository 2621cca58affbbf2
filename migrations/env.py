"""Alembic environment: the URL comes from the caller; PostgreSQL gets a lock and timeouts (docs/operations.md)."""

from alembic import context
from sqlalchemy import Connection, text

from app.storage.tables import metadata


def _run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.execute(text("SELECT pg_advisory_lock(7307, 1)"))
        connection.commit()
    context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
