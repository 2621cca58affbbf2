"""Reviews: what a person at the discloser has to look at. What they say of a patient is sealed under that one's key."""

from sqlalchemy import bindparam, case, insert, or_, select, tuple_, update

from app.storage import tables as t
from app.storage.data_keys import with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.review))
_OWN = or_(
    t.review.c.unit_id == bindparam("unit"),
    t.review.c.unit_id.in_(
        select(t.appointment.c.discloser_unit).where(t.appointment.c.officer_unit == bindparam("unit"))
    ),
)
"""Those of the unit itself and, for a privacy office, of the disclosers that appointed it."""
_KNOWN = t.review.c.patient_id.in_(select(t.patient.c.id).where(t.patient.c.erased_at.is_(None)))
_CLOSED = case((t.review.c.closed_at.is_(None), 0), else_=1)
_COLUMNS = with_keys(t.review, t.review.c.patient_id)

ONE = Statement(select(*_COLUMNS).where(t.review.c.id == bindparam("review"), _OWN, _KNOWN))
LIST = Statement(
    select(*_COLUMNS, _CLOSED.label("closed"))
    .where(
        _OWN,
        _KNOWN,
        tuple_(_CLOSED, t.review.c.created_at, t.review.c.id)
        > tuple_(bindparam("after_closed"), bindparam("after_at"), bindparam("after_id")),
    )
    .order_by(_CLOSED, t.review.c.created_at, t.review.c.id)
    .limit(bindparam("most"))
)
"""Open ones first, then those that are decided; each oldest first."""
OPEN_OF_SUBJECT = Statement(
    select(*_COLUMNS).where(
        t.review.c.subject_id == bindparam("subject"),
        t.review.c.patient_id == bindparam("patient"),
        t.review.c.closed_at.is_(None),
    )
)
CLOSED_OF_SUBJECT = Statement(
    select(*_COLUMNS).where(
        t.review.c.subject_id == bindparam("subject"),
        t.review.c.patient_id == bindparam("patient"),
        t.review.c.closed_at.is_not(None),
    )
)
CLOSE = Statement(
    update(t.review)
    .where(t.review.c.id == bindparam("review"), t.review.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"), sealed=bindparam("sealed_"))
)
"""One row if it was open: of two who decide at once, the first."""
