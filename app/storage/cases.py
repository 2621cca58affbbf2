"""Cases: a case is (imposing unit, normalised identifier), stored as a blind index; each unit has its own case_id."""

from sqlalchemy import and_, bindparam, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.statement import Statement

KEY_OF_INDEX = Statement(
    select(t.case_identifier.c.case_key, t.case_identifier.c.since).where(
        t.case_identifier.c.blind_index == bindparam("blind_index")
    ),
    behind=text("SELECT case_key, since FROM wall.case_of(:blind_index)"),
)
ADD_CASE = Statement(insert(t.case_record))
ADD_IDENTIFIER = Statement(
    upsert(t.case_identifier).on_conflict_do_nothing(),
    behind=text("SELECT wall.add_identifier(:blind_index, :case_key)"),
)
ADD_VIEW = Statement(
    upsert(t.case_view).on_conflict_do_nothing(),
    behind=text("SELECT wall.add_view(:unit_id, :case_id, :case_key, :since, :sealed)"),
)
VIEW = Statement(
    select(t.case_view.c.case_key, t.case_view.c.sealed, t.case_record.c.imposing_unit)
    .select_from(t.case_view.join(t.case_record, t.case_record.c.key == t.case_view.c.case_key))
    .where(t.case_view.c.unit_id == bindparam("unit"), t.case_view.c.case_id == bindparam("case_id"))
)
CASE_IDS = Statement(
    select(t.case_view.c.case_id)
    .where(t.case_view.c.unit_id == bindparam("unit"), t.case_view.c.case_key == bindparam("key"))
    .order_by(t.case_view.c.case_id)
)
"""Every id by which a unit knows a case: one for each spelling that it registered."""

IMPOSING_UNIT = Statement(select(t.case_record.c.imposing_unit).where(t.case_record.c.key == bindparam("key")))
ADD_EVENT = Statement(insert(t.case_event))
EVENTS = Statement(
    select(t.case_event.c.id, t.case_event.c.code, t.case_event.c.occurred_at, t.case_event.c.received_at).where(
        t.case_event.c.case_key == bindparam("key"), t.case_event.c.effective == 1
    )
)
UNJUDGED = Statement(
    select(
        t.case_event.c.id,
        t.case_event.c.case_key,
        t.case_event.c.code,
        t.case_event.c.occurred_at,
        t.case_event.c.received_at,
    )
    .where(t.case_event.c.judged_at.is_(None), t.case_event.c.effective == 1)
    .order_by(t.case_event.c.received_at, t.case_event.c.id)
)
"""Events of which nobody has looked yet whether something had left that they left without a basis."""

JUDGE = Statement(
    update(t.case_event)
    .where(t.case_event.c.id == bindparam("event"), t.case_event.c.judged_at.is_(None))
    .values(judged_at=bindparam("at"))
)
CONSENTS = Statement(
    select(t.consent.c.id, t.consent.c.unit_id, t.consent.c.patient_id, t.consent.c.facts)
    .select_from(
        t.case_view.join(
            t.consent_recipient,
            and_(
                t.consent_recipient.c.unit_id == t.case_view.c.unit_id,
                t.consent_recipient.c.case_key == t.case_view.c.case_key,
            ),
        ).join(t.consent, t.consent.c.id == t.consent_recipient.c.consent_id)
    )
    .where(t.case_view.c.case_key == bindparam("key"), t.consent.c.facts.is_not(None))
    .distinct()
    .order_by(t.consent.c.id)
)
"""The signed consents that a unit which registered the case reads under in it."""
