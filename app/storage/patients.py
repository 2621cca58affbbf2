"""Patients of one clinic: sealed, found by blind indexes. No master patient index, on purpose."""

from sqlalchemy import bindparam, insert, select, update

from app.storage import tables as t
from app.storage.statement import Statement

ADD = Statement(insert(t.patient))
ADD_PSEUDONYM = Statement(insert(t.ledger_subject))
OWN = Statement(
    select(t.patient.c.id, t.patient.c.sealed).where(
        t.patient.c.id == bindparam("patient"), t.patient.c.unit_id == bindparam("unit")
    )
)
LOCK_OWN = Statement(
    # Serialises the writes about one patient, so that a revocation of everything meets no half-made consent.
    update(t.patient)
    .where(t.patient.c.id == bindparam("patient"), t.patient.c.unit_id == bindparam("unit"))
    .values(created_at=t.patient.c.created_at)
)
FIND = Statement(
    select(t.patient.c.id, t.patient.c.sealed)
    .where(
        t.patient.c.unit_id == bindparam("unit"),
        t.patient.c.name_index == bindparam("name_index"),
        t.patient.c.birth_index == bindparam("birth_index"),
    )
    .order_by(t.patient.c.created_at, t.patient.c.id)
    .limit(50)
)
DISCLOSER = Statement(
    select(t.patient.c.unit_id, t.ledger_subject.c.pseudonym)
    .select_from(t.patient.join(t.ledger_subject, t.ledger_subject.c.patient_id == t.patient.c.id))
    .where(t.patient.c.id == bindparam("patient"))
)
