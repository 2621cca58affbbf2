"""Cases, patients, referrals and how each unit names them."""

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Table, text

from app.storage.tables.columns import metadata, number, sealed, words

case_record = Table("case_record", metadata, words("key", key=True), words("imposing_unit", ForeignKey("unit.id")))
case_identifier = Table(
    "case_identifier",
    metadata,
    words("blind_index", key=True),
    words("case_key", ForeignKey("case_record.key")),
    number("since"),
)
case_view = Table(
    "case_view",
    metadata,
    words("unit_id", ForeignKey("unit.id")),
    words("case_id"),
    words("case_key", ForeignKey("case_record.key")),
    number("since"),
    sealed("sealed"),
    PrimaryKeyConstraint("unit_id", "case_id"),
    Index("ix_case_view_case_key", "case_key", "unit_id"),
)
case_event = Table(
    "case_event",
    metadata,
    words("id", key=True),
    words("case_key", ForeignKey("case_record.key")),
    words("unit_id", ForeignKey("unit.id")),
    words("code"),
    number("occurred_at"),
    number("received_at"),
    number("effective"),
    number("judged_at", null=True),
    Index("ix_case_event_case_key", "case_key"),
    Index(
        "ix_case_event_judged_at",
        "judged_at",
        postgresql_where=text("judged_at IS NULL"),
        sqlite_where=text("judged_at IS NULL"),
    ),
)
"""``judged_at``: when it was looked at what had left too late by it; until then somebody has to."""

patient = Table(
    "patient",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("name_index"),
    words("birth_index"),
    sealed("sealed"),
    number("created_at"),
    number("erased_at", null=True),
    Index("ix_patient_unit_id", "unit_id", "name_index", "birth_index"),
)
referral = Table(
    "referral",
    metadata,
    words("id", key=True),
    words("issuer_unit", ForeignKey("unit.id")),
    words("recipient_unit", ForeignKey("unit.id")),
    words("case_key", ForeignKey("case_record.key")),
    words("case_id"),
    words("patient_id", ForeignKey("patient.id"), null=True),
    words("scope"),
    words("identifier_index", null=True),
    sealed("sealed"),
    sealed("receipt"),
    number("created_at"),
    number("cancelled_at", null=True),
    number("delivered_at", null=True),
    number("answered_at", null=True),
    # One referral an identifier of its sender; where there is none, NULL equals no other NULL.
    Index("uq_referral_identifier_index", "issuer_unit", "identifier_index", unique=True),
    Index("ix_referral_issuer_unit", "issuer_unit", "created_at", "id"),
    Index("ix_referral_recipient_unit", "recipient_unit", "created_at", "id"),
    Index("ix_referral_patient_id", "patient_id"),
)
subject_ref = Table(
    "subject_ref",
    metadata,
    words("unit_id", ForeignKey("unit.id")),
    words("case_key", ForeignKey("case_record.key")),
    words("person_index"),
    words("ref"),
    PrimaryKeyConstraint("unit_id", "case_key", "person_index"),
)
referral_subject = Table(
    "referral_subject",
    metadata,
    words("referral_id", ForeignKey("referral.id")),
    words("unit_id", ForeignKey("unit.id")),
    words("ref"),
    PrimaryKeyConstraint("referral_id", "unit_id"),
)
