"""Messages as a clinic filed them, sealed, and their rows by element: hidden content is never loaded."""

from sqlalchemy import bindparam, delete, insert, literal_column, select, update

from app.storage import tables as t
from app.storage.data_keys import holds, with_key, with_keys
from app.storage.statement import Statement
from app.storage.together import PATIENTS

_LIVE = t.element_row.c.live == literal_column("1")
"""Written out, never a parameter: only so does PostgreSQL see that the partial index of the live rows serves."""

_SEALED = with_key(t.message.c.sealed, t.message.c.patient_id)
_ROW_SEALED = with_key(t.element_row.c.sealed, t.element_row.c.patient_id)

ADD = Statement(insert(t.message))
ADD_ROW = Statement(insert(t.element_row))
OWN = Statement(
    select(*with_keys(t.message, t.message.c.patient_id)).where(
        t.message.c.id == bindparam("message"),
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == bindparam("kind"),
        t.message.c.superseded_by.is_(None),
    )
)
OF_IDENTIFIER = Statement(
    select(t.message.c.id, t.message.c.patient_id, t.message.c.kind, _SEALED).where(
        t.message.c.unit_id == bindparam("unit"), t.message.c.identifier_index == bindparam("index")
    )
)
SUPERSEDE = Statement(
    update(t.message).where(t.message.c.id == bindparam("message")).values(superseded_by=bindparam("by"))
)
# A patient's messages are few and a clinic's are not: SQLite, without statistics, would read all of the clinic's.
_OF_UNIT = t.message.c.unit_id.concat(literal_column("''")) == bindparam("unit")
_REPORTS = (
    select(
        t.message.c.patient_id.label("asked"),
        t.message.c.id,
        _SEALED,
        t.message.c.last_day,
        t.message.c.position,
    )
    .where(_OF_UNIT, t.message.c.kind == "treatment_status", t.message.c.superseded_by.is_(None))
    .order_by(t.message.c.position, t.message.c.id)
)
REPORTS = Statement(_REPORTS.where(t.message.c.patient_id == bindparam("patient")))
"""Every report and acceptance in force, in the order filed; a correction stands in the place of what it corrects."""

REPORTS_TOGETHER = Statement(_REPORTS.where(t.message.c.patient_id.in_(PATIENTS)))
"""The same of many patients."""

ANY = Statement(
    select(*with_keys(t.message, t.message.c.patient_id)).where(
        t.message.c.id == bindparam("message"), t.message.c.unit_id == bindparam("unit"), holds(t.message)
    )
)
"""A message of this clinic, in force or not."""

SUPERSEDED = Statement(
    select(t.message.c.id, t.message.c.created_at, t.message.c.superseded_by).where(
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == bindparam("kind"),
        t.message.c.superseded_by.is_not(None),
    )
)
_AFTER = t.message.alias("after")
HISTORY = Statement(
    select(
        t.message.c.id,
        _SEALED,
        t.message.c.first_day,
        t.message.c.last_day,
        t.message.c.position,
        t.message.c.created_at,
        t.message.c.superseded_by,
        _AFTER.c.created_at.label("until"),
    )
    .select_from(t.message.outerjoin(_AFTER, _AFTER.c.id == t.message.c.superseded_by))
    .where(
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == bindparam("kind"),
    )
    .order_by(t.message.c.position, t.message.c.id)
)
"""Every message of a kind ever filed, in force from ``created_at`` until ``until``; null: to this day."""
HISTORY_OF_KIND = Statement(
    select(t.message.c.id, t.message.c.kind, t.message.c.created_at, t.message.c.superseded_by, _SEALED).where(
        t.message.c.patient_id == bindparam("patient"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == bindparam("kind"),
        holds(t.message),
    )
)
"""Every message of a kind ever filed, in no order."""

ANSWER_IN_FORCE = Statement(
    select(t.element_row.c.message_id, _ROW_SEALED).where(
        t.element_row.c.patient_id == bindparam("patient"),
        t.element_row.c.unit_id == bindparam("unit"),
        t.element_row.c.kind == "referral",
        t.element_row.c.element == "referral.decision",
        t.element_row.c.scope == bindparam("referral"),
        _LIVE,
    )
)
LIVE = Statement(
    select(
        t.element_row.c.kind,
        t.element_row.c.element,
        t.element_row.c.case_key,
        t.element_row.c.scope,
        t.element_row.c.sort_key,
        t.element_row.c.seq,
        t.element_row.c.message_id,
        _ROW_SEALED,
    )
    .where(
        t.element_row.c.patient_id == bindparam("patient"),
        t.element_row.c.unit_id == bindparam("unit"),
        _LIVE,
    )
    .order_by(t.element_row.c.sort_key, t.element_row.c.seq)
)
FORGET_STATE = Statement(
    delete(t.element_row).where(
        t.element_row.c.patient_id == bindparam("patient"),
        t.element_row.c.unit_id == bindparam("unit"),
        t.element_row.c.kind == "treatment_status",
        t.element_row.c.scope == "",
        _LIVE,
    )
)
_SAME_KEY = (
    t.element_row.c.patient_id == bindparam("patient"),
    t.element_row.c.unit_id == bindparam("unit"),
    t.element_row.c.kind == bindparam("kind"),
    _LIVE,
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
BURY_SCOPE = Statement(
    update(t.element_row)
    .where(
        t.element_row.c.patient_id == bindparam("patient"),
        t.element_row.c.unit_id == bindparam("unit"),
        t.element_row.c.kind == "treatment_status",
        t.element_row.c.scope == bindparam("scope"),
        _LIVE,
    )
    .values(live=0)
)
BURY_MESSAGE = Statement(
    update(t.element_row)
    .where(
        t.element_row.c.patient_id == bindparam("patient"), t.element_row.c.message_id == bindparam("message"), _LIVE
    )
    .values(live=0)
)
