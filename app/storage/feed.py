"""The event feed: which of a reader's cases may have news, and what of each view it was last told."""

from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.statement import Statement

_UNIT: Any = bindparam("unit")
_EPOCHS = (
    select(func.coalesce(func.sum(t.gate.c.epoch), 0))
    .where(
        or_(
            t.gate.c.key == "k:" + t.case_view.c.case_key,
            t.gate.c.key.in_(
                select("p:" + t.consent.c.patient_id + ":" + _UNIT)
                .select_from(t.consent.join(t.consent_recipient, t.consent_recipient.c.consent_id == t.consent.c.id))
                .where(
                    t.consent_recipient.c.unit_id == _UNIT,
                    t.consent_recipient.c.case_key == t.case_view.c.case_key,
                )
                .correlate(t.case_view)
                .distinct()
            ),
        )
    )
    .correlate(t.case_view)
    .scalar_subquery()
)
_MARK = func.coalesce(t.feed_mark.c.mark, 0) + _EPOCHS
"""Grows with whatever can change the view: content filed (marks), anything that narrows (gate epochs)."""

_SEEN = and_(t.feed_seen.c.reader == bindparam("reader"), t.feed_seen.c.case_id == t.case_view.c.case_id)
_NAMED = (
    select(t.consent_recipient.c.consent_id)
    .where(
        t.consent_recipient.c.unit_id == _UNIT,
        t.consent_recipient.c.case_key == t.case_view.c.case_key,
        t.consent_recipient.c.closed_at.is_(None),
    )
    .correlate(t.case_view)
    .exists()
)
"""Some instrument may still give this unit something in the case. Where none may, a case that was seen is settled once
and then forgotten: it costs what a case costs in which nothing was ever given."""
CANDIDATES = Statement(
    select(t.case_view.c.case_id, _MARK.label("mark"), case((_NAMED, 1), else_=0).label("named"))
    .select_from(
        t.case_view.outerjoin(
            t.feed_mark,
            and_(t.feed_mark.c.unit_id == t.case_view.c.unit_id, t.feed_mark.c.case_key == t.case_view.c.case_key),
        ).outerjoin(t.feed_seen, _SEEN)
    )
    .where(
        t.case_view.c.unit_id == _UNIT,
        t.case_view.c.case_id > bindparam("after_case"),
        or_(_NAMED, t.feed_seen.c.case_id.is_not(None)),
        or_(t.feed_seen.c.case_id.is_(None), t.feed_seen.c.mark != _MARK, t.feed_seen.c.due_at <= bindparam("now")),
    )
    .order_by(t.case_view.c.case_id)
    .limit(bindparam("most")),
    behind=text("SELECT case_id, mark, named FROM wall.candidates(:reader, :now, :after_case, :most)"),
)
VIEWS = Statement(
    select(
        t.feed_view.c.kind, t.feed_view.c.purpose, t.feed_view.c.digest, t.feed_view.c.number, t.feed_view.c.created_at
    ).where(t.feed_view.c.reader == bindparam("reader"), t.feed_view.c.case_id == bindparam("case_id"))
)
LAST = Statement(
    select(func.coalesce(func.max(t.feed_view.c.number), 0).label("number")).where(
        t.feed_view.c.reader == bindparam("reader")
    )
)
PAGE = Statement(
    select(
        t.feed_view.c.case_id,
        t.feed_view.c.kind,
        t.feed_view.c.purpose,
        t.feed_view.c.number,
        t.feed_view.c.digest,
        t.feed_view.c.created_at,
    )
    .where(
        t.feed_view.c.reader == bindparam("reader"),
        t.feed_view.c.number > bindparam("after"),
        t.feed_view.c.created_at >= bindparam("since"),
    )
    .order_by(t.feed_view.c.number)
    .limit(bindparam("most"))
)
_VIEW = upsert(t.feed_view)
TELL = Statement(
    _VIEW.on_conflict_do_update(
        index_elements=["reader", "case_id", "kind", "purpose"],
        set_={name: _VIEW.excluded[name] for name in ("digest", "number", "created_at")},
    )
)
_SIGHT = upsert(t.feed_seen)
SEE = Statement(
    _SIGHT.on_conflict_do_update(
        index_elements=["reader", "case_id"], set_={name: _SIGHT.excluded[name] for name in ("mark", "due_at")}
    )
)
FORGET = Statement(
    delete(t.feed_seen).where(
        t.feed_seen.c.reader == bindparam("reader"), t.feed_seen.c.case_id == bindparam("case_id")
    ),
    behind=text("SELECT wall.forget_seen(:reader, :case_id)"),
)
ENTER = Statement(upsert(t.feed_seen).on_conflict_do_nothing())
HOLD = Statement(
    update(t.feed_seen)
    .where(t.feed_seen.c.reader == bindparam("of"), t.feed_seen.c.case_id == "")
    .values(mark=t.feed_seen.c.mark)
)
"""One row a reader, so that two pulls of one reader follow each other."""
