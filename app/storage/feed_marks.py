"""What tells the feed that it is worth asking again: a count for each unit and case. Says nothing of what happened."""

from sqlalchemy import ColumnElement, bindparam, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.statement import Statement
from app.storage.together import PATIENTS


def _one_more(whose: ColumnElement[bool]) -> Statement:
    named = (
        select(t.consent_recipient.c.unit_id, t.consent_recipient.c.case_key, literal(1).label("mark"))
        .select_from(t.consent_recipient.join(t.consent, t.consent.c.id == t.consent_recipient.c.consent_id))
        .where(whose)
        .distinct()
        # Rows are locked in the order of the select: in one order, or two clinics at work deadlock.
        .order_by(t.consent_recipient.c.unit_id, t.consent_recipient.c.case_key)
    )
    add = upsert(t.feed_mark).from_select(["unit_id", "case_key", "mark"], named)
    return Statement(
        add.on_conflict_do_update(index_elements=["unit_id", "case_key"], set_={"mark": t.feed_mark.c.mark + 1})
    )


MARK_PATIENT = _one_more(t.consent.c.patient_id == bindparam("patient"))
"""One more for every unit and case that an instrument about the patient names."""

MARK_PATIENTS = _one_more(t.consent.c.patient_id.in_(PATIENTS))
"""The same of many patients at once."""
