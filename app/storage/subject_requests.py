"""The register of what patients asked for under their rights, with the day on which each has to be answered."""

from sqlalchemy import bindparam, insert, or_, select, tuple_, update

from app.storage import tables as t
from app.storage.data_keys import holds, with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.subject_request))
_SHOWN = select(*with_keys(t.subject_request, t.subject_request.c.patient_id))
OF_PATIENT = Statement(
    _SHOWN.where(t.subject_request.c.patient_id == bindparam("patient"), holds(t.subject_request)).order_by(
        t.subject_request.c.received_at, t.subject_request.c.id
    )
)
LIST = Statement(
    _SHOWN.where(
        or_(
            t.subject_request.c.unit_id == bindparam("unit"),
            t.subject_request.c.unit_id.in_(
                select(t.appointment.c.discloser_unit).where(t.appointment.c.officer_unit == bindparam("unit"))
            ),
        ),
        holds(t.subject_request),
        tuple_(t.subject_request.c.received_at, t.subject_request.c.id)
        > tuple_(bindparam("after_at"), bindparam("after_id")),
    )
    .order_by(t.subject_request.c.received_at, t.subject_request.c.id)
    .limit(bindparam("most"))
)
"""Those of the unit itself and, for a privacy office, of the disclosers that appointed it."""
CHANGE = Statement(
    update(t.subject_request)
    .where(t.subject_request.c.id == bindparam("request"))
    .values(
        state=bindparam("new_state"),
        due_at=bindparam("due"),
        answered_at=bindparam("answered"),
        sealed=bindparam("said"),
    )
)
