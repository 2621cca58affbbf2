"""Messages as a clinic filed them, sealed, and their rows by element: hidden content is never loaded."""

from sqlalchemy import bindparam, delete, insert, select, update

from app.storage import tables as t
from app.storage.statement import Statement

ADD = Statement(insert(t.message))
ADD_ROW = Statement(insert(t.element_row))
OWN = Statement(
    select(t.message).where(
        t.message.c.id == bindparam("message"),
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == bindparam("kind"),
        t.message.c.superseded_by.is_(None),
    )
)
SUPERSEDE = Statement(
    update(t.message).where(t.message.c.id == bindparam("message")).values(superseded_by=bindparam("by"))
)
OVERLAPPING = Statement(
    select(t.message.c.id, t.message.c.sealed, t.message.c.first_day, t.message.c.last_day)
    .where(
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == "treatment_status",
        t.message.c.superseded_by.is_(None),
        t.message.c.first_day > 0,
        t.message.c.first_day <= bindparam("last"),
        t.message.c.last_day >= bindparam("first"),
    )
    .order_by(t.message.c.first_day, t.message.c.id)
)
REPORTS = Statement(
    select(t.message.c.id, t.message.c.sealed, t.message.c.last_day, t.message.c.position)
    .where(
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == "treatment_status",
        t.message.c.superseded_by.is_(None),
    )
    .order_by(t.message.c.position, t.message.c.id)
)
"""Every report and acceptance in force, in the order filed; a correction stands in the place of what it corrects."""

FORGET_STATE = Statement(
    delete(t.element_row).where(
        t.element_row.c.patient_id == bindparam("patient"),
        t.element_row.c.unit_id == bindparam("unit"),
        t.element_row.c.kind == "treatment_status",
        t.element_row.c.scope == "",
    )
)
_SAME_KEY = (
    t.element_row.c.patient_id == bindparam("patient"),
    t.element_row.c.unit_id == bindparam("unit"),
    t.element_row.c.kind == bindparam("kind"),
    t.element_row.c.live == 1,
)
BURY_ELEMENT = Statement(
    update(t.element_row)
    .where(
        *_SAME_KEY,
        t.element_row.c.element == bindparam("element"),
        t.element_row.c.case_key == bindparam("case_key"),
        t.element_row.c.scope == bindparam("scope"),
    )
    .values(live=0)
)
BURY_WINDOW = Statement(
    update(t.element_row)
    .where(*_SAME_KEY, t.element_row.c.scope == bindparam("scope"), t.element_row.c.sort_key == bindparam("start"))
    .values(live=0)
)
BURY_MESSAGE = Statement(
    update(t.element_row)
    .where(t.element_row.c.message_id == bindparam("message"), t.element_row.c.live == 1)
    .values(live=0)
)
