"""What the law asks for beside consent: other bases, restrictions, suspensions, rights, cases that move (issue of law).

The functions of the second wall that read facts learn of restrictions, closed disclosers, the asking unit's own profile
and the staff it assigned; a justice unit may write whom it assigned, and where a case of its own moved. What
released nothing may be deleted of the log of who asked, after a year (docs/decisions/0037).
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TABLES = {
    "restriction": (
        "id patient_id>patient unit_id>unit state elements recipient_unit?>unit #requested_at #agreed_at? #ended_at? "
        "#lifted_day? @sealed",
        [("patient_id", "patient_id")],
    ),
    "suspension": (
        "id consent_id>consent cause #from_at #until_at? @sealed",
        [("consent_id", "consent_id")],
    ),
    "court_order": (
        "id unit_id>unit patient_id>patient consent_id?>consent state #created_at #decided_at? #ended_at? @sealed",
        [("unit_id", "unit_id created_at id"), ("patient_id", "patient_id")],
    ),
    "emergency_access": (
        "id unit_id>unit discloser_unit>unit patient_id>patient #created_at @sealed",
        [("discloser_unit", "discloser_unit created_at id"), ("patient_id", "patient_id")],
    ),
    "review": (
        "id unit_id>unit patient_id>patient kind subject_id #created_at #due_at #closed_at? @sealed",
        [("unit_id", "unit_id created_at id"), ("patient_id", "patient_id")],
    ),
    "accounting_suspension": (
        "id unit_id>unit patient_id>patient recipient_unit>unit #from_at #until_at #ended_at? @sealed",
        [("patient_id", "patient_id")],
    ),
    "subject_request": (
        "id unit_id>unit patient_id>patient kind state #received_at #due_at #answered_at? @sealed",
        [("unit_id", "unit_id received_at id"), ("patient_id", "patient_id")],
    ),
    "legal_hold": (
        "id unit_id>unit patient_id>patient #placed_at #review_at #lifted_at? @sealed",
        [("patient_id", "patient_id")],
    ),
    "case_assignment": (
        "id unit_id>unit case_key>case_record.key person #from_at #until_at?",
        [("unit_id", "unit_id case_key")],
    ),
    "case_move": (
        "id case_key>case_record.key kind other_key?>case_record.key to_unit?>unit #occurred_at #received_at",
        [("case_key", "case_key")],
    ),
}
"""Table -> its columns and indexes. A column is a name, "#" before a number, "@" before sealed bytes, "?" after one
that may be null, ">" before what it refers to (``id`` unless said).
"""

FACTS_BEFORE = """
CREATE FUNCTION wall.facts(p_pass text, p_cases text, p_assignment text, p_key text)
RETURNS TABLE (at bigint, case_key text, sealed bytea, instruments text, events text, withdrawals text, epochs text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  holder text[] := wall.holder(p_pass);
  v_unit text := holder[1];
  v_client text := holder[2];
BEGIN
  RETURN QUERY
WITH t AS MATERIALIZED (SELECT as_of() AS at, EXISTS (SELECT 1 FROM assignment a JOIN client q ON q.id =
  a.client_id JOIN unit w ON w.id = a.unit_id JOIN agency g ON g.id = w.agency_id WHERE a.id = p_assignment AND
  a.client_id = v_client AND a.unit_id = v_unit AND a.ended_at IS NULL AND q.suspended_at IS NULL AND w.suspended_at
  IS NULL AND g.suspended_at IS NULL AND ((p_key = 'secret' AND q.secret_hash IS NOT NULL) OR EXISTS (SELECT 1 FROM
  client_key y WHERE y.thumbprint = p_key AND y.client_id = v_client AND y.retired_at IS NULL))) AS ok)
SELECT t.at, f.* FROM t, unnest(p_cases::text[]) WITH ORDINALITY AS q(asked, ord) CROSS JOIN LATERAL (
WITH c AS (SELECT case_key, sealed, since FROM case_view
            WHERE unit_id = v_unit AND case_id = q.asked AND (SELECT ok FROM t)),
     i AS (SELECT json_build_array(n.id, n.patient_id, n.unit_id, n.facts, n.version, n.superseded_at,
       n.suspended, n.entered_in_error, s.pseudonym, rs.ref, d.name, d.alias, d.profile,
             (SELECT json_agg(json_build_array(r.requested_at, r.selection) ORDER BY r.id)
                FROM revocation r WHERE r.consent_id = n.id), (SELECT coalesce(encode(x.wrapped, 'hex'), '')
                FROM data_key x WHERE x.owner = n.patient_id)) AS instrument,
             n.id, n.patient_id
           FROM consent_recipient cr JOIN consent n ON n.id = cr.consent_id JOIN unit d ON d.id = n.unit_id JOIN
             ledger_subject s ON s.patient_id = n.patient_id LEFT JOIN referral_subject rs ON rs.referral_id =
             n.referral_id AND rs.unit_id = cr.unit_id WHERE cr.unit_id = v_unit AND cr.case_key = (SELECT case_key
             FROM c) AND cr.closed_at IS NULL
             AND n.created_at >= (SELECT since FROM c))
SELECT (SELECT case_key FROM c) AS case_key, (SELECT sealed FROM c) AS sealed,
  (SELECT json_agg(instrument ORDER BY id) FROM i)::text AS instruments,
  (SELECT json_object_agg(code, at) FROM (SELECT code, min(occurred_at) AS at FROM case_event
     WHERE case_key = (SELECT case_key FROM c) AND effective = 1 GROUP BY code) e)::text AS events,
  (SELECT json_agg(json_build_array(w.role, w.purpose, w.kind, w.item_id, w.elements, w.person, w.referral,
    w.subject, w.settled, s.patient_id, (SELECT coalesce(encode(x.wrapped, 'hex'), '')
                FROM data_key x WHERE x.owner = s.patient_id))
    ORDER BY w.created_at, w.settled, w.kind, w.elements, w.item_id, w.person, w.referral, w.subject)
     FROM withdrawal w JOIN ledger_subject s ON s.pseudonym = w.subject
    WHERE w.unit_id = v_unit AND w.case_id = (SELECT q.asked FROM c))::text AS withdrawals,
  (SELECT json_object_agg(key, epoch) FROM gate WHERE key = ANY(
     ARRAY['u:' || v_unit, 'c:' || v_client, 'k:' || (SELECT case_key FROM c)]
     || ARRAY(SELECT DISTINCT 'p:' || patient_id || ':' || v_unit FROM i)))::text AS epochs
) f ORDER BY q.ord;
END $$;
"""

FACTS = """
CREATE FUNCTION wall.facts(p_pass text, p_cases text, p_assignment text, p_key text)
RETURNS TABLE (at bigint, case_key text, sealed bytea, instruments text, events text, withdrawals text, epochs text,
  profile text, assignments text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  holder text[] := wall.holder(p_pass);
  v_unit text := holder[1];
  v_client text := holder[2];
BEGIN
  RETURN QUERY
WITH t AS MATERIALIZED (SELECT as_of() AS at, EXISTS (SELECT 1 FROM assignment a JOIN client q ON q.id =
  a.client_id JOIN unit w ON w.id = a.unit_id JOIN agency g ON g.id = w.agency_id WHERE a.id = p_assignment AND
  a.client_id = v_client AND a.unit_id = v_unit AND a.ended_at IS NULL AND q.suspended_at IS NULL AND w.suspended_at
  IS NULL AND g.suspended_at IS NULL AND ((p_key = 'secret' AND q.secret_hash IS NOT NULL) OR EXISTS (SELECT 1 FROM
  client_key y WHERE y.thumbprint = p_key AND y.client_id = v_client AND y.retired_at IS NULL))) AS ok)
SELECT t.at, f.* FROM t, unnest(p_cases::text[]) WITH ORDINALITY AS q(asked, ord) CROSS JOIN LATERAL (
WITH c AS (SELECT case_key, sealed, since FROM case_view
            WHERE unit_id = v_unit AND case_id = q.asked AND (SELECT ok FROM t)),
     i AS (SELECT json_build_array(n.id, n.patient_id, n.unit_id, n.facts, n.version, n.superseded_at,
       n.suspended, n.entered_in_error, s.pseudonym, rs.ref, d.name, d.alias, d.profile, d.closed_at,
             (SELECT json_agg(json_build_array(r.requested_at, r.selection) ORDER BY r.id)
                FROM revocation r WHERE r.consent_id = n.id), (SELECT coalesce(encode(x.wrapped, 'hex'), '')
                FROM data_key x WHERE x.owner = n.patient_id),
             (SELECT json_agg(json_build_array(x.elements, x.recipient_unit, x.lifted_day) ORDER BY x.id)
                FROM restriction x WHERE x.patient_id = n.patient_id AND x.state IN ('agreed', 'terminated')))
             AS instrument,
             n.id, n.patient_id
           FROM consent_recipient cr JOIN consent n ON n.id = cr.consent_id JOIN unit d ON d.id = n.unit_id JOIN
             ledger_subject s ON s.patient_id = n.patient_id LEFT JOIN referral_subject rs ON rs.referral_id =
             n.referral_id AND rs.unit_id = cr.unit_id WHERE cr.unit_id = v_unit AND cr.case_key = (SELECT case_key
             FROM c) AND cr.closed_at IS NULL
             AND n.created_at >= (SELECT since FROM c))
SELECT (SELECT case_key FROM c) AS case_key, (SELECT sealed FROM c) AS sealed,
  (SELECT json_agg(instrument ORDER BY id) FROM i)::text AS instruments,
  (SELECT json_object_agg(code, at) FROM (SELECT code, min(occurred_at) AS at FROM case_event
     WHERE case_key = (SELECT case_key FROM c) AND effective = 1 GROUP BY code) e)::text AS events,
  (SELECT json_agg(json_build_array(w.role, w.purpose, w.kind, w.item_id, w.elements, w.person, w.referral,
    w.subject, w.settled, s.patient_id, (SELECT coalesce(encode(x.wrapped, 'hex'), '')
                FROM data_key x WHERE x.owner = s.patient_id))
    ORDER BY w.created_at, w.settled, w.kind, w.elements, w.item_id, w.person, w.referral, w.subject)
     FROM withdrawal w JOIN ledger_subject s ON s.pseudonym = w.subject
    WHERE w.unit_id = v_unit AND w.case_id = (SELECT q.asked FROM c))::text AS withdrawals,
  (SELECT json_object_agg(key, epoch) FROM gate WHERE key = ANY(
     ARRAY['u:' || v_unit, 'c:' || v_client, 'k:' || (SELECT case_key FROM c),
           'a:' || (SELECT case_key FROM c) || ':' || v_unit]
     || ARRAY(SELECT DISTINCT 'p:' || patient_id || ':' || v_unit FROM i)))::text AS epochs,
  (SELECT w.profile FROM unit w WHERE w.id = v_unit) AS profile,
  (SELECT json_agg(json_build_array(y.person, y.until_at)) FROM case_assignment y
    WHERE y.unit_id = v_unit AND y.case_key = (SELECT case_key FROM c))::text AS assignments
) f ORDER BY q.ord;
END $$;
"""

EPOCHS_BEFORE = """
CREATE FUNCTION wall.epochs(p_pass text, p_keys text) RETURNS TABLE (key text, epoch bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  holder text[] := wall.holder(p_pass);
  v_unit text := holder[1];
  v_client text := holder[2];
BEGIN
  RETURN QUERY SELECT g.key, g.epoch FROM gate g
  WHERE g.key = ANY(p_keys::text[])
    AND (g.key IN ('u:' || v_unit, 'c:' || v_client, 'r:')
         OR (left(g.key, 2) = 'p:' AND right(g.key, length(v_unit) + 1) = ':' || v_unit)
         OR (left(g.key, 2) = 'k:' AND EXISTS (SELECT 1 FROM case_view v
                                               WHERE v.unit_id = v_unit AND v.case_key = substr(g.key, 3))));
END $$;
"""

EPOCHS = """
CREATE FUNCTION wall.epochs(p_pass text, p_keys text) RETURNS TABLE (key text, epoch bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
  holder text[] := wall.holder(p_pass);
  v_unit text := holder[1];
  v_client text := holder[2];
BEGIN
  RETURN QUERY SELECT g.key, g.epoch FROM gate g
  WHERE g.key = ANY(p_keys::text[])
    AND (g.key IN ('u:' || v_unit, 'c:' || v_client, 'r:')
         OR (left(g.key, 2) = 'a:' AND right(g.key, length(v_unit) + 1) = ':' || v_unit)
         OR (left(g.key, 2) = 'p:' AND right(g.key, length(v_unit) + 1) = ':' || v_unit)
         OR (left(g.key, 2) = 'k:' AND EXISTS (SELECT 1 FROM case_view v
                                               WHERE v.unit_id = v_unit AND v.case_key = substr(g.key, 3))));
END $$;
"""

NARROW_BEFORE = """
CREATE FUNCTION wall.narrow(p_pass text, p_locks bigint[], p_keys text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := (wall.holder(p_pass))[1];
BEGIN
  IF EXISTS (SELECT 1 FROM unnest(p_keys) AS n(key)
             WHERE left(n.key, 2) <> 'k:' OR NOT EXISTS (SELECT 1 FROM case_record r
                                                         WHERE r.key = substr(n.key, 3)
                                                           AND r.imposing_unit = v_unit)) THEN
    RAISE EXCEPTION 'not a case of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM narrow_gate(p_locks, p_keys);
END $$;
"""

NARROW = """
CREATE FUNCTION wall.narrow(p_pass text, p_locks bigint[], p_keys text[]) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := (wall.holder(p_pass))[1];
BEGIN
  IF EXISTS (SELECT 1 FROM unnest(p_keys) AS n(key)
             WHERE NOT (left(n.key, 2) = 'a:' AND right(n.key, length(v_unit) + 1) = ':' || v_unit)
               AND (left(n.key, 2) <> 'k:' OR NOT EXISTS (SELECT 1 FROM case_record r
                                                         WHERE r.key = substr(n.key, 3)
                                                           AND r.imposing_unit = v_unit))) THEN
    RAISE EXCEPTION 'not a case of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM narrow_gate(p_locks, p_keys);
END $$;
"""

OWN = """
-- Whom the unit of the pass assigned to a case that it knows; nobody else's.
CREATE FUNCTION wall.assign(p_case_key text, p_person text, p_from bigint, p_until bigint, p_id text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  IF NOT EXISTS (SELECT 1 FROM case_view v WHERE v.unit_id = v_unit AND v.case_key = p_case_key) THEN
    RAISE EXCEPTION 'not a case of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO case_assignment (id, unit_id, case_key, person, from_at, until_at)
  VALUES (p_id, v_unit, p_case_key, p_person, p_from, p_until);
END $$;

CREATE FUNCTION wall.end_assignment(p_case_key text, p_person text, p_at bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_unit text := wall.unit();
  v_ended bigint;
BEGIN
  UPDATE case_assignment SET until_at = p_at
  WHERE unit_id = v_unit AND case_key = p_case_key AND until_at IS NULL AND (p_person IS NULL OR person = p_person);
  GET DIAGNOSTICS v_ended = ROW_COUNT;
  RETURN v_ended;
END $$;

-- Whom it assigned, to say so once more or to end it.
CREATE FUNCTION wall.assigned(p_case_key text) RETURNS TABLE (person text, until_at bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE v_unit text := wall.unit();
BEGIN
  RETURN QUERY SELECT s.person, s.until_at FROM case_assignment s
  WHERE s.unit_id = v_unit AND s.case_key = p_case_key ORDER BY s.from_at, s.id;
END $$;

-- A joinder or a transfer has an effect only from the unit that imposes the case now.
CREATE FUNCTION wall.add_move(
  p_id text, p_case_key text, p_kind text, p_other_key text, p_to_unit text, p_occurred bigint, p_received bigint
) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  IF NOT EXISTS (SELECT 1 FROM case_record r WHERE r.key = p_case_key AND r.imposing_unit = v_unit) THEN
    RAISE EXCEPTION 'not a case of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO case_move (id, case_key, kind, other_key, to_unit, occurred_at, received_at)
  VALUES (p_id, p_case_key, p_kind, p_other_key, p_to_unit, p_occurred, p_received);
  IF p_kind = 'transferred' THEN
    UPDATE case_record SET imposing_unit = p_to_unit WHERE key = p_case_key;
  END IF;
END $$;
"""

FORGETTING = """
-- The log of who asked has a retention of its own: what released nothing may go after a year, by the clock itself and
-- not its floor, which is a row that whoever serves may write. Temporary tables come last: none stands for a real one.
CREATE FUNCTION refuse_forgetting() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF OLD.at > clock_us() - 31536000000000 OR EXISTS (SELECT 1 FROM disclosure d WHERE d.consultation_id = OLD.id) THEN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
  END IF;
  RETURN OLD;
END $$;
REVOKE EXECUTE ON FUNCTION refuse_forgetting FROM PUBLIC;
DROP TRIGGER consultation_append_only ON consultation;
CREATE TRIGGER consultation_append_only BEFORE UPDATE ON consultation
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consultation_kept BEFORE DELETE ON consultation
  FOR EACH ROW EXECUTE FUNCTION refuse_forgetting();
-- 0006 took the right to delete from the serving role, since the trigger refused all of it; now it refuses what must
-- stay, and `retain` runs as that role.
GRANT DELETE ON consultation TO throughcare_serving;
"""
FORGETTING_BEFORE = """
REVOKE DELETE ON consultation FROM throughcare_serving;
DROP TRIGGER consultation_kept ON consultation;
DROP FUNCTION refuse_forgetting;
DROP TRIGGER consultation_append_only ON consultation;
CREATE TRIGGER consultation_append_only BEFORE UPDATE OR DELETE ON consultation
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
SQLITE_FORGETTING = """CREATE TRIGGER consultation_no_delete BEFORE delete ON consultation
WHEN OLD.at > CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000 - 31536000000000
  OR EXISTS (SELECT 1 FROM disclosure d WHERE d.consultation_id = OLD.id)
BEGIN SELECT raise(ABORT, 'consultation is append-only'); END"""
SQLITE_FORGETTING_BEFORE = """CREATE TRIGGER consultation_no_delete BEFORE delete ON consultation
BEGIN SELECT raise(ABORT, 'consultation is append-only'); END"""

FUNCTIONS = (
    "facts(text, text, text, text)",
    "epochs(text, text)",
    "narrow(text, bigint[], text[])",
)
NEW = (
    "assign(text, text, bigint, bigint, text)",
    "end_assignment(text, text, bigint)",
    "assigned(text)",
    "add_move(text, text, text, text, text, bigint, bigint)",
)


def upgrade() -> None:
    for name, (columns, indexes) in TABLES.items():
        op.create_table(name, *_parts(name, columns.split()))
        for of, on in indexes:
            op.create_index(op.f(f"ix_{name}_{of}"), name, on.split())
    op.create_table(
        "unit_profile",
        sa.Column("unit_id", sa.Text, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("unit_id", "since", name=op.f("pk_unit_profile")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_profile_unit_id")),
    )
    op.add_column("unit", sa.Column("closed_at", sa.BigInteger))
    op.execute("INSERT INTO unit_profile (unit_id, profile, since) SELECT id, profile, 0 FROM unit")
    if op.get_bind().dialect.name == "postgresql":
        for name in (*TABLES, "unit_profile"):
            op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO throughcare_serving")
        _replace((FACTS, EPOCHS, NARROW, OWN), (*FUNCTIONS, *NEW))
    op.create_index(op.f("ix_disclosure_consultation_id"), "disclosure", ["consultation_id"])
    _forget(FORGETTING, SQLITE_FORGETTING)


def _forget(postgresql: str, sqlite: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(postgresql)
        return
    op.execute("DROP TRIGGER consultation_no_delete")
    op.execute(sqlite)


def _parts(table: str, columns: list[str]) -> list[sa.schema.SchemaItem]:
    parts: list[sa.schema.SchemaItem] = []
    for column in columns:
        written, _, refers = column.partition(">")
        name = written.strip("#@?")
        kind = {"#": sa.BigInteger, "@": sa.LargeBinary}.get(written[0], sa.Text)
        parts.append(sa.Column(name, kind, nullable=written.endswith("?")))
        if refers:
            target = refers if "." in refers else f"{refers}.id"
            parts.append(sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}")))
    return [*parts, sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))]


def _replace(texts: tuple[str, ...], granted: tuple[str, ...]) -> None:
    for signature in FUNCTIONS:
        op.execute(f"DROP FUNCTION wall.{signature}")
    for text in texts:
        op.execute(text)
    for signature in granted:
        op.execute(f"REVOKE EXECUTE ON FUNCTION wall.{signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION wall.{signature} TO throughcare_justice")


def downgrade() -> None:
    _forget(FORGETTING_BEFORE, SQLITE_FORGETTING_BEFORE)
    op.drop_index(op.f("ix_disclosure_consultation_id"), table_name="disclosure")
    if op.get_bind().dialect.name == "postgresql":
        for signature in NEW:
            op.execute(f"DROP FUNCTION wall.{signature}")
        _replace((FACTS_BEFORE, EPOCHS_BEFORE, NARROW_BEFORE), FUNCTIONS)
    op.drop_column("unit", "closed_at")
    op.drop_table("unit_profile")
    for name in reversed(TABLES):
        op.drop_table(name)
