"""Other bases, agreed restrictions, suspensions, rights of the patient, staff assigned to a case."""

from sqlalchemy import ForeignKey, Index, Table

from app.storage.tables.columns import metadata, number, sealed, words

restriction = Table(
    "restriction",
    metadata,
    words("id", key=True),
    words("patient_id", ForeignKey("patient.id")),
    words("unit_id", ForeignKey("unit.id")),
    words("state"),
    words("elements"),
    words("recipient_unit", ForeignKey("unit.id"), null=True),
    number("requested_at"),
    number("agreed_at", null=True),
    number("ended_at", null=True),
    number("lifted_day", null=True),
    sealed("sealed"),
    Index("ix_restriction_patient_id", "patient_id"),
)
"""``state``: requested, agreed, declined, ended, terminated. ``elements``: JSON list of names. ``lifted_day``: of one
that the programme terminated by notice, the last day (ordinal) whose records it still covers (42 CFR 2.26(a)(5)).
"""

suspension = Table(
    "suspension",
    metadata,
    words("id", key=True),
    words("consent_id", ForeignKey("consent.id")),
    words("cause"),
    number("from_at"),
    number("until_at", null=True),
    sealed("sealed"),
    Index("ix_suspension_consent_id", "consent_id"),
)
"""When a consent was suspended, and until when: ``consent.suspended`` says whether one is open."""

court_order = Table(
    "court_order",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("patient_id", ForeignKey("patient.id")),
    words("consent_id", ForeignKey("consent.id"), null=True),
    words("state"),
    number("created_at"),
    number("decided_at", null=True),
    number("ended_at", null=True),
    sealed("sealed"),
    Index("ix_court_order_unit_id", "unit_id", "created_at", "id"),
    Index("ix_court_order_patient_id", "patient_id"),
)
"""``consent_id``: the instrument that an approved order became; its kind is court_order."""

emergency_access = Table(
    "emergency_access",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("discloser_unit", ForeignKey("unit.id")),
    words("patient_id", ForeignKey("patient.id")),
    number("created_at"),
    sealed("sealed"),
    Index("ix_emergency_access_discloser_unit", "discloser_unit", "created_at", "id"),
    Index("ix_emergency_access_patient_id", "patient_id"),
)
review = Table(
    "review",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("patient_id", ForeignKey("patient.id")),
    words("kind"),
    words("subject_id"),
    number("created_at"),
    number("due_at"),
    number("closed_at", null=True),
    sealed("sealed"),
    Index("ix_review_unit_id", "unit_id", "created_at", "id"),
    Index("ix_review_patient_id", "patient_id"),
)
"""What a person at the discloser has to look at: an emergency, a held order, an error that a second person confirms."""

accounting_suspension = Table(
    "accounting_suspension",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("patient_id", ForeignKey("patient.id")),
    words("recipient_unit", ForeignKey("unit.id")),
    number("from_at"),
    number("until_at"),
    number("ended_at", null=True),
    sealed("sealed"),
    Index("ix_accounting_suspension_patient_id", "patient_id"),
)
subject_request = Table(
    "subject_request",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("patient_id", ForeignKey("patient.id")),
    words("kind"),
    words("state"),
    number("received_at"),
    number("due_at"),
    number("answered_at", null=True),
    sealed("sealed"),
    Index("ix_subject_request_unit_id", "unit_id", "received_at", "id"),
    Index("ix_subject_request_patient_id", "patient_id"),
)
legal_hold = Table(
    "legal_hold",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("patient_id", ForeignKey("patient.id")),
    number("placed_at"),
    number("review_at"),
    number("lifted_at", null=True),
    sealed("sealed"),
    Index("ix_legal_hold_patient_id", "patient_id"),
)
case_assignment = Table(
    "case_assignment",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("case_key", ForeignKey("case_record.key")),
    words("person"),
    number("from_at"),
    number("until_at", null=True),
    Index("ix_case_assignment_unit_id", "unit_id", "case_key"),
)
"""Whom a justice unit assigned to a case, by keyed name (``withdrawals.named_person``); '' is the unit as a whole."""

case_move = Table(
    "case_move",
    metadata,
    words("id", key=True),
    words("case_key", ForeignKey("case_record.key")),
    words("kind"),
    words("other_key", ForeignKey("case_record.key"), null=True),
    words("to_unit", ForeignKey("unit.id"), null=True),
    number("occurred_at"),
    number("received_at"),
    Index("ix_case_move_case_key", "case_key"),
)
"""A joinder or a transfer as the imposing unit reported it. No consent follows it (domain rules, cases 5 and 6)."""

unit_profile = Table(
    "unit_profile",
    metadata,
    words("unit_id", ForeignKey("unit.id"), key=True),
    words("profile"),
    number("since", key=True),
)
"""Which profile a unit had from when on: a past decision is explained under that of its time."""
