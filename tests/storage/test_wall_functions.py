"""What the functions of the second wall give, to whom, and that nothing around them changes what they do."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from app.sandbox.cluster import JUSTICE, SERVING
from app.storage.hot import array
from app.storage.tables import metadata
from tests.storage.direct import change, rows
from tests.storage.test_second_wall import forged
from tests.storage.walled import COURT, PROBATION, Walled, walled

CALLS = {
    "facts": "SELECT * FROM wall.facts(%(proof)s, '{c}', 'a', 'k')",
    "rows": "SELECT * FROM wall.rows(%(proof)s, '{p}', '{u}', '{k}', '{e}', '{\"\"}', '{\"\"}', '{0}', '{9}', '{1}')",
    "epochs": "SELECT * FROM wall.epochs(%(proof)s, '{k}')",
    "record": "SELECT wall.record(%(proof)s, true, '{1}', '{k}', '{0}', 0, 9000000000000000, 'c', '', 'r', "
    "'{}', '{}', '{}', '{}', '{}')",
    "narrow": "SELECT wall.narrow(%(proof)s, '{1}', '{k:x}')",
    "unit": "SELECT wall.unit()",
    "client": "SELECT wall.client()",
    "case_of": "SELECT * FROM wall.case_of('i')",
    "add_identifier": "SELECT wall.add_identifier('i', 'k')",
    "add_view": "SELECT wall.add_view('u', 'c', 'k', 0, '')",
    "add_subject_ref": "SELECT wall.add_subject_ref('u', 'k', 'p', 'r')",
    "add_referral_subject": "SELECT wall.add_referral_subject('r', 'u', 'k', 'p')",
    "delivery": "SELECT wall.delivery('r')",
    "kept": "SELECT * FROM wall.kept('s')",
    "keep": "SELECT wall.keep('s', 'f', 200, '')",
    "forget_kept": "SELECT wall.forget_kept()",
    "candidates": "SELECT * FROM wall.candidates('u|r|', 0, '', 1)",
    "own_key": "SELECT * FROM wall.own_key('wrapping:0')",
    "key_before": "SELECT wall.key_before('r')",
    "add_key": "SELECT wall.add_key('r', '', 'w')",
    "forget_seen": "SELECT wall.forget_seen('u|r|', 'c')",
    "remove_bell": "SELECT wall.remove_bell('h')",
    "forget_bell_seen": "SELECT wall.forget_bell_seen('h')",
    "forget_bell_views": "SELECT wall.forget_bell_views('h')",
    "assignments": "SELECT * FROM wall.assignments()",
    "assign": "SELECT wall.assign('k', 'p', 0, NULL, 'i')",
    "end_assignment": "SELECT wall.end_assignment('k', 'p', 0)",
    "assigned": "SELECT * FROM wall.assigned('k')",
    "add_move": "SELECT wall.add_move('i', 'k', 'joined', NULL, NULL, 0, 0)",
}
NOT_FOR_JUSTICE = {"mint": "'u', 'c'", "holder": "'p'", "renew": ""}


@pytest.fixture(scope="module")
def there() -> Iterator[Walled]:
    """One seeded database."""
    with walled() as made:
        yield made


def test_every_function_of_the_wall_is_called_here(there: Walled) -> None:
    found = {
        name for (name,) in rows(there.url, "SELECT proname FROM pg_proc WHERE pronamespace = 'wall'::regnamespace")
    }
    assert found == {*CALLS, *NOT_FOR_JUSTICE}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_function_gives_nothing_without_a_valid_pass(there: Walled, name: str) -> None:
    for kind, proof in forged(there).items():
        with there.justice(proof) as connection:
            with pytest.raises(InsufficientPrivilege, match="no valid pass"):
                connection.execute(CALLS[name].encode(), {"proof": proof})
                pytest.fail(kind)


@pytest.mark.parametrize("name", sorted(NOT_FOR_JUSTICE))
def test_nobody_behind_the_wall_makes_or_tries_passes(there: Walled, name: str) -> None:
    with there.justice(there.proof(COURT)) as connection, pytest.raises(InsufficientPrivilege):
        connection.execute(f"SELECT wall.{name}({NOT_FOR_JUSTICE[name]})".encode())


@pytest.mark.parametrize(
    "call", ["as_of", "narrow_gate", "record_release", "raise_floor", "clock_us", "wall.renew", "wall.holder"]
)
def test_no_function_is_everybodys(there: Walled, call: str) -> None:
    text = f"SELECT has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc p WHERE p.oid = '{call}'::regproc"
    assert rows(there.url, text) == [(False,)]


def wanted(there: Walled) -> list[str]:
    """Every stored row of the patient, asked for as ``rows`` is asked."""
    stored = rows(
        there.url,
        "SELECT patient_id, unit_id, kind, element, case_key, scope, sort_key, sort_key, 1 FROM element_row "
        f"WHERE live = 1 AND patient_id = '{there.patient}'",
    )
    return [array(column) for column in zip(*stored, strict=True)]


ROWS = f"SELECT * FROM wall.rows({', '.join(['%s'] * 10)})"


def test_a_leaked_pass_reads_no_other_agencys_patients(there: Walled) -> None:
    """Probation has a case, a referral and a valid pass; no consent names it."""
    with there.justice() as connection:
        assert connection.execute(ROWS.encode(), (there.proof(COURT), *wanted(there))).fetchall()
        assert connection.execute(ROWS.encode(), (there.proof(PROBATION), *wanted(there))).fetchall() == []


def test_of_the_keys_a_unit_gets_those_of_its_own_referrals(there: Walled) -> None:
    sent = dict(rows(there.url, "SELECT issuer_unit, id FROM referral"))
    with there.justice(there.proof(COURT)) as connection:
        own = connection.execute(b"SELECT wrapped FROM wall.own_key(%s)", (sent[COURT[0]],)).fetchall()
        assert [len(wrapped) for (wrapped,) in own] == [65]
        for foreign in (there.patient, sent[PROBATION[0]]):
            assert connection.execute(b"SELECT wrapped FROM wall.own_key(%s)", (foreign,)).fetchall() == []
            for call in (b"SELECT wall.key_before(%s)", b"SELECT wall.add_key(%s, decode('00', 'hex'), '')"):
                with pytest.raises(InsufficientPrivilege), connection.transaction():
                    connection.execute(call, (foreign,))


def test_a_bell_is_taken_down_by_its_own_client_alone(there: Walled) -> None:
    unit, client = COURT
    webhook = f"('h-1', '{unit}', '{client}', 'judge', '', 0)"
    change(there.url, f"INSERT INTO webhook (id, unit_id, client_id, role, sealed, created_at) VALUES {webhook}")
    change(there.url, "INSERT INTO doorbell (webhook_id, digest) VALUES ('h-1', '')")
    change(there.url, "INSERT INTO feed_seen (reader, case_id, mark, due_at) VALUES ('bell|h-1', 'c', 0, 0)")
    kept = "SELECT (SELECT count(*) FROM doorbell), (SELECT count(*) FROM feed_seen WHERE reader = 'bell|h-1')"
    for holder, left in ((PROBATION, (1, 1)), (COURT, (0, 0))):
        with there.justice(there.proof(holder)) as connection:
            connection.execute("SELECT wall.remove_bell('h-1'), wall.forget_bell_seen('h-1')")
        assert rows(there.url, kept) == [left], holder
    change(there.url, "DELETE FROM webhook")


def test_a_consent_that_nobody_signed_opens_no_row(there: Walled) -> None:
    facts = rows(there.url, "SELECT id, facts FROM consent WHERE facts IS NOT NULL")
    change(there.url, "UPDATE consent SET facts = NULL")
    try:
        with there.justice() as connection:
            assert connection.execute(ROWS.encode(), (there.proof(COURT), *wanted(there))).fetchall() == []
    finally:
        for consent, text in facts:
            change(there.url, f"UPDATE consent SET facts = '{text}' WHERE id = '{consent}'")


def test_facts_are_of_the_unit_of_the_pass(there: Walled) -> None:
    ((case_id,),) = rows(
        there.url,
        "SELECT case_id FROM case_view v WHERE unit_id = 'u-court-treatment' AND EXISTS "
        "(SELECT 1 FROM consent_recipient r WHERE r.case_key = v.case_key)",
    )
    found = {}
    for holder in (COURT, PROBATION):
        assignment = rows(there.url, f"SELECT id FROM assignment WHERE client_id = '{holder[1]}'")[0][0]
        call = "SELECT instruments FROM wall.facts(%s, %s, %s, 'secret')"
        with there.justice() as connection:
            given = (there.proof(holder), array([case_id]), assignment)
            found[holder[0]] = connection.execute(call.encode(), given).fetchall()
    assert found[COURT[0]][0][0] is not None
    assert found[PROBATION[0]] == [(None,)]


def test_a_record_is_of_the_unit_of_the_pass_and_of_a_consent_that_names_it(there: Walled) -> None:
    ((consent,),) = rows(there.url, "SELECT id FROM consent")
    call = (
        "SELECT wall.record(%s, true, '{1}', '{k}', '{0}', 0, 9000000000000000, %s, '', 'r', "
        "ARRAY['d-' || %s], ARRAY['s'], ARRAY[%s], ARRAY[''::bytea], ARRAY[''::bytea])"
    )
    with there.justice() as connection:
        named = [connection.execute(call.encode(), (there.proof(PROBATION), "c-1", "1", consent)).fetchall()]
        named += [connection.execute(call.encode(), (there.proof(COURT), "c-2", "2", consent)).fetchall()]
        assert named == [[(False,)], [(True,)]]
    text = "SELECT unit_id FROM consultation WHERE id IN ('c-1', 'c-2')"
    assert rows(there.url, text) == [("u-court-treatment",)]


def test_epochs_of_others_are_not_told(there: Walled) -> None:
    keys = array([key for (key,) in rows(there.url, "SELECT key FROM gate")])
    with there.justice() as connection:
        told = connection.execute(b"SELECT key FROM wall.epochs(%s, %s)", (there.proof(COURT), keys)).fetchall()
        assert any(key.startswith("p:") and key.endswith(COURT[0]) for (key,) in told)
        assert (
            connection.execute(b"SELECT key FROM wall.epochs(%s, %s)", (there.proof(PROBATION), keys)).fetchall() == []
        )


def test_only_the_imposing_unit_moves_the_gate_of_a_case(there: Walled) -> None:
    (case,) = {key for (key,) in rows(there.url, "SELECT case_key FROM consent_recipient")}
    before = rows(there.url, "SELECT key, epoch FROM gate ORDER BY key")
    with there.justice() as connection:
        for key in (f"k:{case}", f"p:{there.patient}:{COURT[0]}", f"u:{COURT[0]}", f"c:{COURT[1]}"):
            with pytest.raises(InsufficientPrivilege, match="not a case of this unit"):
                connection.execute(b"SELECT wall.narrow(%s, '{1}', %s)", (there.proof(PROBATION), [key]))
    assert rows(there.url, "SELECT key, epoch FROM gate ORDER BY key") == before


ESCAPES = (
    "SET ROLE throughcare_serving",
    "SET ROLE throughcare",
    f"SET ROLE {SERVING}",
    "SET SESSION AUTHORIZATION throughcare",
    f"SET SESSION AUTHORIZATION {SERVING}",
    "SET session_replication_role = replica",
    f"GRANT throughcare_serving TO {JUSTICE}",
    f"ALTER ROLE {JUSTICE} SUPERUSER",
    "ALTER FUNCTION wall.holder(text) SET search_path = pg_temp",
    "CREATE OR REPLACE FUNCTION wall.holder(p_pass text) RETURNS text[] LANGUAGE sql AS 'SELECT ARRAY[''u'']'",
    "CREATE FUNCTION public.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT $1'",
    "CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat)",
    "CREATE SCHEMA mine",
    "CREATE TEMP TABLE key (inner_pad bytea, outer_pad bytea)",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_read_binary_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('PG_VERSION')",
    "SELECT lo_export(1, 'x')",
    "COPY agency TO '/x'",
    "COPY agency FROM PROGRAM 'true'",
    "SELECT * FROM pg_stats_ext, pg_authid",
    "SELECT pg_reload_conf()",
    "SELECT pg_stat_reset()",
    "ALTER DATABASE postgres SET search_path = x",
    "DO $$ BEGIN EXECUTE 'SET ROLE throughcare'; END $$",
)


@pytest.mark.parametrize("statement", ESCAPES)
def test_the_role_cannot_become_or_make_more_than_it_is(there: Walled, statement: str) -> None:
    with there.justice(there.proof(COURT)) as connection, pytest.raises(psycopg.errors.Error) as refused:
        connection.execute(statement.encode())
    assert isinstance(refused.value, InsufficientPrivilege | psycopg.errors.UndefinedObject)


@pytest.mark.parametrize(
    "reset", ["RESET ROLE", "RESET SESSION AUTHORIZATION", "RESET ALL", "DISCARD ALL", "SET ROLE NONE"]
)
def test_a_reset_gives_no_rights(there: Walled, reset: str) -> None:
    with there.justice(there.proof(COURT)) as connection:
        connection.execute(reset.encode())
        assert connection.execute("SELECT current_user::text, session_user::text").fetchone() == (JUSTICE, JUSTICE)
        with pytest.raises(InsufficientPrivilege):
            connection.execute("SELECT * FROM message")


def test_statistics_and_plans_tell_nothing_of_closed_tables(there: Walled) -> None:
    change(there.url, "ANALYZE")
    names = array(sorted(metadata.tables))
    with there.justice(there.proof(COURT)) as connection:
        shown = connection.execute(
            "SELECT DISTINCT tablename FROM pg_stats WHERE tablename = ANY(%s::text[])", (names,)
        ).fetchall()
    assert {name for (name,) in shown} <= {"agency", "unit", "clock_floor"}


SHADOWS = (
    "CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS 'SELECT ''\\x00''::bytea'",
    "CREATE FUNCTION pg_temp.clock_us() RETURNS bigint LANGUAGE sql AS 'SELECT 0::bigint'",
    "CREATE FUNCTION pg_temp.yes(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.yes)",
    "CREATE TEMP TABLE consent_recipient (unit_id text, case_key text, consent_id text)",
    "INSERT INTO pg_temp.consent_recipient SELECT 'u-probation-adult', '', ''",
    "CREATE TEMP TABLE case_view (unit_id text, case_id text, case_key text, since bigint, sealed bytea)",
    "SET search_path = pg_temp, public, pg_catalog",
)


def test_what_is_put_before_a_name_changes_no_function(there: Walled) -> None:
    """Even where an operator left the right to make temporary objects, on which the start insists otherwise."""
    name = there.url.rpartition("/")[2]
    change(there.url, f'GRANT TEMPORARY ON DATABASE "{name}" TO {JUSTICE}')
    try:
        bad, own = forged(there)["a zero signature"], there.proof(PROBATION)
        with there.justice(bad) as connection:
            for shadow in SHADOWS:
                connection.execute(shadow.encode())
            with pytest.raises(InsufficientPrivilege, match="no valid pass"):
                connection.execute("SELECT wall.unit()")
            assert connection.execute(ROWS.encode(), (own, *wanted(there))).fetchall() == []
    finally:
        change(there.url, f'REVOKE TEMPORARY ON DATABASE "{name}" FROM {JUSTICE}')
