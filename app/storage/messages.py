"""Messages as a clinic filed them, sealed, and their rows by element: hidden content is never loaded."""

from sqlalchemy import and_, bindparam, func, insert, or_, select, update

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
_ROW, _MESSAGE = t.element_row, t.message
_STATE = (
    _ROW.c.patient_id == bindparam("patient"),
    _ROW.c.unit_id == bindparam("unit"),
    _ROW.c.kind == "treatment_status",
    _ROW.c.scope == "",
)
_IN_FORCE = _ROW.join(_MESSAGE, _MESSAGE.c.id == _ROW.c.message_id)
LATEST_ENROLMENT = Statement(
    select(_ROW.c.sort_key, _MESSAGE.c.episode)
    .select_from(_IN_FORCE)
    .where(*_STATE, _ROW.c.element == "enrolment.status", _ROW.c.case_key == bindparam("case_key"), _ROW.c.live == 1)
    .order_by(_MESSAGE.c.episode.desc(), _ROW.c.sort_key.desc(), _ROW.c.seq.desc())
    .limit(1)
)
"""Of one case restriction: what was filed for another case alone must not count here, where its reader would notice."""

_LATEST_EPISODE = (
    select(func.max(_MESSAGE.c.episode))
    .select_from(_IN_FORCE)
    .where(*_STATE, _ROW.c.case_key == bindparam("case_key"), _MESSAGE.c.superseded_by.is_(None))
    .correlate(None)
    .scalar_subquery()
)
_RANKED = (
    select(
        _ROW.c.id,
        _ROW.c.case_key,
        func.row_number()
        .over(partition_by=_ROW.c.element, order_by=(_MESSAGE.c.last_day.desc(), _ROW.c.seq.desc()))
        .label("place"),
    )
    .select_from(_IN_FORCE)
    .where(
        *_STATE,
        _MESSAGE.c.superseded_by.is_(None),
        or_(
            and_(_ROW.c.case_key == bindparam("case_key"), _MESSAGE.c.episode == _LATEST_EPISODE),
            and_(_ROW.c.case_key == "", bindparam("case_key") != ""),
        ),
    )
    .subquery()
)
RETIRE_STATE = Statement(
    update(_ROW).where(*_STATE, _ROW.c.case_key == bindparam("case_key"), _ROW.c.live == 1).values(live=0)
)
REVIVE_STATE = Statement(
    update(_ROW)
    .where(_ROW.c.id.in_(select(_RANKED.c.id).where(_RANKED.c.place == 1, _RANKED.c.case_key == bindparam("case_key"))))
    .values(live=1)
)
"""Of each state-like element what the newest report in force of the latest episode says that says it at all."""

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
