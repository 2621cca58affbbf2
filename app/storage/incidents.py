"""Drafts of incidents: what somebody at the discloser has to look at. Append-only; their words are sealed."""

from sqlalchemy import bindparam, insert, or_, select, tuple_

from app.storage import tables as t
from app.storage.data_keys import with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.incident))
LIST = Statement(
    select(*with_keys(t.incident, t.incident.c.patient_id))
    .where(
        or_(
            t.incident.c.unit_id == bindparam("unit"),
            t.incident.c.unit_id.in_(
                select(t.appointment.c.discloser_unit).where(t.appointment.c.officer_unit == bindparam("unit"))
            ),
        ),
        t.incident.c.patient_id.in_(select(t.patient.c.id).where(t.patient.c.erased_at.is_(None))),
        tuple_(t.incident.c.created_at, t.incident.c.id) > tuple_(bindparam("after_at"), bindparam("after_id")),
    )
    .order_by(t.incident.c.created_at, t.incident.c.id)
    .limit(bindparam("most"))
)
"""Those of the unit itself and, for a privacy office, of the disclosers that appointed it."""
