"""A second wall in PostgreSQL: what a justice caller's statements can reach, whatever they say.

docs/decisions/0028 has the reasons. SQLite has no roles and gets the one column alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ROLES = """
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['throughcare_serving', 'throughcare_justice'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN', name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database of the cluster was first
      END;
    END IF;
  END LOOP;
END $$;
"""

PASS = """
CREATE SCHEMA wall;
CREATE TABLE wall.key (inner_pad bytea NOT NULL, outer_pad bytea NOT NULL);

-- HMAC-SHA256 (RFC 2104) from the built-in digest: pgcrypto may be absent. The key is made here and never leaves.
CREATE FUNCTION wall.renew() RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  secret bytea := sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text,
                                    'UTF8')) || decode(repeat('00', 32), 'hex');
  inside bytea := secret;
  outside bytea := secret;
BEGIN
  FOR n IN 0..63 LOOP
    inside := set_byte(inside, n, get_byte(secret, n) # 54);
    outside := set_byte(outside, n, get_byte(secret, n) # 92);
  END LOOP;
  DELETE FROM wall.key;
  INSERT INTO wall.key VALUES (inside, outside);
END $$;
SELECT wall.renew();

CREATE FUNCTION wall.mint(p_unit text, p_client text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE said text := p_unit || '|' || p_client || '|' || (clock_us() + 30000000);
BEGIN
  RETURN (SELECT said || '|' || encode(sha256(outer_pad || sha256(inner_pad || convert_to(said, 'UTF8'))), 'hex')
          FROM wall.key);
END $$;

-- Called by the functions below alone, whose search path it runs under.
CREATE FUNCTION wall.holder(p_pass text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE part text[] := string_to_array(p_pass, '|');
BEGIN
  IF cardinality(part) = 4 THEN
    IF part[4] = (SELECT encode(sha256(outer_pad || sha256(inner_pad || convert_to(
                    part[1] || '|' || part[2] || '|' || part[3], 'UTF8'))), 'hex') FROM wall.key) THEN
      IF part[3]::bigint > clock_us() THEN
        RETURN ARRAY[part[1], part[2]];
      END IF;
    END IF;
  END IF;
  -- Never no rows: a caller whose pass ran out must not be told that there is nothing.
  RAISE EXCEPTION 'no valid pass' USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION wall.unit() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN RETURN (wall.holder(current_setting('throughcare.pass', true)))[1]; END $$;

CREATE FUNCTION wall.client() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN RETURN (wall.holder(current_setting('throughcare.pass', true)))[2]; END $$;
"""

READ = """
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

-- The rows that are wanted of patients and disclosers whom a signed consent names this unit for, in that case:
-- whatever is asked for, and by whoever got hold of a pass, another agency's patients are not there.
CREATE FUNCTION wall.rows(
  p_pass text, p_patients text, p_units text, p_kinds text, p_elements text, p_cases text, p_scopes text,
  p_lows text, p_highs text, p_most text
) RETURNS TABLE (ord bigint, sort_key bigint, seq bigint, message_id text, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE v_unit text := (wall.holder(p_pass))[1];
BEGIN
  RETURN QUERY
WITH k AS MATERIALIZED (
  SELECT * FROM unnest(p_patients::text[], p_units::text[], p_kinds::text[], p_elements::text[], p_cases::text[],
            p_scopes::text[], p_lows::bigint[], p_highs::bigint[], p_most::bigint[]) WITH ORDINALITY
     AS k(patient, unit, kind, element, case_key, scope, low, high, most, ord)),
named AS MATERIALIZED (
  SELECT d.patient, d.unit, d.case_key FROM (SELECT DISTINCT patient, unit, case_key FROM k) d
  CROSS JOIN LATERAL (  -- one patient after the other by key, never all consents of the unit
    SELECT 1 FROM consent n JOIN consent_recipient cr ON cr.consent_id = n.id
    WHERE n.patient_id = d.patient AND n.unit_id = d.unit AND n.facts IS NOT NULL
      AND cr.unit_id = v_unit AND cr.closed_at IS NULL AND d.case_key IN ('', cr.case_key) LIMIT 1) c)
SELECT k.ord, r.sort_key, r.seq, r.message_id, r.sealed
FROM k JOIN named o ON o.patient = k.patient AND o.unit = k.unit AND o.case_key = k.case_key
CROSS JOIN LATERAL (
  SELECT sort_key, seq, message_id, sealed FROM element_row e
  WHERE e.patient_id = k.patient AND e.unit_id = k.unit AND e.kind = k.kind AND e.element = k.element
    AND e.case_key = k.case_key AND e.scope = k.scope AND e.sort_key BETWEEN k.low AND k.high AND e.live = 1
  ORDER BY e.sort_key DESC, e.seq DESC LIMIT k.most) r;
END $$;

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

CREATE FUNCTION wall.record(
  p_pass text, p_shared boolean, p_locks bigint[], p_keys text[], p_epochs bigint[], p_as_of bigint,
  p_valid_until bigint, p_consultation text, p_entry bytea,
  p_request text, p_ids text[], p_subjects text[], p_instruments text[], p_entries bytea[], p_openings bytea[]
) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := (wall.holder(p_pass))[1];
BEGIN
  IF EXISTS (SELECT 1 FROM (SELECT DISTINCT unnest(p_instruments)) AS i(id)
             WHERE i.id <> '' AND NOT EXISTS (SELECT 1 FROM consent_recipient cr
                                              WHERE cr.consent_id = i.id AND cr.unit_id = v_unit)) THEN
    RETURN false;  -- as if the gate had moved: an erasure may have taken the consent since it was decided on
  END IF;
  RETURN record_release(p_shared, p_locks, p_keys, p_epochs, p_as_of, p_valid_until, p_consultation, v_unit, p_entry,
                        p_request, p_ids, p_subjects, p_instruments, p_entries, p_openings);
END $$;

-- A justice unit narrows by one act alone: an event of a case that it imposed.
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

FLOWS = """
-- Cases are found by blind index alone, and only by who knows it; whose they are besides is not told.
CREATE FUNCTION wall.case_of(p_index text) RETURNS TABLE (case_key text, since bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM wall.unit();
  RETURN QUERY SELECT i.case_key, i.since FROM case_identifier i WHERE i.blind_index = p_index;
END $$;

-- The first identifier of a case is whoever's that registers it, any other one its imposing unit's, and from now on.
CREATE FUNCTION wall.add_identifier(p_index text, p_case_key text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_unit text := wall.unit();
  v_known boolean := EXISTS (SELECT 1 FROM case_identifier i WHERE i.case_key = p_case_key);
BEGIN
  IF v_known AND NOT EXISTS (SELECT 1 FROM case_record r WHERE r.key = p_case_key AND r.imposing_unit = v_unit) THEN
    RAISE EXCEPTION 'not a case of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO case_identifier (blind_index, case_key, since)
  VALUES (p_index, p_case_key, CASE WHEN v_known THEN as_of() ELSE 0 END) ON CONFLICT DO NOTHING;
END $$;

-- The unit's own view of a case, or that of a unit which it refers to in a case of its own.
CREATE FUNCTION wall.add_view(p_unit text, p_case_id text, p_case_key text, p_since bigint, p_sealed bytea)
  RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  IF NOT EXISTS (SELECT 1 FROM case_identifier i WHERE i.case_key = p_case_key AND i.since = p_since)
     OR (p_unit <> v_unit AND NOT EXISTS (SELECT 1 FROM case_view v
                                          WHERE v.unit_id = v_unit AND v.case_key = p_case_key)) THEN
    RAISE EXCEPTION 'not a case of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO case_view (unit_id, case_id, case_key, since, sealed)
  VALUES (p_unit, p_case_id, p_case_key, p_since, p_sealed) ON CONFLICT DO NOTHING;
END $$;

CREATE FUNCTION wall.add_subject_ref(p_unit text, p_case_key text, p_person text, p_ref text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  IF NOT EXISTS (SELECT 1 FROM case_view v WHERE v.unit_id = v_unit AND v.case_key = p_case_key) THEN
    RAISE EXCEPTION 'not a case of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO subject_ref (unit_id, case_key, person_index, ref) VALUES (p_unit, p_case_key, p_person, p_ref)
  ON CONFLICT DO NOTHING;
END $$;

-- How a unit knows the person stays with that unit: the reference is copied here and given to nobody.
CREATE FUNCTION wall.add_referral_subject(p_referral text, p_unit text, p_case_key text, p_person text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  INSERT INTO referral_subject (referral_id, unit_id, ref)
  SELECT f.id, s.unit_id, s.ref FROM referral f JOIN subject_ref s ON s.case_key = f.case_key
  WHERE f.id = p_referral AND f.issuer_unit = v_unit AND f.case_key = p_case_key
    AND s.unit_id = p_unit AND s.person_index = p_person
  ON CONFLICT DO NOTHING;
END $$;

-- Whether the receiving system has fetched a referral; when it did is not the sender's to know.
CREATE FUNCTION wall.delivery(p_referral text) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  RETURN (SELECT 0 FROM referral f WHERE f.id = p_referral AND f.issuer_unit = v_unit AND f.delivered_at IS NOT NULL);
END $$;

-- Answers are kept under an HMAC of client, unit, route and key: who does not know it asks for nothing.
CREATE FUNCTION wall.kept(p_scope text) RETURNS TABLE (fingerprint text, status bigint, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
  PERFORM wall.unit();
  RETURN QUERY SELECT i.fingerprint, i.status, i.sealed FROM idempotency i WHERE i.scope = p_scope;
END $$;

CREATE FUNCTION wall.keep(p_scope text, p_fingerprint text, p_status bigint, p_sealed bytea) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM wall.unit();
  INSERT INTO idempotency (scope, fingerprint, status, sealed, created_at)
  VALUES (p_scope, p_fingerprint, p_status, p_sealed, as_of());
END $$;

CREATE FUNCTION wall.forget_kept() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM wall.unit();
  DELETE FROM idempotency WHERE created_at < as_of() - 2592000000000;  -- 30 days
END $$;

CREATE FUNCTION wall.candidates(p_reader text, p_now bigint, p_after text, p_most bigint)
RETURNS TABLE (case_id text, mark bigint, named integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE v_unit text := wall.unit();
BEGIN
  IF split_part(p_reader, '|', 1) <> v_unit THEN
    RAISE EXCEPTION 'not a reader of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN QUERY SELECT c.case_id, c.now_at, c.open::integer FROM (
    SELECT v.case_id, s.case_id AS seen, s.mark AS seen_at, s.due_at, (coalesce(m.mark, 0) + (
             SELECT coalesce(sum(g.epoch), 0) FROM gate g
             WHERE g.key = 'k:' || v.case_key OR g.key IN (
               SELECT 'p:' || n.patient_id || ':' || v_unit
               FROM consent n JOIN consent_recipient cr ON cr.consent_id = n.id
               WHERE cr.unit_id = v_unit AND cr.case_key = v.case_key)))::bigint AS now_at,
           EXISTS (SELECT 1 FROM consent_recipient cr
                   WHERE cr.unit_id = v_unit AND cr.case_key = v.case_key AND cr.closed_at IS NULL) AS open
    FROM case_view v
    LEFT JOIN feed_mark m ON m.unit_id = v.unit_id AND m.case_key = v.case_key
    LEFT JOIN feed_seen s ON s.reader = p_reader AND s.case_id = v.case_id
    WHERE v.unit_id = v_unit AND v.case_id > p_after) c
  WHERE (c.open OR c.seen IS NOT NULL) AND (c.seen IS NULL OR c.seen_at <> c.now_at OR c.due_at <= p_now)
  ORDER BY c.case_id LIMIT p_most;
END $$;

-- Of the keys, those of the unit's own referrals, and whether a wrapping key is retired.
CREATE FUNCTION wall.own_key(p_owner text) RETURNS TABLE (wrapped bytea, wrapped_by text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE v_unit text := wall.unit();
BEGIN
  RETURN QUERY SELECT k.wrapped, k.wrapped_by FROM data_key k
  WHERE k.owner = p_owner
    AND (left(p_owner, 9) = 'wrapping:'
         OR EXISTS (SELECT 1 FROM referral f WHERE f.id = p_owner AND f.issuer_unit = v_unit));
END $$;

-- What stands in front of the sealed words of a referral of the unit's own: its wrapped key and its id.
CREATE FUNCTION wall.key_before(p_referral text) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  v_unit text := wall.unit();
  v_wrapped bytea;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM referral f WHERE f.id = p_referral AND f.issuer_unit = v_unit) THEN
    RAISE EXCEPTION 'not a referral of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT coalesce(k.wrapped, decode(repeat('ff', 65), 'hex')) INTO v_wrapped FROM data_key k WHERE k.owner = p_referral;
  RETURN coalesce(v_wrapped, decode(repeat('00', 65), 'hex')) || convert_to(p_referral, 'UTF8') || decode('00', 'hex');
END $$;

-- The key of a referral that is about to be sent, or of one of the unit's own from before there were keys.
CREATE FUNCTION wall.add_key(p_owner text, p_wrapped bytea, p_by text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  IF EXISTS (SELECT 1 FROM patient p WHERE p.id = p_owner) OR EXISTS (SELECT 1 FROM transfer f WHERE f.id = p_owner)
     OR EXISTS (SELECT 1 FROM referral f WHERE f.id = p_owner AND f.issuer_unit <> v_unit)
     OR strpos(p_owner, ':') > 0 OR p_wrapped IS NULL THEN
    RAISE EXCEPTION 'not a referral of this unit' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO data_key (owner, wrapped, wrapped_by, created_at) VALUES (p_owner, p_wrapped, p_by, as_of())
  ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

-- Deleting goes by function: the right to delete from a table is the right to lock it against everybody.
CREATE FUNCTION wall.forget_seen(p_reader text, p_case_id text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_unit text := wall.unit();
BEGIN
  DELETE FROM feed_seen WHERE reader = p_reader AND case_id = p_case_id AND split_part(reader, '|', 1) = v_unit;
END $$;

CREATE FUNCTION wall.remove_bell(p_webhook text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_client text := wall.client();
BEGIN
  DELETE FROM doorbell WHERE webhook_id = p_webhook
    AND EXISTS (SELECT 1 FROM webhook h WHERE h.id = p_webhook AND h.client_id = v_client);
END $$;

CREATE FUNCTION wall.forget_bell_seen(p_webhook text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_client text := wall.client();
BEGIN
  DELETE FROM feed_seen WHERE reader = 'bell|' || p_webhook
    AND EXISTS (SELECT 1 FROM webhook h WHERE h.id = p_webhook AND h.client_id = v_client);
END $$;

CREATE FUNCTION wall.forget_bell_views(p_webhook text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE v_client text := wall.client();
BEGIN
  DELETE FROM feed_view WHERE reader = 'bell|' || p_webhook
    AND EXISTS (SELECT 1 FROM webhook h WHERE h.id = p_webhook AND h.client_id = v_client);
END $$;

CREATE FUNCTION wall.assignments() RETURNS TABLE (id text, unit_id text, role text, name text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE v_client text := wall.client();
BEGIN
  RETURN QUERY SELECT a.id, a.unit_id, a.role, w.name FROM assignment a JOIN unit w ON w.id = a.unit_id
  WHERE a.client_id = v_client AND a.ended_at IS NULL AND w.suspended_at IS NULL ORDER BY a.id;
END $$;
"""

APPEND_ONLY = (
    "consultation",
    "disclosure",
    "ledger_leaf",
    "chain_root",
    "revocation",
    "consent_signature",
    "referral_amendment",
    "referral_frame",
    "withdrawal",
    "incident",
)
_OWN_REFERRAL = "EXISTS (SELECT 1 FROM referral f WHERE f.id = referral_id AND f.issuer_unit = (SELECT wall.unit()))"
_NOBODY_ACTED = "patient_id IS NULL AND cancelled_at IS NULL AND delivered_at IS NULL AND answered_at IS NULL"
_OWN_CASE = "EXISTS (SELECT 1 FROM case_view v WHERE v.unit_id = (SELECT wall.unit()) AND v.case_key = {table}.{key})"
_IMPOSED = (
    "EXISTS (SELECT 1 FROM case_record r WHERE r.key = case_event.case_key AND r.imposing_unit = (SELECT wall.unit()))"
)
_OWN_READER = "split_part(reader, '|', 1) = (SELECT wall.unit())"
_OWN_BELL = "EXISTS (SELECT 1 FROM webhook h WHERE h.id = webhook_id AND h.client_id = (SELECT wall.client()))"
OWN_WORDS = {
    "case_view": [("SELECT", "SELECT", "USING (unit_id = (SELECT wall.unit()))")],
    "case_record": [
        ("SELECT", "SELECT", f"USING ({_OWN_CASE.format(table='case_record', key='key')})"),
        ("INSERT", "INSERT", "WITH CHECK ((SELECT wall.unit()) IS NOT NULL)"),
    ],
    "case_event": [
        (
            "INSERT",
            "INSERT",
            "WITH CHECK (unit_id = (SELECT wall.unit()) AND judged_at IS NULL AND "
            f"{_OWN_CASE.format(table='case_event', key='case_key')} AND (effective = 0 OR {_IMPOSED}))",
        )
    ],
    "referral": [
        (
            "SELECT (id, issuer_unit, recipient_unit, case_key, case_id, scope, identifier_index, sealed, receipt, "
            "created_at, cancelled_at)",
            "SELECT",
            "USING (issuer_unit = (SELECT wall.unit()))",
        ),
        (
            "INSERT",
            "INSERT",
            f"WITH CHECK (issuer_unit = (SELECT wall.unit()) AND {_NOBODY_ACTED} AND "
            f"{_OWN_CASE.format(table='referral', key='case_key')})",
        ),
        (
            "UPDATE (sealed, cancelled_at)",
            "UPDATE",
            "USING (issuer_unit = (SELECT wall.unit())) WITH CHECK (issuer_unit = (SELECT wall.unit()))",
        ),
    ],
    "referral_amendment": [("INSERT", "INSERT", f"WITH CHECK ({_OWN_REFERRAL})")],
    "referral_frame": [("INSERT", "INSERT", f"WITH CHECK ({_OWN_REFERRAL})")],
    "consent_request": [
        ("INSERT", "INSERT", f"WITH CHECK (issuer_unit = (SELECT wall.unit()) AND {_OWN_REFERRAL})"),
    ],
    "feed_seen": [
        ("SELECT, INSERT, UPDATE (mark, due_at)", "ALL", f"USING ({_OWN_READER}) WITH CHECK ({_OWN_READER})")
    ],
    "feed_view": [
        (
            "SELECT, INSERT, UPDATE (digest, number, created_at)",
            "ALL",
            f"USING ({_OWN_READER}) WITH CHECK ({_OWN_READER})",
        )
    ],
    "withdrawal": [("INSERT", "INSERT", "WITH CHECK (unit_id = (SELECT wall.unit()) AND settled = 1)")],
    "webhook": [
        (
            "SELECT, INSERT, UPDATE (ended_at)",
            "ALL",
            "USING (client_id = (SELECT wall.client())) "
            "WITH CHECK (unit_id = (SELECT wall.unit()) AND client_id = (SELECT wall.client()))",
        )
    ],
    "doorbell": [("SELECT, INSERT", "ALL", f"USING ({_OWN_BELL}) WITH CHECK ({_OWN_BELL})")],
}
"""Table -> what a justice caller may do there, for which kind of statement, with which of its rows.

Changes are by column: the right to change a whole table is the right to lock it against everybody.
``(SELECT …)`` lets a pass be looked at once a statement and not once a row.
"""

OPEN = (
    "GRANT SELECT ON agency, clock_floor TO throughcare_justice",
    "GRANT SELECT (id, agency_id, name, time_zone, services, languages, capacity, waiting_time, suspended_at) "
    "ON unit TO throughcare_justice",
)
"""The registry as everybody may read it: without the neutral name of a discloser, which would tell whose it is."""

FUNCTIONS_BEFORE = ("clock_us", "as_of", "raise_floor", "record_release", "narrow_gate", "refuse_change")
FOR_JUSTICE = (
    "unit",
    "client",
    "facts",
    "rows",
    "epochs",
    "record",
    "narrow",
    "case_of",
    "add_identifier",
    "add_view",
    "add_subject_ref",
    "add_referral_subject",
    "delivery",
    "kept",
    "keep",
    "forget_kept",
    "candidates",
    "own_key",
    "key_before",
    "add_key",
    "forget_seen",
    "remove_bell",
    "forget_bell_seen",
    "forget_bell_views",
    "assignments",
)


def upgrade() -> None:
    op.add_column("case_event", sa.Column("judged_at", sa.BigInteger))
    op.execute("UPDATE case_event SET judged_at = received_at")
    waiting = sa.text("judged_at IS NULL")
    op.create_index(
        op.f("ix_case_event_judged_at"),
        "case_event",
        ["judged_at"],
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
    if op.get_bind().dialect.name == "postgresql":
        for text in (ROLES, PASS, READ, FLOWS):
            op.execute(text)
        _serving()
        _justice()


def _serving() -> None:
    op.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    op.execute("GRANT USAGE ON SCHEMA public, wall TO throughcare_serving, throughcare_justice")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO throughcare_serving")
    op.execute("REVOKE ALL ON alembic_version FROM throughcare_serving")
    op.execute(f"REVOKE UPDATE, DELETE ON {', '.join(APPEND_ONLY)} FROM throughcare_serving")
    op.execute("REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA wall FROM PUBLIC")
    for name in FUNCTIONS_BEFORE:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO throughcare_serving")
    op.execute("GRANT EXECUTE ON FUNCTION wall.mint TO throughcare_serving")


def _justice() -> None:
    for statement in OPEN:
        op.execute(statement)
    for name in ("clock_us", "as_of", *(f"wall.{name}" for name in FOR_JUSTICE)):
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO throughcare_justice")
    for table, rights in OWN_WORDS.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY serving ON {table} TO throughcare_serving USING (true) WITH CHECK (true)")
        for privileges, command, rows in rights:
            op.execute(f"GRANT {privileges} ON {table} TO throughcare_justice")
            named = f"justice_{command.lower()}"
            op.execute(f"CREATE POLICY {named} ON {table} FOR {command} TO throughcare_justice {rows}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, rights in OWN_WORDS.items():
            op.execute(f"DROP POLICY serving ON {table}")
            for _, command, _ in rights:
                op.execute(f"DROP POLICY justice_{command.lower()} ON {table}")
            op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute("DROP SCHEMA wall CASCADE")
        for name in FUNCTIONS_BEFORE:
            op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO PUBLIC")
        roles = "throughcare_serving, throughcare_justice"
        op.execute(f"REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM {roles}")
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {roles}")
        op.execute(f"REVOKE ALL ON SCHEMA public FROM {roles}")
    op.drop_index(op.f("ix_case_event_judged_at"), table_name="case_event")
    op.drop_column("case_event", "judged_at")
