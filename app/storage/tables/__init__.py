"""The schema (design 8). Instants are bigint microseconds since 1970-01-01T00:00Z, days are proleptic ordinals.

No clear content column exists: what a patient or an agency wrote is ``sealed`` bytes, what must be found is a blind
index (HMAC). Append-only triggers, the record function and the clock live in the first migration.
"""

from app.storage.tables.cases import (
    case_event,
    case_identifier,
    case_record,
    case_view,
    patient,
    referral,
    referral_subject,
    subject_ref,
)
from app.storage.tables.columns import metadata
from app.storage.tables.consents import consent, consent_recipient, consent_signature, revocation
from app.storage.tables.corrections import incident, patient_merge, referral_amendment, referral_frame, withdrawal
from app.storage.tables.exchange import consent_request, feed_mark, feed_seen, feed_view, transfer
from app.storage.tables.gate import (
    chain_root,
    clock_floor,
    consultation,
    disclosure,
    gate,
    idempotency,
    ledger_leaf,
    ledger_subject,
)
from app.storage.tables.keys import data_key
from app.storage.tables.law import (
    accounting_suspension,
    case_assignment,
    case_move,
    court_order,
    emergency_access,
    legal_hold,
    restriction,
    review,
    subject_request,
    suspension,
    unit_profile,
)
from app.storage.tables.limits import allowance, doorbell, webhook
from app.storage.tables.messages import element_row, message
from app.storage.tables.registry import agency, appointment, assertion_replay, assignment, client, client_key, unit

__all__ = [
    "accounting_suspension",
    "agency",
    "allowance",
    "appointment",
    "assertion_replay",
    "assignment",
    "case_assignment",
    "case_event",
    "case_identifier",
    "case_move",
    "case_record",
    "case_view",
    "chain_root",
    "client",
    "client_key",
    "clock_floor",
    "consent",
    "consent_recipient",
    "consent_request",
    "consent_signature",
    "consultation",
    "court_order",
    "data_key",
    "disclosure",
    "doorbell",
    "element_row",
    "emergency_access",
    "feed_mark",
    "feed_seen",
    "feed_view",
    "gate",
    "idempotency",
    "incident",
    "ledger_leaf",
    "ledger_subject",
    "legal_hold",
    "message",
    "metadata",
    "patient",
    "patient_merge",
    "referral",
    "referral_amendment",
    "referral_frame",
    "referral_subject",
    "restriction",
    "review",
    "revocation",
    "subject_ref",
    "subject_request",
    "suspension",
    "transfer",
    "unit",
    "unit_profile",
    "webhook",
    "withdrawal",
]
