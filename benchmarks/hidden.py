"""Whether what a reader may not see costs the reader anything: the rows statement with 0 and 10^4 hidden rows."""

import asyncio
import contextlib
import io
import json
import sqlite3
import statistics
import time
from collections.abc import Sequence
from typing import Any, Final

import psycopg

from app.main import create_app, open_hub
from app.sandbox.cluster import Cluster, as_role
from app.storage import hot, hot_sqlite
from app.storage.sqlite import connect
from benchmarks.figures import Report
from benchmarks.instance import Instance, instance
from benchmarks.played import played

HIDDEN: Final = 10_000
REPEATS: Final = 300
INSERT: Final = """
INSERT INTO element_row
  (id, patient_id, unit_id, kind, element, case_key, scope, sort_key, seq, message_id, sealed, live)
SELECT 'hidden' || n, e.patient_id, e.unit_id, e.kind,
  CASE n % 3 WHEN 0 THEN 'progress.narrative' ELSE e.element END,
  e.case_key,
  CASE n % 3 WHEN 1 THEN 'another referral ' || n ELSE e.scope END,
  CASE n % 3 WHEN 1 THEN e.sort_key ELSE 1 + n END,
  n, e.message_id, e.sealed, 1
FROM ({numbers}) AS numbers, (SELECT * FROM element_row WHERE element = 'attendance.summary' LIMIT 1) e
"""
"""A third of another element, a third of another referral, a third under the granted key before ``records_from``."""

MESSAGES: Final = """
INSERT INTO message (id, patient_id, unit_id, kind, sealed, first_day, last_day, position, created_at)
SELECT 'hidden' || n, m.patient_id, m.unit_id, m.kind, m.sealed, 1 + n, 1 + n, m.position, m.created_at
FROM ({numbers}) AS numbers,
  (SELECT m.* FROM message m JOIN element_row e ON e.message_id = m.id WHERE e.element = 'attendance.summary' LIMIT 1) m
"""
"""A message of its own for each hidden row; inserted before the rows."""

NUMBERS: Final = {
    "sqlite": "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {count}) SELECT n FROM c",
    "postgresql": "SELECT n FROM generate_series(1, {count}) AS n",
}
Columns = tuple[Sequence[Any], ...]


def measure(kind: str, cluster: Cluster | None, report: Report) -> None:
    """Rows (PostgreSQL) or machine steps (SQLite), and time, before and after."""
    with instance(kind, cluster) as of:
        with contextlib.redirect_stderr(io.StringIO()):
            columns = asyncio.run(_keys(of))
        probe = _sqlite if kind == "sqlite" else _postgresql
        none = probe(of, columns)
        hide(of)
        many = probe(of, columns)
    what = {"sqlite": "virtual machine steps", "postgresql": "rows scanned"}[kind]
    report.heading(f"{kind}: the rows statement of the seeded read, {len(columns[0])} keys")
    report.add(f"{kind} rows statement: {what}, none hidden", none[0], "")
    report.add(f"{kind} rows statement: {what}, 10^4 hidden", many[0], "", most=none[0])
    if kind == "postgresql":
        report.add(f"{kind} rows statement: buffers, none hidden", none[2], "pages")
        report.add(f"{kind} rows statement: buffers, 10^4 hidden", many[2], "pages")
    report.add(f"{kind} rows statement: time, none hidden", none[1], "µs")
    report.add(f"{kind} rows statement: time, 10^4 hidden", many[1], "µs")


async def _keys(of: Instance) -> Columns:
    hub = await open_hub(of.settings)
    try:
        app = create_app(of.settings)
        return (await played(app, hub, of)).asked["rows"]
    finally:
        await hub.database.close()


def hide(of: Instance, *, messages: bool = False) -> None:
    """10^4 rows about the seeded person that the judge may not read, each of a message of its own if asked."""
    numbers = NUMBERS[of.kind].format(count=HIDDEN)
    text = INSERT.format(numbers=numbers)
    if messages:
        text = text.replace("n, e.message_id, e.sealed", "n, 'hidden' || n, e.sealed")
        _execute(of, MESSAGES.format(numbers=numbers))
    _execute(of, text)


def _execute(of: Instance, text: str) -> None:
    if of.kind == "sqlite":
        connection = connect(of.database_file)
        connection.execute(text)
        connection.execute("ANALYZE")
        connection.close()
    else:
        with psycopg.connect(as_role(of.settings.database_url), autocommit=True) as server:
            server.execute(text.encode())
            server.execute("VACUUM ANALYZE element_row")


def _sqlite(of: Instance, columns: Columns) -> tuple[float, float, float]:
    """Virtual machine steps (sqlite3_progress_handler), median µs."""
    connection, steps = connect(of.database_file), [0]

    def step() -> int:
        steps[0] += 1
        return 0

    connection.set_progress_handler(step, 1)
    hot_sqlite.SQLITE["rows"](connection, *columns)
    connection.set_progress_handler(None, 1)
    times = [_timed(connection, columns) for _ in range(REPEATS)]
    connection.close()
    return steps[0], statistics.median(times), 0


def _timed(connection: sqlite3.Connection, columns: Columns) -> float:
    begun = time.perf_counter()
    hot_sqlite.SQLITE["rows"](connection, *columns)
    return (time.perf_counter() - begun) * 1e6


def _postgresql(of: Instance, columns: Columns) -> tuple[float, float, float]:
    """Rows that the scans of ``element_row`` touched, median µs of execution, buffers of one warm execution."""
    planned = "-c plan_cache_mode=force_generic_plan"  # as the service's own connections
    with psycopg.connect(as_role(of.settings.database_url), autocommit=True, options=planned) as connection:
        text = f"PREPARE probe AS {hot.POSTGRESQL['rows']}"
        connection.execute(text.encode())
        literals = ", ".join(_literal(column) for column in columns)
        explained = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE probe({literals})".encode()
        plans = []
        for _ in range(REPEATS):
            row = connection.execute(explained).fetchone()
            assert row is not None
            plans.append(row[0][0])
    root = plans[-1]["Plan"]
    buffers = root["Shared Hit Blocks"] + root["Shared Read Blocks"]
    return _scanned(root), statistics.median(plan["Execution Time"] for plan in plans) * 1000, buffers


def _literal(column: Sequence[Any]) -> str:
    if all(isinstance(value, int) for value in column):
        return "'{" + ",".join(map(str, column)) + "}'"
    return "'" + "{" + ",".join(json.dumps(value) for value in column) + "}'"


def _scanned(node: dict[str, Any]) -> float:
    """Rows returned or thrown away by every scan of the table below this node."""
    own = 0.0
    if node.get("Relation Name") == "element_row":
        own = (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
    return own + sum(_scanned(below) for below in node.get("Plans", []))
