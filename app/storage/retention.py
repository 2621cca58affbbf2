"""The technical log, read and shortened for its retention alone; the disclosure ledger is not touched here."""

from typing import Final

from sqlalchemy import and_, bindparam, delete, exists, or_, select, union

from app.storage import tables as t
from app.storage.statement import Statement
from app.vocabulary.calendar import DAY_US

LEAST_US: Final = 365 * DAY_US
"""What the trigger of the table insists on, whatever a profile says (migration 0007)."""

UNITS = Statement(select(t.unit.c.id, t.unit.c.time_zone).order_by(t.unit.c.id))
PROFILES = Statement(
    union(select(t.unit.c.id, t.unit.c.profile), select(t.unit_profile.c.unit_id, t.unit_profile.c.profile))
)
"""Every profile that a unit works or ever worked under."""

_RELEASED = exists().where(t.disclosure.c.consultation_id == t.consultation.c.id)
PAGE = Statement(
    select(t.consultation.c.id, t.consultation.c.at, t.consultation.c.entry)
    .where(
        t.consultation.c.unit_id == bindparam("unit"),
        t.consultation.c.at <= bindparam("until"),
        or_(
            t.consultation.c.at > bindparam("after_at"),
            and_(t.consultation.c.at == bindparam("after_at"), t.consultation.c.id > bindparam("after_id")),
        ),
        ~_RELEASED,
    )
    .order_by(t.consultation.c.at, t.consultation.c.id)
    .limit(bindparam("most"))
)
"""A unit's consultations that released nothing, oldest first, from behind a place on."""

SUBJECT = Statement(
    select(
        t.patient.c.unit_id,
        exists().where(t.legal_hold.c.patient_id == t.patient.c.id, t.legal_hold.c.lifted_at.is_(None)).label("held"),
    )
    .select_from(t.ledger_subject.join(t.patient, t.patient.c.id == t.ledger_subject.c.patient_id))
    .where(t.ledger_subject.c.pseudonym == bindparam("subject"))
)
"""Whose patient a pseudonym stands for, and whether a legal hold stands; no row once the person was erased."""

DELETE = Statement(delete(t.consultation).where(t.consultation.c.id == bindparam("id_")))
