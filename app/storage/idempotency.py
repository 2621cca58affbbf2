"""Answers kept for 30 days under (client, route, key), written in the transaction of what they answer."""

from sqlalchemy import bindparam, delete, insert, select, text

from app.storage import tables as t
from app.storage.statement import Statement

KEPT = Statement(
    select(t.idempotency.c.fingerprint, t.idempotency.c.status, t.idempotency.c.sealed).where(
        t.idempotency.c.scope == bindparam("scope")
    ),
    behind=text("SELECT fingerprint, status, sealed FROM wall.kept(:scope)"),
)
KEEP = Statement(insert(t.idempotency), behind=text("SELECT wall.keep(:scope, :fingerprint, :status, :sealed)"))
FORGET = Statement(
    delete(t.idempotency).where(t.idempotency.c.created_at < bindparam("before")),
    behind=text("SELECT wall.forget_kept()"),
)
