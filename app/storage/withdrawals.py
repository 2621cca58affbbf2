"""What was released and then found wrong: the record searched, and the items withdrawn of it (design 6, D2)."""

from sqlalchemy import bindparam, literal_column, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.data_keys import with_key
from app.storage.sealing import Vault
from app.storage.statement import Statement

RELEASED = Statement(
    select(
        t.disclosure.c.id,
        t.disclosure.c.subject,
        t.disclosure.c.unit_id,
        t.disclosure.c.instrument_id,
        t.disclosure.c.at,
        t.disclosure.c.entry,
        with_key(t.disclosure.c.opening, t.ledger_subject.c.patient_id),
    )
    .select_from(t.disclosure.join(t.ledger_subject, t.ledger_subject.c.pseudonym == t.disclosure.c.subject))
    .where(
        t.ledger_subject.c.patient_id == bindparam("patient"),
        t.disclosure.c.at >= bindparam("from_at"),
        t.disclosure.c.at < bindparam("to_at"),
    )
    .order_by(t.disclosure.c.at, t.disclosure.c.id)
)
"""Every release about a patient between two instants, as recorded."""

WITHDRAWN_FROM = Statement(
    select(t.withdrawal.c.unit_id)
    .where(
        t.withdrawal.c.subject == bindparam("subject"),
        t.withdrawal.c.created_at >= bindparam("since"),
        t.withdrawal.c.settled == literal_column("0"),
    )
    .distinct()
)
"""From whom something of a person was withdrawn since an instant."""

ADD = Statement(upsert(t.withdrawal).on_conflict_do_nothing())
"""Withdrawn, or (``settled``) read since as put right; a unit is told of an item, not of how often it was wrong."""


def named_person(vault: Vault, unit: str, person: str) -> str:
    """How a person whom a grant names is kept with what was withdrawn from them; '' for nobody."""
    return vault.view_id(unit, "person", person) if person else ""
