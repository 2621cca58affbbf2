"""First schema: registry, cases, referrals, messages, consents, gate and record (design 8)."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "agency",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("suspended_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency")),
    )
    op.create_table(
        "assertion_replay",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("jti", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti", name=op.f("pk_assertion_replay")),
    )
    op.create_index("ix_assertion_replay_expires_at", "assertion_replay", ["expires_at"], unique=False)
    op.create_table(
        "chain_root",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_chain_root")),
    )
    op.create_table(
        "clock_floor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_floor")),
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation")),
    )
    op.create_index("ix_consultation_unit_id", "consultation", ["unit_id", "at"], unique=False)
    op.create_table(
        "gate",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gate")),
    )
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("status", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("noun", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_idempotency")),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"], unique=False)
    op.create_table(
        "client",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("assertion_profile", sa.Text(), nullable=False),
        sa.Column("secret_hash", sa.Text(), nullable=True),
        sa.Column("suspended_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_client_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    op.create_table(
        "disclosure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("consultation_id", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name=op.f("fk_disclosure_consultation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index("ix_disclosure_subject", "disclosure", ["subject", "at"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("agency_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("languages", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=True),
        sa.Column("waiting_time", sa.Text(), nullable=True),
        sa.Column("suspended_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["agency_id"], ["agency.id"], name=op.f("fk_unit_agency_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    op.create_index("ix_unit_agency_id", "unit", ["agency_id"], unique=False)
    op.create_table(
        "appointment",
        sa.Column("officer_unit", sa.Text(), nullable=False),
        sa.Column("discloser_unit", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["discloser_unit"], ["unit.id"], name=op.f("fk_appointment_discloser_unit")),
        sa.ForeignKeyConstraint(["officer_unit"], ["unit.id"], name=op.f("fk_appointment_officer_unit")),
        sa.PrimaryKeyConstraint("officer_unit", "discloser_unit", name=op.f("pk_appointment")),
    )
    op.create_table(
        "assignment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_assignment_client_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assignment_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_client_id", "assignment", ["client_id"], unique=False)
    op.create_table(
        "case_record",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("imposing_unit", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["imposing_unit"], ["unit.id"], name=op.f("fk_case_record_imposing_unit")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_case_record")),
    )
    op.create_table(
        "client_key",
        sa.Column("thumbprint", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("jwk", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("retired_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_client_key_client_id")),
        sa.PrimaryKeyConstraint("thumbprint", name=op.f("pk_client_key")),
    )
    op.create_index("ix_client_key_client_id", "client_key", ["client_id"], unique=False)
    op.create_table(
        "ledger_leaf",
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("disclosure_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["disclosure_id"], ["disclosure.id"], name=op.f("fk_ledger_leaf_disclosure_id")),
        sa.PrimaryKeyConstraint("index", name=op.f("pk_ledger_leaf")),
    )
    op.create_index("ux_ledger_leaf_disclosure_id", "ledger_leaf", ["disclosure_id"], unique=True)
    op.create_table(
        "patient",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("name_index", sa.Text(), nullable=False),
        sa.Column("birth_index", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_patient_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    op.create_index("ix_patient_unit_id", "patient", ["unit_id", "name_index", "birth_index"], unique=False)
    op.create_table(
        "case_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("received_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("effective", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["case_key"], ["case_record.key"], name=op.f("fk_case_event_case_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_event_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index("ix_case_event_case_key", "case_event", ["case_key"], unique=False)
    op.create_table(
        "case_identifier",
        sa.Column("blind_index", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["case_key"], ["case_record.key"], name=op.f("fk_case_identifier_case_key")),
        sa.PrimaryKeyConstraint("blind_index", name=op.f("pk_case_identifier")),
    )
    op.create_table(
        "case_view",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["case_key"], ["case_record.key"], name=op.f("fk_case_view_case_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_case_view_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "case_id", name=op.f("pk_case_view")),
    )
    op.create_index("ix_case_view_case_key", "case_view", ["case_key", "unit_id"], unique=False)
    op.create_table(
        "ledger_subject",
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_ledger_subject_patient_id")),
        sa.PrimaryKeyConstraint("patient_id", name=op.f("pk_ledger_subject")),
    )
    op.create_index("ux_ledger_subject_pseudonym", "ledger_subject", ["pseudonym"], unique=True)
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("first_day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_day", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("superseded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_message_patient_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_message_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index("ix_message_patient_id", "message", ["patient_id", "kind", "first_day"], unique=False)
    op.create_table(
        "referral",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("issuer_unit", sa.Text(), nullable=False),
        sa.Column("recipient_unit", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("identifier_index", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cancelled_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("answered_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["case_key"], ["case_record.key"], name=op.f("fk_referral_case_key")),
        sa.ForeignKeyConstraint(["issuer_unit"], ["unit.id"], name=op.f("fk_referral_issuer_unit")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_referral_patient_id")),
        sa.ForeignKeyConstraint(["recipient_unit"], ["unit.id"], name=op.f("fk_referral_recipient_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral")),
    )
    op.create_index("ix_referral_issuer_unit", "referral", ["issuer_unit", "created_at", "id"], unique=False)
    op.create_index("ix_referral_patient_id", "referral", ["patient_id"], unique=False)
    op.create_index("ix_referral_recipient_unit", "referral", ["recipient_unit", "created_at", "id"], unique=False)
    op.create_index("uq_referral_identifier_index", "referral", ["issuer_unit", "identifier_index"], unique=True)
    op.create_table(
        "subject_ref",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("person_index", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case_key"], ["case_record.key"], name=op.f("fk_subject_ref_case_key")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_subject_ref_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "case_key", "person_index", name=op.f("pk_subject_ref")),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=True),
        sa.Column("referral_id", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("activated_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("declined_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("suspended", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.Column("entered_in_error", sa.BigInteger(), server_default="0", autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_consent_patient_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_consent_referral_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_consent_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_patient_id", "consent", ["patient_id"], unique=False)
    op.create_table(
        "element_row",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("live", sa.Integer(), server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_element_row_message_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_element_row_patient_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_element_row_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_element_row")),
    )
    op.create_index(
        "ux_element_row_read",
        "element_row",
        ["patient_id", "unit_id", "kind", "element", "case_key", "scope", "sort_key", "seq", "message_id"],
        unique=True,
        postgresql_where=sa.text("live = 1"),
        sqlite_where=sa.text("live = 1"),
    )
    op.create_table(
        "referral_subject",
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_subject_referral_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_referral_subject_unit_id")),
        sa.PrimaryKeyConstraint("referral_id", "unit_id", name=op.f("pk_referral_subject")),
    )
    op.create_table(
        "consent_recipient",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_consent_recipient_consent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_consent_recipient_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "case_key", "consent_id", name=op.f("pk_consent_recipient")),
    )
    op.create_table(
        "consent_signature",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_consent_signature_consent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_signature")),
    )
    op.create_index("ix_consent_signature_consent_id", "consent_signature", ["consent_id"], unique=False)
    op.create_table(
        "revocation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("consent_id", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("selection", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_revocation_consent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation")),
    )
    op.create_index("ix_revocation_consent_id", "revocation", ["consent_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_revocation_consent_id", table_name="revocation")
    op.drop_table("revocation")
    op.drop_index("ix_consent_signature_consent_id", table_name="consent_signature")
    op.drop_table("consent_signature")
    op.drop_table("consent_recipient")
    op.drop_table("referral_subject")
    op.drop_index(
        "ux_element_row_read",
        table_name="element_row",
        postgresql_where=sa.text("live = 1"),
        sqlite_where=sa.text("live = 1"),
    )
    op.drop_table("element_row")
    op.drop_index("ix_consent_patient_id", table_name="consent")
    op.drop_table("consent")
    op.drop_table("subject_ref")
    op.drop_index("ix_referral_recipient_unit", table_name="referral")
    op.drop_index("ix_referral_patient_id", table_name="referral")
    op.drop_index("ix_referral_issuer_unit", table_name="referral")
    op.drop_table("referral")
    op.drop_index("ix_message_patient_id", table_name="message")
    op.drop_table("message")
    op.drop_index("ux_ledger_subject_pseudonym", table_name="ledger_subject")
    op.drop_table("ledger_subject")
    op.drop_index("ix_case_view_case_key", table_name="case_view")
    op.drop_table("case_view")
    op.drop_table("case_identifier")
    op.drop_index("ix_case_event_case_key", table_name="case_event")
    op.drop_table("case_event")
    op.drop_index("ix_patient_unit_id", table_name="patient")
    op.drop_table("patient")
    op.drop_index("ux_ledger_leaf_disclosure_id", table_name="ledger_leaf")
    op.drop_table("ledger_leaf")
    op.drop_index("ix_client_key_client_id", table_name="client_key")
    op.drop_table("client_key")
    op.drop_table("case_record")
    op.drop_index("ix_assignment_client_id", table_name="assignment")
    op.drop_table("assignment")
    op.drop_table("appointment")
    op.drop_index("ix_unit_agency_id", table_name="unit")
    op.drop_table("unit")
    op.drop_index("ix_disclosure_subject", table_name="disclosure")
    op.drop_table("disclosure")
    op.drop_table("client")
    op.drop_index("ix_idempotency_created_at", table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("gate")
    op.drop_index("ix_consultation_unit_id", table_name="consultation")
    op.drop_table("consultation")
    op.drop_table("clock_floor")
    op.drop_table("chain_root")
    op.drop_index("ix_assertion_replay_expires_at", table_name="assertion_replay")
    op.drop_table("assertion_replay")
    op.drop_table("agency")
