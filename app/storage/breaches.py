"""What a person found of an incident: an assessment is a closed review of it, and a later one takes its place."""

from sqlalchemy import bindparam, insert, or_, select

from app.storage import tables as t
from app.storage.data_keys import with_keys
from app.storage.statement import Statement

KIND = "breach"
ADD = Statement(insert(t.review))
INCIDENT = Statement(
    select(t.incident.c.id, t.incident.c.unit_id, t.incident.c.patient_id, t.incident.c.discovered_at).where(
        t.incident.c.id == bindparam("incident"),
        or_(
            t.incident.c.unit_id == bindparam("unit"),
            t.incident.c.unit_id.in_(
                select(t.appointment.c.discloser_unit).where(t.appointment.c.officer_unit == bindparam("unit"))
            ),
        ),
        t.incident.c.patient_id.in_(select(t.patient.c.id).where(t.patient.c.erased_at.is_(None))),
    )
)
"""An incident of the unit itself, or of a discloser that appointed it."""
OF_INCIDENT = Statement(
    select(*with_keys(t.review, t.review.c.patient_id))
    .where(
        t.review.c.patient_id == bindparam("patient"),
        t.review.c.subject_id == bindparam("incident"),
        t.review.c.kind == KIND,
    )
    .order_by(t.review.c.created_at.desc(), t.review.c.id.desc())
    .limit(1)
)
