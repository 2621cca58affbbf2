"""Which records of one clinic are of one person, as the clinic said; undone is not deleted."""

from sqlalchemy import bindparam, func, insert, or_, select, update

from app.storage import tables as t
from app.storage.statement import Statement
from app.storage.together import PATIENTS

_ITSELF = select(t.patient.c.id).where(t.patient.c.id == bindparam("patient")).cte("same", recursive=True)
SAME = _ITSELF.union(
    select(t.patient_merge.c.merged_id).where(
        t.patient_merge.c.survivor_id == _ITSELF.c.id, t.patient_merge.c.undone_at.is_(None)
    )
)
"""The record ``patient`` and every record that was merged into it, directly or through another."""

_EACH = (select(t.patient.c.id.label("asked"), t.patient.c.id).where(t.patient.c.id.in_(PATIENTS))).cte(
    "same", recursive=True
)
SAME_TOGETHER = _EACH.union(
    select(_EACH.c.asked, t.patient_merge.c.merged_id).where(
        t.patient_merge.c.survivor_id == _EACH.c.id, t.patient_merge.c.undone_at.is_(None)
    )
)
"""The same of many patients: (``asked``, ``id``)."""

ADD = Statement(insert(t.patient_merge))
UNDO = Statement(
    update(t.patient_merge)
    .where(
        t.patient_merge.c.survivor_id == bindparam("survivor"),
        t.patient_merge.c.merged_id == bindparam("merged"),
        t.patient_merge.c.undone_at.is_(None),
    )
    .values(undone_at=bindparam("at"))
)
LIVE = Statement(
    select(t.patient_merge.c.id, t.patient_merge.c.created_at).where(
        t.patient_merge.c.survivor_id == bindparam("survivor"),
        t.patient_merge.c.merged_id == bindparam("merged"),
        t.patient_merge.c.undone_at.is_(None),
    )
)
LATEST = Statement(
    select(func.max(t.patient_merge.c.created_at).label("at")).where(
        t.patient_merge.c.survivor_id.in_(select(SAME.c.id)), t.patient_merge.c.undone_at.is_(None)
    )
)
"""When the record, or one that was merged into it, last took in another one; null if it never did."""
RECORDS = Statement(select(SAME.c.id).order_by(SAME.c.id))
FILED_SINCE = Statement(
    select(t.message.c.id, t.message.c.kind, t.message.c.created_at)
    .where(
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.created_at >= bindparam("since"),
        t.message.c.kind != "retraction",
        t.message.c.superseded_by.is_(None),
        # An acceptance files a plan of its own, under an id that was told to nobody; the answer itself is listed.
        or_(t.message.c.kind != "treatment_status", t.message.c.first_day > 0),
    )
    .order_by(t.message.c.created_at, t.message.c.id)
)
"""What was filed on a record since an instant and is in force."""
