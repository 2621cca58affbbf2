"""Patients of one clinic: sealed, found by blind indexes. No master patient index, on purpose."""

from sqlalchemy import bindparam, insert, literal_column, select, update

from app.storage import tables as t
from app.storage.data_keys import with_key
from app.storage.statement import Statement
from app.storage.together import PATIENTS

_MERGED_INTO = (
    select(t.patient_merge.c.survivor_id)
    .where(t.patient_merge.c.merged_id == t.patient.c.id, t.patient_merge.c.undone_at.is_(None))
    .correlate(t.patient)
    .limit(1)
    .scalar_subquery()
    .label("merged_into")
)
_KNOWN = t.patient.c.erased_at.is_(None)
"""One who was erased is nobody."""
_SEALED = with_key(t.patient.c.sealed, t.patient.c.id)
ADD = Statement(insert(t.patient))
ADD_PSEUDONYM = Statement(insert(t.ledger_subject))
OWN = Statement(
    select(t.patient.c.id, _SEALED, _MERGED_INTO).where(
        t.patient.c.id == bindparam("patient"), t.patient.c.unit_id == bindparam("unit"), _KNOWN
    )
)
# So many are few and a clinic's are not: SQLite, without statistics, would read all of the clinic's.
_OF_UNIT = t.patient.c.unit_id.concat(literal_column("''")) == bindparam("unit")
OWN_TOGETHER = Statement(
    select(t.patient.c.id.label("asked"), t.patient.c.id, _SEALED, _MERGED_INTO).where(
        t.patient.c.id.in_(PATIENTS), _OF_UNIT, _KNOWN
    )
)
LOCK_TOGETHER = Statement(
    # The lock of LOCK_OWN on many, taken in the order of their ids. SQLite has no such clause and one writer.
    select(t.patient.c.id)
    .where(t.patient.c.id.in_(PATIENTS), _OF_UNIT, _KNOWN)
    .order_by(t.patient.c.id)
    .with_for_update(key_share=True)
)
LOCK_OWN = Statement(
    # Serialises the writes about one patient, so that a revocation of everything meets no half-made consent.
    update(t.patient)
    .where(t.patient.c.id == bindparam("patient"), t.patient.c.unit_id == bindparam("unit"), _KNOWN)
    .values(created_at=t.patient.c.created_at)
)
REWRITE = Statement(
    update(t.patient).where(t.patient.c.id == bindparam("patient"), _KNOWN).values(sealed=bindparam("sealed_"))
)
FIND = Statement(
    select(t.patient.c.id, _SEALED, _MERGED_INTO)
    .where(
        t.patient.c.unit_id == bindparam("unit"),
        t.patient.c.name_index == bindparam("name_index"),
        t.patient.c.birth_index == bindparam("birth_index"),
        _KNOWN,
    )
    .order_by(t.patient.c.created_at, t.patient.c.id)
    .limit(50)
)
DISCLOSER = Statement(
    select(t.patient.c.unit_id, t.ledger_subject.c.pseudonym)
    .select_from(t.patient.join(t.ledger_subject, t.ledger_subject.c.patient_id == t.patient.c.id))
    .where(t.patient.c.id == bindparam("patient"))
)
