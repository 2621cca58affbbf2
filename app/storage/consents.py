"""Consents: the form sealed, the decision's facts as a document, signatures and revocations append-only."""

from sqlalchemy import bindparam, func, insert, or_, select, update

from app.storage import tables as t
from app.storage.data_keys import PATIENT_OF_SUBJECT, holds, with_key, with_keys
from app.storage.statement import Statement

_SIGNABLE = t.consent.c.kind != "court_order"
"""An order of a court stands in the same table, so that facts and gate hold for it too. Nobody signed that: no list,
form, signature or revocation of consents reaches it."""

ADD = Statement(insert(t.consent))
ADD_SIGNATURE = Statement(insert(t.consent_signature))
ADD_RECIPIENT = Statement(insert(t.consent_recipient))
ADD_REVOCATION = Statement(insert(t.revocation))
OWN = Statement(
    select(*with_keys(t.consent, t.consent.c.patient_id)).where(
        t.consent.c.id == bindparam("consent"), t.consent.c.unit_id == bindparam("unit"), holds(t.consent), _SIGNABLE
    )
)
OF_PATIENT = Statement(
    select(*with_keys(t.consent, t.consent.c.patient_id))
    .where(t.consent.c.patient_id == bindparam("patient"), t.consent.c.unit_id == bindparam("unit"), _SIGNABLE)
    .order_by(t.consent.c.created_at, t.consent.c.id)
)
INSTRUMENTS = Statement(
    select(*with_keys(t.consent, t.consent.c.patient_id))
    .where(t.consent.c.patient_id == bindparam("patient"), t.consent.c.unit_id == bindparam("unit"))
    .order_by(t.consent.c.created_at, t.consent.c.id)
)
"""The same with what courts ordered: whatever something can have left under."""
_SIGNED = with_key(
    t.consent_signature.c.sealed,
    select(t.consent.c.patient_id)
    .where(t.consent.c.id == t.consent_signature.c.consent_id)
    .correlate(t.consent_signature)
    .scalar_subquery(),
)
SIGNATURES = Statement(
    select(t.consent_signature.c.id, t.consent_signature.c.created_at, _SIGNED)
    .where(t.consent_signature.c.consent_id == bindparam("consent"))
    .order_by(t.consent_signature.c.created_at, t.consent_signature.c.id)
)
REVOCATIONS = Statement(
    select(t.revocation.c.requested_at, t.revocation.c.selection)
    .where(t.revocation.c.consent_id == bindparam("consent"))
    .order_by(t.revocation.c.id)
)
ACTIVATE = Statement(
    update(t.consent)
    .where(
        t.consent.c.id == bindparam("consent"), t.consent.c.activated_at.is_(None), t.consent.c.declined_at.is_(None)
    )
    .values(facts=bindparam("facts"), activated_at=bindparam("at"))
)
DECLINE = Statement(
    update(t.consent)
    .where(
        t.consent.c.id == bindparam("consent"), t.consent.c.activated_at.is_(None), t.consent.c.declined_at.is_(None)
    )
    .values(declined_at=bindparam("at"))
)
SUPERSEDE = Statement(
    update(t.consent)
    .where(
        t.consent.c.id == bindparam("consent"),
        or_(t.consent.c.superseded_at.is_(None), t.consent.c.superseded_at > bindparam("at")),
    )
    .values(superseded_at=bindparam("at"))
)
"""The earliest counts: a later consent that begins sooner must not leave the old one beside it."""
CLOSE = Statement(
    update(t.consent_recipient)
    .where(
        t.consent_recipient.c.consent_id == bindparam("of"),
        t.consent_recipient.c.unit_id == bindparam("recipient"),
        t.consent_recipient.c.closed_at.is_(None),
    )
    .values(closed_at=bindparam("at"))
)
"""A recipient for whom nothing is left, for good: a gated read passes it over."""
CLOSE_ALL = Statement(
    update(t.consent_recipient)
    .where(t.consent_recipient.c.consent_id == bindparam("of"), t.consent_recipient.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"))
)
NEW_VERSION = Statement(
    update(t.consent).where(t.consent.c.id == bindparam("consent")).values(version=t.consent.c.version + 1)
)
RECIPIENTS_OF_PATIENT = Statement(
    select(t.consent_recipient.c.unit_id)
    .select_from(t.consent_recipient.join(t.consent, t.consent.c.id == t.consent_recipient.c.consent_id))
    .where(t.consent.c.patient_id == bindparam("patient"))
    .distinct()
)
RECEIVED = Statement(
    select(
        t.disclosure.c.unit_id,
        func.max(t.disclosure.c.at).label("last_at"),
        func.count(t.disclosure.c.consultation_id.distinct()).label("times"),
    )
    .where(t.disclosure.c.instrument_id == bindparam("consent"))
    .group_by(t.disclosure.c.unit_id)
    .order_by(t.disclosure.c.unit_id)
)
"""Who was told something under a consent, and how many times: a read is one time, however many items were in it, and so
is an answer of the feed (an entry says that there is a patient) and a letter."""
RECEIVED_OUTSIDE = Statement(
    select(t.disclosure.c.id, t.disclosure.c.at, with_key(t.disclosure.c.opening, PATIENT_OF_SUBJECT)).where(
        t.disclosure.c.instrument_id == bindparam("consent"), t.disclosure.c.unit_id == bindparam("unit")
    )
)
"""The letters to recipients that are no registered unit: their name is in the opening."""
