"""Joinders and transfers as the imposing unit reported them, and whose consents they leave behind."""

from sqlalchemy import and_, bindparam, insert, literal_column, select, text, update

from app.storage import tables as t
from app.storage.statement import Statement

ADD = Statement(
    insert(t.case_move).values(
        id=bindparam("id"),
        case_key=bindparam("key"),
        kind=bindparam("kind"),
        other_key=bindparam("other"),
        to_unit=bindparam("to_unit"),
        occurred_at=bindparam("occurred_at"),
        received_at=bindparam("received_at"),
    ),
    behind=text("SELECT wall.add_move(:id, :key, :kind, :other, :to_unit, :occurred_at, :received_at)"),
)
HAND_OVER = Statement(
    update(t.case_record)
    .where(t.case_record.c.key == bindparam("key"), t.case_record.c.imposing_unit == bindparam("unit"))
    .values(imposing_unit=bindparam("to_unit")),
    behind=text("SELECT key FROM case_record WHERE key = :key"),
)
"""The new imposing unit of a case. Behind the wall, ``ADD`` of a transfer has done it already."""

_SEEN = (
    select(t.review.c.id)
    .where(
        t.review.c.kind == "case_moved",
        t.review.c.subject_id == t.case_move.c.id,
        t.review.c.patient_id == t.consent.c.patient_id,
        t.review.c.unit_id == t.consent.c.unit_id,
    )
    .exists()
)
_LEFT_BEHIND = (
    select(
        t.case_move.c.id,
        t.case_move.c.kind,
        t.case_move.c.to_unit,
        t.case_move.c.occurred_at,
        t.case_move.c.received_at,
        t.consent.c.unit_id,
        t.consent.c.patient_id,
        t.consent.c.id.label("consent_id"),
    )
    .select_from(
        t.case_move.join(
            t.consent_recipient,
            and_(t.consent_recipient.c.case_key == t.case_move.c.case_key, t.consent_recipient.c.closed_at.is_(None)),
        ).join(t.consent, t.consent.c.id == t.consent_recipient.c.consent_id)
    )
    .where(
        t.consent.c.facts.is_not(None),
        t.consent.c.kind != literal_column("'court_order'"),  # no patient can amend what a court ordered
        t.consent.c.created_at <= t.case_move.c.received_at,
        ~_SEEN,
    )
    .distinct()
    .order_by(t.case_move.c.received_at, t.case_move.c.id, t.consent.c.patient_id, t.consent.c.id)
)
UNSEEN = Statement(_LEFT_BEHIND)
"""Signed consents of a case that moved since they were drawn up, whose clinic was not told to look yet.

An anti-join with the reviews and not a mark of the move: a form that was drawn up before and is signed later is found.
"""

UNSEEN_OF = Statement(
    _LEFT_BEHIND.where(t.case_move.c.id == bindparam("move"), t.consent.c.patient_id == bindparam("patient"))
)
