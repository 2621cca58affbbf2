"""Suspensions of a patient's right to an accounting, at the request of a recipient (45 CFR 164.528(a)(2))."""

from sqlalchemy import bindparam, insert, select

from app.storage import tables as t
from app.storage.data_keys import holds, with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.accounting_suspension))
OF_PATIENT = Statement(
    select(*with_keys(t.accounting_suspension, t.accounting_suspension.c.patient_id))
    .where(t.accounting_suspension.c.patient_id == bindparam("patient"), holds(t.accounting_suspension))
    .order_by(t.accounting_suspension.c.from_at, t.accounting_suspension.c.id)
)
STANDING = Statement(
    select(
        t.accounting_suspension.c.recipient_unit,
        t.accounting_suspension.c.from_at,
        t.accounting_suspension.c.until_at,
        t.accounting_suspension.c.ended_at,
    ).where(
        t.accounting_suspension.c.patient_id == bindparam("patient"),
        t.accounting_suspension.c.until_at > bindparam("at"),
        t.accounting_suspension.c.ended_at.is_(None),
    )
)
"""Those that hide something now."""
