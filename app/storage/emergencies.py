"""Medical emergencies: who asked for what, sealed, and what a discloser holds of the person by then."""

from sqlalchemy import bindparam, insert, literal_column, or_, select

from app.storage import tables as t
from app.storage.data_keys import holds, key_of, with_key, with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.emergency_access))
OWN = Statement(
    select(*with_keys(t.emergency_access, t.emergency_access.c.patient_id)).where(
        t.emergency_access.c.id == bindparam("access"),
        t.emergency_access.c.unit_id == bindparam("unit"),
        holds(t.emergency_access),
    )
)
DISCLOSER = Statement(
    select(
        t.unit.c.name,
        t.unit.c.profile,
        t.unit.c.closed_at,
        t.unit.c.suspended_at,
        t.agency.c.kind,
    )
    .select_from(t.unit.join(t.agency, t.agency.c.id == t.unit.c.agency_id))
    .where(t.unit.c.id == bindparam("unit"))
)
SUBJECT = Statement(
    select(t.ledger_subject.c.pseudonym, key_of(t.ledger_subject.c.patient_id)).where(
        t.ledger_subject.c.patient_id == bindparam("patient")
    )
)
TRANSFERS = Statement(
    select(t.transfer.c.id, t.transfer.c.created_at, with_key(t.transfer.c.sealed, t.transfer.c.id))
    .where(t.transfer.c.patient_id == bindparam("patient"), holds(t.transfer))
    .order_by(t.transfer.c.created_at.desc(), t.transfer.c.id.desc())
    .limit(20)
)
"""The newest transfers of a patient that the clinic itself wrote, newest first."""
RESTRICTED = Statement(
    select(t.restriction.c.elements).where(
        t.restriction.c.patient_id == bindparam("patient"),
        t.restriction.c.state.in_([literal_column("'agreed'"), literal_column("'terminated'")]),
        or_(t.restriction.c.recipient_unit.is_(None), t.restriction.c.recipient_unit == bindparam("unit")),
    )
)
