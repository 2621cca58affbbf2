"""The start is refused, with the variable's name, unless both roles are what the second wall needs."""

import asyncio
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import psycopg
import pytest

from app.instance import check, open_hub
from app.sandbox.cluster import JUSTICE, SERVING, as_role, both_roles
from app.serving import new_keys
from app.settings import Settings, SettingsError, create_keys
from app.storage.hot import POSTGRESQL
from app.storage.migrate import downgrade, upgrade
from app.storage.tables import metadata
from tests.service import ROOT, cluster, fresh_database
from tests.storage.direct import change, rows
from tests.storage.test_append_only import COLUMNS as APPEND_ONLY

ROLE: Final = "somebody"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Sound settings on a database of its own."""
    url = fresh_database("postgresql", tmp_path)
    create_keys(tmp_path / "keys.json", new_keys)
    return Settings.from_environment(both_roles(url) | {"THROUGHCARE_KEYS": str(tmp_path / "keys.json")})


@pytest.fixture
def role(settings: Settings) -> Iterator[str]:
    """A login role of no group, removed at the end with all it was given."""
    change(settings.database_url, f"CREATE ROLE {ROLE} LOGIN")
    yield ROLE
    change(settings.database_url, f"REASSIGN OWNED BY {ROLE} TO throughcare")
    change(settings.database_url, f"DROP OWNED BY {ROLE}")
    change(settings.database_url, f"DROP ROLE {ROLE}")


def refusal(settings: Settings) -> SettingsError:
    """Why the start is refused."""
    with pytest.raises(SettingsError) as refused:
        asyncio.run(check(settings))
    return refused.value


def test_sound_roles_start(settings: Settings) -> None:
    asyncio.run(check(settings))


def test_without_a_role_for_justice_nothing_starts_sandbox_included(settings: Settings) -> None:
    for sandbox in (False, True):
        bare = replace(settings, justice_database_url=None, sandbox=sandbox)
        assert refusal(bare).variable == "THROUGHCARE_JUSTICE_DATABASE_URL"


def test_a_process_that_answers_nobody_needs_none(settings: Settings) -> None:
    async def opened() -> None:
        hub = await open_hub(replace(settings, justice_database_url=None), justice=False)
        await hub.database.close()

    asyncio.run(opened())


GRANTS: Final = {
    "owner": ("ALTER TABLE agency OWNER TO somebody", "owns a table"),
    "owner of a function": ("ALTER FUNCTION as_of OWNER TO somebody", "owns a function"),
    "superuser": ("ALTER ROLE somebody SUPERUSER", "superuser"),
    "bypassrls": ("ALTER ROLE somebody BYPASSRLS", "BYPASSRLS"),
    "createrole": ("ALTER ROLE somebody CREATEROLE", "CREATEROLE"),
    "replication": ("ALTER ROLE somebody REPLICATION", "REPLICATION"),
    "member of the owner": ("GRANT throughcare TO somebody", "superuser"),
    "predefined": ("GRANT pg_read_all_data TO somebody", "predefined role"),
    "files": ("GRANT pg_read_server_files TO somebody", "predefined role"),
    "key": ("GRANT SELECT ON wall.key TO somebody", "key of the passes"),
    "schema": ("GRANT CREATE ON SCHEMA public TO somebody", "create in a schema"),
}


@pytest.mark.parametrize("what", sorted(GRANTS))
@pytest.mark.parametrize("side", ["serving", "justice"])
def test_a_role_that_could_go_round_the_wall_is_refused(settings: Settings, role: str, side: str, what: str) -> None:
    grant, words = GRANTS[what]
    change(settings.database_url, f"GRANT throughcare_{side} TO {role}")
    url = as_role(settings.database_url, role)
    chosen = replace(settings, database_url=url) if side == "serving" else replace(settings, justice_database_url=url)
    asyncio.run(check(chosen))
    change(settings.database_url, grant)
    found = refusal(chosen)
    name = "THROUGHCARE_DATABASE_URL" if side == "serving" else "THROUGHCARE_JUSTICE_DATABASE_URL"
    assert (found.variable, words in str(found)) == (name, True), found


TOO_MUCH: Final = {
    "member": ("GRANT throughcare_serving TO somebody", "member of throughcare_serving"),
    "member that does not inherit": (
        "GRANT throughcare_serving TO somebody WITH INHERIT FALSE",
        "member of throughcare_serving",
    ),
    "member of a member": (f"GRANT {SERVING} TO somebody", "member of throughcare_serving"),
    "one column": ("GRANT SELECT (sealed) ON element_row TO somebody", "table of content"),
    "a table": ("GRANT DELETE ON consent TO somebody", "table of content"),
    "everybody": ("GRANT SELECT (sealed) ON message TO PUBLIC", "table of content"),
    "passes": ("GRANT EXECUTE ON FUNCTION wall.mint TO somebody", "make passes"),
}


@pytest.mark.parametrize("what", sorted(TOO_MUCH))
def test_a_role_for_justice_with_more_than_its_group_is_refused(settings: Settings, role: str, what: str) -> None:
    grant, words = TOO_MUCH[what]
    change(settings.database_url, f"GRANT throughcare_justice TO {role}")
    chosen = replace(settings, justice_database_url=as_role(settings.database_url, role))
    asyncio.run(check(chosen))
    change(settings.database_url, grant)
    found = refusal(chosen)
    assert (found.variable, words in str(found)) == ("THROUGHCARE_JUSTICE_DATABASE_URL", True), found


def test_a_role_for_justice_that_may_make_temporary_tables_is_refused(settings: Settings) -> None:
    name = settings.database_url.rpartition("/")[2]
    change(settings.database_url, f'GRANT TEMPORARY ON DATABASE "{name}" TO PUBLIC')
    assert "temporary" in str(refusal(settings))


def test_roles_without_their_groups_are_refused(settings: Settings, role: str) -> None:
    plain = as_role(settings.database_url, role)
    assert "no member of throughcare_serving" in str(refusal(replace(settings, database_url=plain)))
    assert "no member of throughcare_justice" in str(refusal(replace(settings, justice_database_url=plain)))


def test_one_role_for_both_is_refused(settings: Settings) -> None:
    assert "throughcare_serving" in str(refusal(replace(settings, justice_database_url=settings.database_url)))
    justice = replace(settings, database_url=settings.justice_database_url or "")
    assert refusal(justice).variable == "THROUGHCARE_DATABASE_URL"


def test_a_role_of_another_database_is_refused(settings: Settings, tmp_path: Path) -> None:
    other = fresh_database("postgresql", tmp_path)
    change(other, "SELECT wall.renew()")  # databases of one template begin with one key
    found = refusal(replace(settings, justice_database_url=as_role(other, JUSTICE)))
    assert "another database" in str(found)


def test_the_command_says_which_variable_and_ends(settings: Settings) -> None:
    """With several workers too: none of them is started again and again."""
    environment = os.environ | {
        "THROUGHCARE_DATABASE_URL": settings.database_url,
        "THROUGHCARE_KEYS": str(settings.keys),
        "THROUGHCARE_JUSTICE_DATABASE_URL": "",
    }
    command = [sys.executable, "-m", "app", "serve", "--port", "0", "--workers", "2"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("THROUGHCARE_JUSTICE_DATABASE_URL: ")


def test_the_serving_role_owns_nothing_and_changes_no_record(settings: Settings) -> None:
    for table in metadata.tables:
        rights = [
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER")
            if rows(settings.database_url, f"SELECT has_table_privilege('{SERVING}', '{table}', '{right}')")[0][0]
        ]
        may = [] if table in APPEND_ONLY else ["UPDATE", "DELETE"]
        if table == "consultation":
            may = ["DELETE"]  # of refusals that are past their time: the trigger lets nothing else go (ADR 0037)
        assert rights == ["SELECT", "INSERT", *may], table
    with psycopg.connect(settings.database_url, autocommit=True) as connection:
        for statement in ("SELECT * FROM wall.key", "SELECT wall.renew()", "DROP TABLE agency", "CREATE TABLE t ()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def plain(text: str) -> str:
    """A statement without its spaces."""
    return " ".join(text.split()).replace("( ", "(").replace(" )", ")")


@pytest.mark.parametrize("name", ["facts", "rows"])
def test_behind_the_wall_the_same_statement_runs(settings: Settings, name: str) -> None:
    """A function is of its migration, and the text beside it is of today: whoever changes one must change both."""
    ((stored,),) = rows(settings.database_url, f"SELECT prosrc FROM pg_proc WHERE oid = 'wall.{name}'::regproc")
    text = POSTGRESQL[name]
    if name == "facts":
        given = {"$1": "v_unit", "$2": "v_client", "$3::text::text[]": "p_cases::text[]"}
        for number, variable in {**given, "$4": "p_assignment", "$5": "p_key"}.items():
            text = text.replace(number, variable)
    else:
        text = text[text.index("CROSS JOIN LATERAL") :]
    assert plain(text).strip() in plain(stored)


def test_an_owner_without_any_right_in_the_cluster_can_migrate(tmp_path: Path) -> None:
    """Where somebody else made the group roles; and the functions need no more than what such an owner has."""
    name = f"m{uuid.uuid4().hex}"
    url = cluster().create(name)
    change(url, "CREATE ROLE plain_owner LOGIN")
    change(url, f'ALTER DATABASE "{name}" OWNER TO plain_owner')
    owner = as_role(url, "plain_owner")
    upgrade(owner)
    create_keys(tmp_path / "keys.json", new_keys)
    chosen = Settings.from_environment(both_roles(url) | {"THROUGHCARE_KEYS": str(tmp_path / "keys.json")})
    asyncio.run(check(chosen))
    assert refusal(replace(chosen, database_url=owner)).variable == "THROUGHCARE_DATABASE_URL"
    downgrade(owner)
    granted = "SELECT count(*) FROM pg_default_acl", "SELECT count(*) FROM pg_policies"
    assert [rows(url, text)[0][0] for text in granted] == [0, 0]
    change(cluster().url("postgres"), f'DROP DATABASE "{name}"')
    change(cluster().url("postgres"), "DROP ROLE plain_owner")
