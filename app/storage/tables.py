"""The schema (design 8). Instants are bigint microseconds since 1970-01-01T00:00Z, days are proleptic ordinals.

No clear content column exists: what a patient or an agency wrote is ``sealed`` bytes, what must be found is a blind
index (HMAC). Append-only triggers, the record function and the clock live in the first migration.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)


def _text(name: str, *extra: ForeignKey, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, *extra, nullable=null, primary_key=key)


def _int(name: str, *, null: bool = False, key: bool = False, default: str | None = None) -> Column[int]:
    return Column(name, BigInteger, nullable=null, primary_key=key, autoincrement=False, server_default=default)


def _blob(name: str, *, null: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=null)


# --- registry -------------------------------------------------------------------------------------------------------
agency = Table("agency", metadata, _text("id", key=True), _text("kind"), _text("name"), _int("suspended_at", null=True))
unit = Table(
    "unit",
    metadata,
    _text("id", key=True),
    _text("agency_id", ForeignKey("agency.id")),
    _text("name"),
    _text("alias"),
    _text("time_zone"),
    _text("profile"),
    _text("services"),
    _text("languages"),
    _text("capacity", null=True),
    _text("waiting_time", null=True),
    _int("suspended_at", null=True),
    Index("ix_unit_agency_id", "agency_id"),
)
client = Table(
    "client",
    metadata,
    _text("id", key=True),
    _text("agency_id", ForeignKey("agency.id")),
    _text("assertion_profile"),
    _text("secret_hash", null=True),
    _int("suspended_at", null=True),
)
client_key = Table(
    "client_key",
    metadata,
    _text("thumbprint", key=True),
    _text("client_id", ForeignKey("client.id")),
    _text("jwk"),
    _int("created_at"),
    _int("retired_at", null=True),
    Index("ix_client_key_client_id", "client_id"),
)
assignment = Table(
    "assignment",
    metadata,
    _text("id", key=True),
    _text("client_id", ForeignKey("client.id")),
    _text("unit_id", ForeignKey("unit.id")),
    _text("role"),
    _int("ended_at", null=True),
    Index("ix_assignment_client_id", "client_id"),
)
appointment = Table(
    "appointment",
    metadata,
    _text("officer_unit", ForeignKey("unit.id")),
    _text("discloser_unit", ForeignKey("unit.id")),
    PrimaryKeyConstraint("officer_unit", "discloser_unit"),
)
assertion_replay = Table(
    "assertion_replay",
    metadata,
    _text("issuer"),
    _text("jti"),
    _int("expires_at"),
    PrimaryKeyConstraint("issuer", "jti"),
    Index("ix_assertion_replay_expires_at", "expires_at"),
)

# --- cases and referrals --------------------------------------------------------------------------------------------
case_record = Table("case_record", metadata, _text("key", key=True), _text("imposing_unit", ForeignKey("unit.id")))
case_identifier = Table(
    "case_identifier",
    metadata,
    _text("blind_index", key=True),
    _text("case_key", ForeignKey("case_record.key")),
)
case_view = Table(
    "case_view",
    metadata,
    _text("unit_id", ForeignKey("unit.id")),
    _text("case_id"),
    _text("case_key", ForeignKey("case_record.key")),
    _blob("sealed"),
    PrimaryKeyConstraint("unit_id", "case_id"),
    Index("ix_case_view_case_key", "case_key", "unit_id"),
)
case_event = Table(
    "case_event",
    metadata,
    _text("id", key=True),
    _text("case_key", ForeignKey("case_record.key")),
    _text("unit_id", ForeignKey("unit.id")),
    _text("code"),
    _int("occurred_at"),
    _int("received_at"),
    _int("effective"),
    Index("ix_case_event_case_key", "case_key"),
)
patient = Table(
    "patient",
    metadata,
    _text("id", key=True),
    _text("unit_id", ForeignKey("unit.id")),
    _text("name_index"),
    _text("birth_index"),
    _blob("sealed"),
    _int("created_at"),
    Index("ix_patient_unit_id", "unit_id", "name_index", "birth_index"),
)
referral = Table(
    "referral",
    metadata,
    _text("id", key=True),
    _text("issuer_unit", ForeignKey("unit.id")),
    _text("recipient_unit", ForeignKey("unit.id")),
    _text("case_key", ForeignKey("case_record.key")),
    _text("case_id"),
    _text("patient_id", ForeignKey("patient.id"), null=True),
    _text("scope"),
    _blob("sealed"),
    _blob("receipt"),
    _int("created_at"),
    _int("cancelled_at", null=True),
    _int("delivered_at", null=True),
    _int("answered_at", null=True),
    Index("ix_referral_issuer_unit", "issuer_unit", "created_at", "id"),
    Index("ix_referral_recipient_unit", "recipient_unit", "created_at", "id"),
    Index("ix_referral_patient_id", "patient_id"),
)
subject_ref = Table(
    "subject_ref",
    metadata,
    _text("unit_id", ForeignKey("unit.id")),
    _text("case_key", ForeignKey("case_record.key")),
    _text("person_index"),
    _text("ref"),
    PrimaryKeyConstraint("unit_id", "case_key", "person_index"),
)
referral_subject = Table(
    "referral_subject",
    metadata,
    _text("referral_id", ForeignKey("referral.id")),
    _text("unit_id", ForeignKey("unit.id")),
    _text("ref"),
    PrimaryKeyConstraint("referral_id", "unit_id"),
)

# --- messages -------------------------------------------------------------------------------------------------------
message = Table(
    "message",
    metadata,
    _text("id", key=True),
    _text("patient_id", ForeignKey("patient.id")),
    _text("unit_id", ForeignKey("unit.id")),
    _text("kind"),
    _blob("sealed"),
    _int("first_day"),
    _int("last_day"),
    _int("episode"),
    _int("created_at"),
    _text("superseded_by", null=True),
    Index("ix_message_patient_id", "patient_id", "kind", "first_day"),
)
element_row = Table(
    "element_row",
    metadata,
    _text("id", key=True),
    _text("patient_id", ForeignKey("patient.id")),
    _text("unit_id", ForeignKey("unit.id")),
    _text("kind"),
    _text("element"),
    _text("case_key"),
    _text("scope"),
    _int("sort_key"),
    _int("seq"),
    _text("message_id", ForeignKey("message.id")),
    _blob("sealed"),
    Column("live", Integer, nullable=False, server_default="1"),
    # Whatever can hide a row is a key column or the key's range, never a filter after it.
    Index(
        "ux_element_row_read",
        "patient_id",
        "unit_id",
        "kind",
        "element",
        "case_key",
        "scope",
        "sort_key",
        "seq",
        "message_id",
        unique=True,
        postgresql_where=text("live = 1"),
        sqlite_where=text("live = 1"),
    ),
)

# --- consents -------------------------------------------------------------------------------------------------------
consent = Table(
    "consent",
    metadata,
    _text("id", key=True),
    _text("patient_id", ForeignKey("patient.id")),
    _text("unit_id", ForeignKey("unit.id")),
    _text("kind"),
    _text("case_key", null=True),
    _text("referral_id", ForeignKey("referral.id"), null=True),
    _blob("sealed"),
    _text("facts", null=True),
    _int("version"),
    _int("created_at"),
    _int("activated_at", null=True),
    _int("declined_at", null=True),
    _int("superseded_at", null=True),
    _int("suspended", default="0"),
    _int("entered_in_error", default="0"),
    Index("ix_consent_patient_id", "patient_id"),
)
consent_recipient = Table(
    "consent_recipient",
    metadata,
    _text("unit_id", ForeignKey("unit.id")),
    _text("case_key"),
    _text("consent_id", ForeignKey("consent.id")),
    PrimaryKeyConstraint("unit_id", "case_key", "consent_id"),
)
consent_signature = Table(
    "consent_signature",
    metadata,
    _text("id", key=True),
    _text("consent_id", ForeignKey("consent.id")),
    _int("created_at"),
    _blob("sealed"),
    Index("ix_consent_signature_consent_id", "consent_id"),
)
revocation = Table(
    "revocation",
    metadata,
    _text("id", key=True),
    _text("consent_id", ForeignKey("consent.id")),
    _int("requested_at"),
    _int("created_at"),
    _text("selection"),
    Index("ix_revocation_consent_id", "consent_id"),
)

# --- the gate and its record ----------------------------------------------------------------------------------------
gate = Table("gate", metadata, _text("key", key=True), _int("epoch"))
clock_floor = Table("clock_floor", metadata, Column("id", Integer, primary_key=True), _int("at"))
ledger_subject = Table(
    "ledger_subject",
    metadata,
    _text("patient_id", ForeignKey("patient.id"), key=True),
    _text("pseudonym"),
    Index("ux_ledger_subject_pseudonym", "pseudonym", unique=True),
)
consultation = Table(
    "consultation",
    metadata,
    _text("id", key=True),
    _int("at"),
    _text("unit_id"),
    _blob("entry"),
    Index("ix_consultation_unit_id", "unit_id", "at"),
)
disclosure = Table(
    "disclosure",
    metadata,
    _text("id", key=True),
    _text("consultation_id", ForeignKey("consultation.id")),
    _text("subject"),
    _text("unit_id"),
    _text("instrument_id"),
    _int("at"),
    _blob("entry"),
    _blob("opening"),
    Index("ix_disclosure_subject", "subject", "at"),
)
ledger_leaf = Table(
    "ledger_leaf",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    _text("disclosure_id", ForeignKey("disclosure.id")),
    Index("ux_ledger_leaf_disclosure_id", "disclosure_id", unique=True),
)
chain_root = Table(
    "chain_root",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    _blob("root"),
    _int("at"),
    _blob("signature"),
)
idempotency = Table(
    "idempotency",
    metadata,
    _text("scope", key=True),
    _text("fingerprint"),
    _int("status"),
    _text("noun", null=True),
    _blob("sealed"),
    _int("created_at"),
    Index("ix_idempotency_created_at", "created_at"),
)
