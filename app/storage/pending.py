"""Revocations with the instant at which each was entered: until then nobody could act on it."""

from sqlalchemy import bindparam, select

from app.storage import tables as t
from app.storage.statement import Statement

ENTERED = Statement(
    select(t.revocation.c.created_at, t.revocation.c.requested_at, t.revocation.c.selection)
    .where(t.revocation.c.consent_id == bindparam("consent"))
    .order_by(t.revocation.c.id)
)
