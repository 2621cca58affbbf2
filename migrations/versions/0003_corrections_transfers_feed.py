"""Corrections, transfers, requests for consent, the event feed; requests beside records (design 5, 6)."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("referral_amendment", "referral_frame", "withdrawal", "incident")

RECORD_WITH_REQUEST = """
CREATE FUNCTION record_release(
  p_shared boolean, p_locks bigint[], p_keys text[], p_epochs bigint[], p_as_of bigint, p_valid_until bigint,
  p_consultation text, p_unit text, p_entry bytea,
  p_request text, p_ids text[], p_subjects text[], p_instruments text[], p_entries bytea[], p_openings bytea[]
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  k bigint;
  added bigint;
BEGIN
  -- Each inner statement must have a fresh snapshot: one taken before the lock would not see what it waited for.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'record_release needs READ COMMITTED';
  END IF;
  FOREACH k IN ARRAY p_locks LOOP
    IF p_shared THEN PERFORM pg_advisory_xact_lock_shared(k); ELSE PERFORM pg_advisory_xact_lock(k); END IF;
  END LOOP;
  INSERT INTO consultation (id, at, unit_id, entry, request_id)
  SELECT p_consultation, p_as_of, p_unit, p_entry, p_request
  WHERE greatest(as_of(), p_as_of) < p_valid_until
    AND NOT EXISTS (SELECT 1 FROM unnest(p_keys, p_epochs) AS read(key, epoch)
                    LEFT JOIN gate ON gate.key = read.key WHERE coalesce(gate.epoch, 0) <> read.epoch);
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added = 0 THEN RETURN false; END IF;
  INSERT INTO disclosure (id, consultation_id, subject, unit_id, instrument_id, at, entry, opening)
  SELECT d.id, p_consultation, d.subject, p_unit, d.instrument, p_as_of, d.entry, d.opening
  FROM unnest(p_ids, p_subjects, p_instruments, p_entries, p_openings) AS d(id, subject, instrument, entry, opening);
  PERFORM raise_floor();
  RETURN true;
END $$;
"""
RECORD_WITHOUT = """
CREATE FUNCTION record_release(
  p_shared boolean, p_locks bigint[], p_keys text[], p_epochs bigint[], p_as_of bigint, p_valid_until bigint,
  p_consultation text, p_unit text, p_entry bytea,
  p_ids text[], p_subjects text[], p_instruments text[], p_entries bytea[], p_openings bytea[]
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  k bigint;
  added bigint;
BEGIN
  -- Each inner statement must have a fresh snapshot: one taken before the lock would not see what it waited for.
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'record_release needs READ COMMITTED';
  END IF;
  FOREACH k IN ARRAY p_locks LOOP
    IF p_shared THEN PERFORM pg_advisory_xact_lock_shared(k); ELSE PERFORM pg_advisory_xact_lock(k); END IF;
  END LOOP;
  INSERT INTO consultation (id, at, unit_id, entry)
  SELECT p_consultation, p_as_of, p_unit, p_entry
  WHERE greatest(as_of(), p_as_of) < p_valid_until
    AND NOT EXISTS (SELECT 1 FROM unnest(p_keys, p_epochs) AS read(key, epoch)
                    LEFT JOIN gate ON gate.key = read.key WHERE coalesce(gate.epoch, 0) <> read.epoch);
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added = 0 THEN RETURN false; END IF;
  INSERT INTO disclosure (id, consultation_id, subject, unit_id, instrument_id, at, entry, opening)
  SELECT d.id, p_consultation, d.subject, p_unit, d.instrument, p_as_of, d.entry, d.opening
  FROM unnest(p_ids, p_subjects, p_instruments, p_entries, p_openings) AS d(id, subject, instrument, entry, opening);
  PERFORM raise_floor();
  RETURN true;
END $$;
"""
POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""
SQLITE_TRIGGER = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT raise(ABORT, '{table} is append-only'); END"""


def upgrade() -> None:
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION record_release")
        op.execute(RECORD_WITH_REQUEST)
        for table in APPEND_ONLY:
            op.execute(POSTGRESQL_TRIGGER.format(table=table))
        return
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(SQLITE_TRIGGER.format(table=table, verb=verb))


def _tables() -> None:
    op.create_table(
        "feed_seen",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("reader", "case_id", name=op.f("pk_feed_seen")),
    )
    op.create_table(
        "feed_view",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("reader", "case_id", "kind", "purpose", name=op.f("pk_feed_view")),
    )
    op.create_index("ix_feed_view_reader", "feed_view", ["reader", "number"], unique=False)
    op.create_table(
        "feed_mark",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("case_key", sa.Text(), nullable=False),
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_feed_mark_unit_id")),
        sa.PrimaryKeyConstraint("unit_id", "case_key", name=op.f("pk_feed_mark")),
    )
    op.create_table(
        "withdrawal",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("referral", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("elements", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("settled", sa.BigInteger(), autoincrement=False, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_withdrawal_unit_id")),
        sa.PrimaryKeyConstraint(
            "unit_id",
            "case_id",
            "role",
            "purpose",
            "person",
            "referral",
            "subject",
            "item_id",
            "created_at",
            "elements",
            "settled",
            name=op.f("pk_withdrawal"),
        ),
    )
    op.create_table(
        "incident",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("discovered_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_incident_patient_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_incident_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_unit_id", "incident", ["unit_id", "created_at", "id"], unique=False)
    op.create_table(
        "patient_merge",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("survivor_id", sa.Text(), nullable=False),
        sa.Column("merged_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("undone_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["merged_id"], ["patient.id"], name=op.f("fk_patient_merge_merged_id")),
        sa.ForeignKeyConstraint(["survivor_id"], ["patient.id"], name=op.f("fk_patient_merge_survivor_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_patient_merge_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient_merge")),
    )
    op.create_index("ix_patient_merge_merged_id", "patient_merge", ["merged_id"], unique=False)
    op.create_index("ix_patient_merge_survivor_id", "patient_merge", ["survivor_id"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("patient_id", sa.Text(), nullable=False),
        sa.Column("issuer_unit", sa.Text(), nullable=False),
        sa.Column("recipient_unit", sa.Text(), nullable=False),
        sa.Column("identifier_index", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("delivered_at", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.ForeignKeyConstraint(["issuer_unit"], ["unit.id"], name=op.f("fk_transfer_issuer_unit")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_transfer_patient_id")),
        sa.ForeignKeyConstraint(["recipient_unit"], ["unit.id"], name=op.f("fk_transfer_recipient_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_index("ix_transfer_issuer_unit", "transfer", ["issuer_unit", "created_at", "id"], unique=False)
    op.create_index("ix_transfer_recipient_unit", "transfer", ["recipient_unit", "created_at", "id"], unique=False)
    op.create_index("uq_transfer_identifier_index", "transfer", ["issuer_unit", "identifier_index"], unique=True)
    op.create_table(
        "consent_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("issuer_unit", sa.Text(), nullable=False),
        sa.Column("recipient_unit", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["issuer_unit"], ["unit.id"], name=op.f("fk_consent_request_issuer_unit")),
        sa.ForeignKeyConstraint(["recipient_unit"], ["unit.id"], name=op.f("fk_consent_request_recipient_unit")),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_consent_request_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_request")),
    )
    op.create_index(
        "ix_consent_request_recipient_unit", "consent_request", ["recipient_unit", "created_at", "id"], unique=False
    )
    op.create_table(
        "referral_amendment",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_amendment_referral_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_amendment")),
    )
    op.create_index(
        "ix_referral_amendment_referral_id", "referral_amendment", ["referral_id", "created_at"], unique=False
    )
    op.create_table(
        "referral_frame",
        sa.Column("referral_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name=op.f("fk_referral_frame_referral_id")),
        sa.PrimaryKeyConstraint("referral_id", "scope", name=op.f("pk_referral_frame")),
    )
    op.create_index("ix_consent_recipient_consent_id", "consent_recipient", ["consent_id"], unique=False)
    op.add_column("consultation", sa.Column("request_id", sa.Text(), nullable=True))
    op.create_index("ix_consultation_request_id", "consultation", ["request_id"], unique=False)
    op.add_column("message", sa.Column("identifier_index", sa.Text(), nullable=True))
    op.create_index("uq_message_identifier_index", "message", ["unit_id", "identifier_index"], unique=True)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION record_release")
        op.execute(RECORD_WITHOUT)
    op.drop_index("ix_consent_recipient_consent_id", table_name="consent_recipient")
    op.drop_index("uq_message_identifier_index", table_name="message")
    op.drop_column("message", "identifier_index")
    op.drop_index("ix_consultation_request_id", table_name="consultation")
    op.drop_column("consultation", "request_id")
    op.drop_table("referral_frame")
    op.drop_index("ix_referral_amendment_referral_id", table_name="referral_amendment")
    op.drop_table("referral_amendment")
    op.drop_index("ix_consent_request_recipient_unit", table_name="consent_request")
    op.drop_table("consent_request")
    op.drop_index("uq_transfer_identifier_index", table_name="transfer")
    op.drop_index("ix_transfer_recipient_unit", table_name="transfer")
    op.drop_index("ix_transfer_issuer_unit", table_name="transfer")
    op.drop_table("transfer")
    op.drop_index("ix_patient_merge_survivor_id", table_name="patient_merge")
    op.drop_index("ix_patient_merge_merged_id", table_name="patient_merge")
    op.drop_table("patient_merge")
    op.drop_index("ix_incident_unit_id", table_name="incident")
    op.drop_table("incident")
    op.drop_table("withdrawal")
    op.drop_table("feed_mark")
    op.drop_index("ix_feed_view_reader", table_name="feed_view")
    op.drop_table("feed_view")
    op.drop_table("feed_seen")
