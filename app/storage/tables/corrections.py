"""What is put right after it was sent: amendments, withdrawn items, merges, incidents."""

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Table

from app.storage.tables.columns import metadata, number, sealed, words

referral_amendment = Table(
    "referral_amendment",
    metadata,
    words("id", key=True),
    words("referral_id", ForeignKey("referral.id")),
    number("created_at"),
    sealed("sealed"),
    sealed("receipt"),
    Index("ix_referral_amendment_referral_id", "referral_id", "created_at"),
)
referral_frame = Table(
    "referral_frame",
    metadata,
    words("referral_id", ForeignKey("referral.id")),
    words("scope"),
    number("since"),
    PrimaryKeyConstraint("referral_id", "scope"),
)
withdrawal = Table(
    "withdrawal",
    metadata,
    words("unit_id", ForeignKey("unit.id")),
    words("case_id"),
    words("role"),
    words("purpose"),
    words("person"),
    words("referral"),
    words("subject"),
    words("kind"),
    words("item_id"),
    words("elements"),
    number("created_at"),
    number("settled", default="0"),
    PrimaryKeyConstraint(
        *("unit_id", "case_id", "role", "purpose", "person", "referral", "subject"),
        *("item_id", "created_at", "elements", "settled"),
    ),
)
patient_merge = Table(
    "patient_merge",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("survivor_id", ForeignKey("patient.id")),
    words("merged_id", ForeignKey("patient.id")),
    number("created_at"),
    number("undone_at", null=True),
    Index("ix_patient_merge_survivor_id", "survivor_id"),
    Index("ix_patient_merge_merged_id", "merged_id"),
)
incident = Table(
    "incident",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("patient_id", ForeignKey("patient.id")),
    words("kind"),
    number("discovered_at"),
    number("created_at"),
    sealed("sealed"),
    Index("ix_incident_unit_id", "unit_id", "created_at", "id"),
)
