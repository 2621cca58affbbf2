"""The disclosure ledger, read for the patient's accounting. A clinic's own look is added here, a release never.

What leaves for justice is recorded by the record function alone.
"""

from sqlalchemy import bindparam, insert, select

from app.storage import tables as t
from app.storage.statement import Statement

ADD_CONSULTATION = Statement(insert(t.consultation))
OF_SUBJECT = Statement(
    select(t.disclosure.c.id, t.disclosure.c.unit_id, t.disclosure.c.at, t.disclosure.c.entry, t.disclosure.c.opening)
    .where(
        t.disclosure.c.subject == bindparam("subject"),
        t.disclosure.c.at >= bindparam("from_at"),
        t.disclosure.c.at < bindparam("to_at"),
    )
    .order_by(t.disclosure.c.at, t.disclosure.c.id)
)
