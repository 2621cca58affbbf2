"""Transfers of care between treating units: sealed words, and the treatment consents that they are read under.

The inbox of a unit is read by keyset. ``epochs`` of a page are read before everything else about it, so that whatever
changes while the rest is read is found by the record, which holds them against the gate.
"""

from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, insert, literal, literal_column, select, tuple_, update

from app.storage import tables as t
from app.storage.data_keys import holds, key_of, with_key
from app.storage.statement import Statement

_SHOWN = (
    t.transfer.c.id,
    t.transfer.c.patient_id,
    t.transfer.c.issuer_unit,
    t.transfer.c.recipient_unit,
    with_key(t.transfer.c.sealed, t.transfer.c.id),
    t.transfer.c.created_at,
    t.transfer.c.delivered_at,
)
_RECIPIENT = t.transfer.join(t.unit, t.unit.c.id == t.transfer.c.recipient_unit).join(
    t.agency, t.agency.c.id == t.unit.c.agency_id
)
_SENT = select(
    *_SHOWN, func.coalesce(t.unit.c.suspended_at, t.agency.c.suspended_at).label("recipient_suspended_at")
).select_from(_RECIPIENT)
_SENT = _SENT.where(holds(t.transfer))
_AFTER = tuple_(t.transfer.c.created_at, t.transfer.c.id) > tuple_(bindparam("after_at"), bindparam("after_id"))
_IN_ORDER = (t.transfer.c.created_at, t.transfer.c.id)

ADD = Statement(insert(t.transfer))
SENT = Statement(_SENT.where(t.transfer.c.id == bindparam("transfer"), t.transfer.c.issuer_unit == bindparam("unit")))
OF_IDENTIFIER = Statement(
    _SENT.where(t.transfer.c.issuer_unit == bindparam("unit"), t.transfer.c.identifier_index == bindparam("index"))
)
LIST_SENT = Statement(
    _SENT.where(t.transfer.c.issuer_unit == bindparam("unit"), _AFTER).order_by(*_IN_ORDER).limit(bindparam("most"))
)
DELIVER = Statement(
    update(t.transfer)
    .where(t.transfer.c.id == bindparam("transfer"), t.transfer.c.delivered_at.is_(None))
    .values(delivered_at=bindparam("at"))
)
CANCEL = Statement(
    update(t.transfer)
    .where(t.transfer.c.id == bindparam("transfer"), t.transfer.c.delivered_at.is_(None), holds(t.transfer))
    .values(sealed=bindparam("sealed_"))
)
"""The sender takes back what nobody fetched; that it did so stands in the sealed words. An erasure may come first."""

EPOCH = Statement(select(t.gate.c.epoch).where(t.gate.c.key == bindparam("key")))

_CONSENTS = (
    t.consent.join(t.consent_recipient, t.consent_recipient.c.consent_id == t.consent.c.id)
    .join(t.unit, t.unit.c.id == t.consent.c.unit_id)
    .join(t.ledger_subject, t.ledger_subject.c.patient_id == t.consent.c.patient_id)
)
_TREATMENT = (t.consent.c.kind == "tpo", t.consent.c.facts.is_not(None), t.consent_recipient.c.case_key == "")
_CONSENT = (
    t.consent.c.id,
    t.consent.c.patient_id,
    t.consent.c.unit_id,
    t.consent.c.facts,
    t.consent.c.version,
    t.consent.c.superseded_at,
    t.consent.c.suspended,
    t.consent.c.entered_in_error,
    t.unit.c.profile,
    t.unit.c.name,
    t.unit.c.closed_at,
    t.ledger_subject.c.pseudonym,
    key_of(t.consent.c.patient_id),
)
_RESTRICTION = (
    t.restriction.c.patient_id,
    t.restriction.c.elements,
    t.restriction.c.recipient_unit,
    t.restriction.c.lifted_day,
)
_RESTRICTING: tuple[Any, ...] = (literal_column("'agreed'"), literal_column("'terminated'"))
_REVOCATION = (t.revocation.c.consent_id, t.revocation.c.requested_at, t.revocation.c.selection)


class Inbox(NamedTuple):
    """The statements of one look into a unit's inbox, at one transfer or a page; all take the same parameters."""

    rows: Statement
    epochs: Statement
    consents: Statement
    revocations: Statement
    restrictions: Statement


def _inbox(*which: Any) -> Inbox:
    """``unit`` is the recipient; at most ``most`` transfers."""
    wanted = (t.transfer.c.recipient_unit == bindparam("unit"), holds(t.transfer), *which)
    page = select(*_SHOWN).where(*wanted).order_by(*_IN_ORDER).limit(bindparam("most"))
    found = page.subquery("found")
    about = select(found.c.patient_id, found.c.issuer_unit)
    name = literal("p:") + found.c.patient_id + ":" + found.c.recipient_unit
    epochs = select(t.gate.c.key, t.gate.c.epoch).where(t.gate.c.key.in_(select(name)))
    under = (
        t.consent_recipient.c.unit_id == bindparam("unit"),
        tuple_(t.consent.c.patient_id, t.consent.c.unit_id).in_(about),
        *_TREATMENT,
    )
    return Inbox(Statement(page), Statement(epochs), *_read_under(under))


def _read_under(under: tuple[Any, ...]) -> tuple[Statement, Statement, Statement]:
    """The treatment consents that meet the conditions, their revocations and what is restricted, in a fixed order."""
    consents = select(*_CONSENT).select_from(_CONSENTS).where(*under).order_by(t.consent.c.id)
    revoked = _CONSENTS.join(t.revocation, t.revocation.c.consent_id == t.consent.c.id)
    revocations = select(*_REVOCATION).select_from(revoked).where(*under).order_by(t.revocation.c.id)
    whose = select(t.consent.c.patient_id).select_from(_CONSENTS).where(*under)
    restrictions = (
        select(*_RESTRICTION)
        .where(t.restriction.c.patient_id.in_(whose), t.restriction.c.state.in_(_RESTRICTING))
        .order_by(t.restriction.c.id)
    )
    return Statement(consents), Statement(revocations), Statement(restrictions)


ONE = _inbox(t.transfer.c.id == bindparam("transfer"))
PAGE = _inbox(_AFTER)
ALLOWING, ALLOWING_REVOKED, ALLOWING_RESTRICTED = _read_under(
    (
        t.consent_recipient.c.unit_id == bindparam("recipient"),
        t.consent.c.patient_id == bindparam("patient"),
        t.consent.c.unit_id == bindparam("unit"),
        *_TREATMENT,
    )
)
"""What one patient of one discloser allows one recipient for treatment."""
