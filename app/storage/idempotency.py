"""Answers kept for 30 days under (client, route, key), written in the transaction of what they answer."""

from sqlalchemy import bindparam, delete, insert, select

from app.storage import tables as t
from app.storage.statement import Statement

KEPT = Statement(select(t.idempotency).where(t.idempotency.c.scope == bindparam("scope")))
KEEP = Statement(insert(t.idempotency))
FORGET = Statement(delete(t.idempotency).where(t.idempotency.c.created_at < bindparam("before")))
