"""Consents, their recipients, signatures and revocations."""

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Table

from app.storage.tables.columns import metadata, number, sealed, words

consent = Table(
    "consent",
    metadata,
    words("id", key=True),
    words("patient_id", ForeignKey("patient.id")),
    words("unit_id", ForeignKey("unit.id")),
    words("kind"),
    words("case_key", null=True),
    words("referral_id", ForeignKey("referral.id"), null=True),
    sealed("sealed"),
    words("facts", null=True),
    number("version"),
    number("created_at"),
    number("activated_at", null=True),
    number("declined_at", null=True),
    number("superseded_at", null=True),
    number("suspended", default="0"),
    number("entered_in_error", default="0"),
    Index("ix_consent_patient_id", "patient_id"),
)
consent_recipient = Table(
    "consent_recipient",
    metadata,
    words("unit_id", ForeignKey("unit.id")),
    words("case_key"),
    words("consent_id", ForeignKey("consent.id")),
    number("closed_at", null=True),
    PrimaryKeyConstraint("unit_id", "case_key", "consent_id"),
    Index("ix_consent_recipient_consent_id", "consent_id"),
)
consent_signature = Table(
    "consent_signature",
    metadata,
    words("id", key=True),
    words("consent_id", ForeignKey("consent.id")),
    number("created_at"),
    sealed("sealed"),
    Index("ix_consent_signature_consent_id", "consent_id"),
)
revocation = Table(
    "revocation",
    metadata,
    words("id", key=True),
    words("consent_id", ForeignKey("consent.id")),
    number("requested_at"),
    number("created_at"),
    words("selection"),
    Index("ix_revocation_consent_id", "consent_id"),
)
