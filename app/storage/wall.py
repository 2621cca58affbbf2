"""Whether the roles of an instance are what the second wall needs: asked at every start, without a way around it.

Rights of roles that it could become count like those it has at once, so that NOINHERIT hides nothing.
"""

from typing import Any, Final

from app.storage.database import Unavailable
from app.storage.pools import LOST, Pools
from app.storage.tables import metadata

OWN_WORDS: Final = frozenset(
    {
        "case_event",
        "case_record",
        "case_view",
        "consent_request",
        "doorbell",
        "feed_seen",
        "feed_view",
        "referral",
        "referral_amendment",
        "referral_frame",
        "webhook",
        "withdrawal",
    }
)
"""Tables of which a justice caller reaches its own rows, by row-level security and with the columns that it wrote."""

PUBLIC: Final = frozenset({"agency", "clock_floor", "unit"})
"""The registry as everybody may read it, and the clock."""

CLOSED: Final = frozenset(metadata.tables) - OWN_WORDS - PUBLIC
"""Tables on which the role for justice has no right at all; what a flow needs of them is a function."""

_PRIVILEGED: Final = r"""
WITH mine AS (SELECT r.* FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER')),
     here AS (SELECT n.* FROM pg_namespace n WHERE n.nspname IN ('public', 'wall'))
SELECT CASE
  WHEN bool_or(r.rolsuper) THEN 'the role is a superuser'
  WHEN bool_or(r.rolbypassrls) THEN 'the role has BYPASSRLS'
  WHEN bool_or(r.rolcreaterole) THEN 'the role has CREATEROLE'
  WHEN bool_or(r.rolreplication) THEN 'the role has REPLICATION'
  WHEN bool_or(r.rolname LIKE 'pg\_%') THEN 'the role is a member of a predefined role'
  WHEN EXISTS (SELECT 1 FROM pg_class c JOIN here n ON n.oid = c.relnamespace JOIN mine m ON m.oid = c.relowner)
    THEN 'the role owns a table'
  WHEN EXISTS (SELECT 1 FROM pg_proc p JOIN here n ON n.oid = p.pronamespace JOIN mine m ON m.oid = p.proowner)
    THEN 'the role owns a function'
  WHEN EXISTS (SELECT 1 FROM pg_database d JOIN mine m ON m.oid = d.datdba WHERE d.datname = current_database())
    THEN 'the role owns the database'
  WHEN EXISTS (SELECT 1 FROM here n, mine m WHERE n.nspowner = m.oid OR has_schema_privilege(m.oid, n.oid, 'CREATE'))
    THEN 'the role may create in a schema'
  WHEN EXISTS (SELECT 1 FROM mine m, pg_class c JOIN here n ON n.oid = c.relnamespace
               WHERE n.nspname = 'wall' AND c.relkind = 'r'
                 AND (has_any_column_privilege(m.oid, c.oid, 'SELECT, INSERT, UPDATE')
                      OR has_table_privilege(m.oid, c.oid, 'DELETE, TRUNCATE, TRIGGER')))
    THEN 'the role reaches the key of the passes'
END AS flaw FROM mine r
"""
_TOO_MUCH: Final = """
WITH mine AS (SELECT r.* FROM pg_roles r WHERE pg_has_role(session_user, r.oid, 'MEMBER')),
     closed AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'public' AND c.relname = ANY($1::text[])),
     made AS (SELECT p.* FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'wall')
SELECT CASE
  WHEN bool_or(r.rolname = 'throughcare_serving') THEN 'the role is a member of throughcare_serving'
  WHEN EXISTS (SELECT 1 FROM mine m, closed c
               WHERE has_any_column_privilege(m.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES')
                  OR has_table_privilege(m.oid, c.oid, 'DELETE, TRUNCATE, TRIGGER'))
    THEN 'the role has rights on a table of content'
  WHEN EXISTS (SELECT 1 FROM mine m, made p
               WHERE p.proname = 'mint' AND has_function_privilege(m.oid, p.oid, 'EXECUTE'))
    THEN 'the role can make passes'
  WHEN bool_or(has_database_privilege(r.oid, current_database(), 'CREATE, TEMPORARY'))
    THEN 'the role may create schemas or temporary tables in this database'
  WHEN NOT EXISTS (SELECT 1 FROM made p WHERE p.proname = 'unit' AND has_function_privilege(p.oid, 'EXECUTE'))
    THEN 'the role is no member of throughcare_justice'
END AS flaw FROM mine r
"""
_TOO_LITTLE: Final = """
SELECT CASE WHEN NOT EXISTS (
  SELECT 1 FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'wall' AND p.proname = 'mint' AND has_function_privilege(p.oid, 'EXECUTE'))
THEN 'the role is no member of throughcare_serving, or the database was not migrated' END AS flaw
"""


async def unfit_to_serve(pools: Pools) -> str | None:
    """Why this role may not serve; None if it may.

    Raises:
        Unavailable: the database cannot be asked.
    """
    return await _first(pools, (_PRIVILEGED,), (_TOO_LITTLE,))


async def unfit_for_justice(pools: Pools, justice: Pools) -> str | None:
    """Why this role may not answer justice callers; None if it may.

    Raises:
        Unavailable: the database cannot be asked.
    """
    return await _first(justice, (_PRIVILEGED,), (_TOO_MUCH, sorted(CLOSED))) or await _apart(pools, justice)


async def _first(pools: Pools, *asked: tuple[Any, ...]) -> str | None:
    try:
        async with pools.serving.acquire() as connection:
            for text, *values in asked:
                flaw: str | None = await connection.fetchval(text, *values)
                if flaw is not None:
                    return flaw
    except LOST as error:
        raise Unavailable("the roles cannot be looked at") from error
    return None


async def _apart(pools: Pools, justice: Pools) -> str | None:
    """Whether a pass of the one connection is none of the other, which is then of another database."""
    try:
        async with pools.serving.acquire() as connection:
            proof = await connection.fetchval("SELECT wall.mint('', '')")
        async with justice.serving.acquire() as connection:
            await connection.fetch("SELECT key FROM wall.epochs($1, '{}')", proof)
    except LOST:
        return "the role does not take the passes of THROUGHCARE_DATABASE_URL: is it another database?"
    return None
