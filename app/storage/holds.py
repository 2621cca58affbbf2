"""Legal holds: while one stands nothing of the patient is shredded (domain rules 2.4)."""

from sqlalchemy import bindparam, func, insert, select, update

from app.storage import tables as t
from app.storage.data_keys import with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.legal_hold))
OF_PATIENT = Statement(
    select(*with_keys(t.legal_hold, t.legal_hold.c.patient_id))
    .where(t.legal_hold.c.patient_id == bindparam("patient"))
    .order_by(t.legal_hold.c.placed_at, t.legal_hold.c.id)
)
STANDING = Statement(
    select(func.count().label("holds")).where(
        t.legal_hold.c.patient_id == bindparam("patient"), t.legal_hold.c.lifted_at.is_(None)
    )
)
LIFT = Statement(
    update(t.legal_hold)
    .where(t.legal_hold.c.id == bindparam("hold"), t.legal_hold.c.lifted_at.is_(None))
    .values(lifted_at=bindparam("at"), sealed=bindparam("said"))
)
