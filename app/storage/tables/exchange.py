"""What passes beside the three kinds of message: transfers of care, requests for a consent, the event feed."""

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Table

from app.storage.tables.columns import metadata, number, sealed, words

transfer = Table(
    "transfer",
    metadata,
    words("id", key=True),
    words("patient_id", ForeignKey("patient.id")),
    words("issuer_unit", ForeignKey("unit.id")),
    words("recipient_unit", ForeignKey("unit.id")),
    words("identifier_index", null=True),
    sealed("sealed"),
    number("created_at"),
    number("delivered_at", null=True),
    Index("uq_transfer_identifier_index", "issuer_unit", "identifier_index", unique=True),
    Index("ix_transfer_issuer_unit", "issuer_unit", "created_at", "id"),
    Index("ix_transfer_recipient_unit", "recipient_unit", "created_at", "id"),
)
consent_request = Table(
    "consent_request",
    metadata,
    words("id", key=True),
    words("referral_id", ForeignKey("referral.id")),
    words("issuer_unit", ForeignKey("unit.id")),
    words("recipient_unit", ForeignKey("unit.id")),
    words("role"),
    words("purpose"),
    number("created_at"),
    Index("ix_consent_request_recipient_unit", "recipient_unit", "created_at", "id"),
)
feed_mark = Table(
    "feed_mark",
    metadata,
    words("unit_id", ForeignKey("unit.id")),
    words("case_key"),
    number("mark"),
    PrimaryKeyConstraint("unit_id", "case_key"),
)
feed_seen = Table(
    "feed_seen",
    metadata,
    words("reader"),
    words("case_id"),
    number("mark"),
    number("due_at"),
    PrimaryKeyConstraint("reader", "case_id"),
)
feed_view = Table(
    "feed_view",
    metadata,
    words("reader"),
    words("case_id"),
    words("kind"),
    words("purpose"),
    words("digest"),
    number("number"),
    number("created_at"),
    PrimaryKeyConstraint("reader", "case_id", "kind", "purpose"),
    Index("ix_feed_view_reader", "reader", "number"),
)
