"""The disclosure ledger, read for the patient's accounting; written by the record function alone."""

from sqlalchemy import bindparam, select

from app.storage import tables as t
from app.storage.statement import Statement

OF_SUBJECT = Statement(
    select(t.disclosure.c.id, t.disclosure.c.unit_id, t.disclosure.c.at, t.disclosure.c.entry, t.disclosure.c.opening)
    .where(
        t.disclosure.c.subject == bindparam("subject"),
        t.disclosure.c.at >= bindparam("from_at"),
        t.disclosure.c.at < bindparam("to_at"),
    )
    .order_by(t.disclosure.c.at, t.disclosure.c.id)
)
