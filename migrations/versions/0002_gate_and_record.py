"""The clock and its floor, the record function, append-only triggers (design 3, 8)."""

from alembic import op

revision = "0002"
down_revision = "0001"

APPEND_ONLY = ("consultation", "disclosure", "ledger_leaf", "chain_root", "revocation", "consent_signature")

POSTGRESQL = """
CREATE FUNCTION clock_us() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

CREATE FUNCTION as_of() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT greatest(clock_us(), (SELECT at FROM clock_floor WHERE id = 1)) $$;

-- Raised only when more than a second behind, and never by waiting: updating it in every release costs 4 to 8 times.
CREATE FUNCTION raise_floor() RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE instant bigint := clock_us();
BEGIN
  IF (SELECT at FROM clock_floor WHERE id = 1) < instant - 1000000 AND pg_try_advisory_xact_lock(2, 0) THEN
    UPDATE clock_floor SET at = greatest(at, instant) WHERE id = 1;
  END IF;
END $$;

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

CREATE FUNCTION narrow_gate(p_locks bigint[], p_keys text[]) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  k bigint;
  name text;
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'narrow_gate needs READ COMMITTED';
  END IF;
  FOREACH k IN ARRAY p_locks LOOP PERFORM pg_advisory_xact_lock(k); END LOOP;
  FOREACH name IN ARRAY p_keys LOOP
    INSERT INTO gate VALUES (name, 1) ON CONFLICT (key) DO UPDATE SET epoch = gate.epoch + 1;
  END LOOP;
  PERFORM raise_floor();
END $$;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;
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
    op.execute("INSERT INTO clock_floor VALUES (1, 0)")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL)
        for table in APPEND_ONLY:
            op.execute(POSTGRESQL_TRIGGER.format(table=table))
        return
    for table in APPEND_ONLY:
        for verb in ("update", "delete"):
            op.execute(SQLITE_TRIGGER.format(table=table, verb=verb))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
        for name in ("refuse_change", "narrow_gate", "record_release", "raise_floor", "as_of", "clock_us"):
            op.execute(f"DROP FUNCTION {name}")
    else:
        for table in APPEND_ONLY:
            for verb in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_no_{verb}")
    op.execute("DELETE FROM clock_floor")
