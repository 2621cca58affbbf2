"""The three statements of a gated read in SQLite: like those of PostgreSQL, one case after another (design 3)."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

from app.storage.database import Recording, Row
from app.storage.hot import (
    INSTRUMENT_COLUMNS,
    INSTRUMENT_JOINS,
    LIVE,
    RESTRICTED,
    RESTRICTING,
    WITHDRAWN,
    WITHDRAWN_ORDER,
    key_of,
)

SQLITE_CLOCK: Final = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER) * 1000"
SQLITE_AS_OF: Final = f"max({SQLITE_CLOCK}, (SELECT at FROM clock_floor WHERE id = 1))"
SQLITE_FLOOR: Final = f"UPDATE clock_floor SET at = {SQLITE_CLOCK} WHERE id = 1 AND at < {SQLITE_CLOCK} - 1000000"
SQLITE_BUMP: Final = "INSERT INTO gate VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET epoch = epoch + 1"
_SQLITE_FACTS: Final = f"""
WITH c AS (SELECT case_key, sealed, since FROM case_view
            WHERE unit_id = ?1 AND case_id = ?3 AND {LIVE.replace("$", "?")}),
     i AS MATERIALIZED (SELECT {INSTRUMENT_COLUMNS},
             (SELECT json_group_array(json_array(r.requested_at, r.selection))
                FROM (SELECT * FROM revocation WHERE consent_id = n.id ORDER BY id) r) AS revocations,
             {key_of("sqlite", "n.patient_id")} AS key,
             (SELECT json_group_array(json_array(elements, recipient_unit, lifted_day))
                FROM (SELECT {RESTRICTED} FROM restriction x WHERE {RESTRICTING} ORDER BY x.id)) AS restrictions
           {INSTRUMENT_JOINS} WHERE cr.unit_id = ?1 AND cr.case_key = (SELECT case_key FROM c) AND cr.closed_at IS NULL
             AND n.created_at >= (SELECT since FROM c) ORDER BY n.id)
SELECT {SQLITE_AS_OF} AS at, (SELECT case_key FROM c) AS case_key, (SELECT sealed FROM c) AS sealed,
  (SELECT json_group_array(json_array(id, patient_id, unit_id, facts, version, superseded_at, suspended,
     entered_in_error, pseudonym, ref, name, alias, profile, closed_at, json(revocations), key,
     json(restrictions))) FROM i) AS instruments,
  (SELECT json_group_object(code, at) FROM (SELECT code, min(occurred_at) AS at FROM case_event
     WHERE case_key = (SELECT case_key FROM c) AND effective = 1 GROUP BY code)) AS events,
  (SELECT json_group_object(key, epoch) FROM gate WHERE key IN (
     SELECT 'u:' || ?1 UNION SELECT 'c:' || ?2 UNION SELECT 'k:' || (SELECT case_key FROM c)
     UNION SELECT 'a:' || (SELECT case_key FROM c) || ':' || ?1
     UNION SELECT 'p:' || patient_id || ':' || ?1 FROM i)) AS epochs,
  (SELECT json_group_array(json_array({WITHDRAWN}, w.patient_id, w.key))
     FROM (SELECT w.*, s.patient_id, {key_of("sqlite", "s.patient_id")} AS key
             FROM withdrawal w JOIN ledger_subject s ON s.pseudonym = w.subject
            WHERE w.unit_id = ?1 AND w.case_id = (SELECT ?3 FROM c)
           ORDER BY {WITHDRAWN_ORDER}) w) AS withdrawals,
  (SELECT profile FROM unit WHERE id = ?1) AS profile,
  (SELECT json_group_array(json_array(person, until_at)) FROM case_assignment
    WHERE unit_id = ?1 AND case_key = (SELECT case_key FROM c)) AS assignments
"""
_SQLITE_ROWS: Final = """SELECT * FROM (SELECT ? AS ord, sort_key, seq, message_id, sealed FROM element_row
WHERE patient_id = ? AND unit_id = ? AND kind = ? AND element = ? AND case_key = ? AND scope = ?
  AND sort_key BETWEEN ? AND ? AND live = 1 ORDER BY sort_key DESC, seq DESC LIMIT ?)"""
_SQLITE_RECORD: Final = f"""INSERT INTO consultation (id, at, unit_id, entry, request_id)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE max({SQLITE_AS_OF}, ?2) < ?6 AND NOT EXISTS (
  SELECT 1 FROM json_each(?7) k LEFT JOIN gate g ON g.key = json_extract(k.value, '$[0]')
  WHERE coalesce(g.epoch, 0) <> json_extract(k.value, '$[1]'))"""


def _sqlite_facts(
    connection: sqlite3.Connection, unit: str, client: str, cases: Sequence[str], assignment: str, key: str
) -> Sequence[Row]:
    return [connection.execute(_SQLITE_FACTS, (unit, client, case, assignment, key)).fetchone() for case in cases]


def _sqlite_rows(connection: sqlite3.Connection, *columns: Sequence[Any]) -> Sequence[Row]:
    wants = list(zip(*columns, strict=True))
    found: list[Row] = []
    for begin in range(0, len(wants), 100):  # SQLite takes at most 500 terms of a compound SELECT
        part = wants[begin : begin + 100]
        text = " UNION ALL ".join([_SQLITE_ROWS] * len(part))
        arguments = [value for number, want in enumerate(part, begin + 1) for value in (number, *want)]
        found += connection.execute(text, arguments).fetchall()
    return found


def _sqlite_epochs(connection: sqlite3.Connection, names: Sequence[str]) -> Sequence[Row]:
    asked = json.dumps(list(names))
    return connection.execute(
        "SELECT key, epoch FROM gate WHERE key IN (SELECT value FROM json_each(?))", (asked,)
    ).fetchall()


def _sqlite_setting(connection: sqlite3.Connection, name: str) -> Sequence[Row]:
    return connection.execute(f"PRAGMA {name}").fetchall()


def _sqlite_alone(connection: sqlite3.Connection, _: int) -> Sequence[Row]:
    return connection.execute("SELECT 1 AS held").fetchall()  # the writer is


SQLITE: Final[dict[str, Callable[..., Sequence[Row]]]] = {
    "facts": _sqlite_facts,
    "rows": _sqlite_rows,
    "epochs": _sqlite_epochs,
    "setting": _sqlite_setting,
    "alone": _sqlite_alone,
}


def record_sqlite(connection: sqlite3.Connection, recording: Recording) -> bool:
    """The conditional insert inside a BEGIN IMMEDIATE; False if the gate moved or time ran out."""
    gates = "[" + ",".join(f'["{key.name}",{epoch}]' for key, epoch in recording.gates) + "]"
    arguments = (
        recording.consultation_id,
        recording.as_of,
        recording.unit_id,
        recording.entry,
        recording.request,
    )
    if connection.execute(_SQLITE_RECORD, (*arguments, recording.valid_until, gates)).rowcount != 1:
        return False
    connection.execute(SQLITE_FLOOR)
    connection.executemany(
        "INSERT INTO disclosure (id, consultation_id, subject, unit_id, instrument_id, at, entry, opening) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (id_, recording.consultation_id, subject, recording.unit_id, instrument, recording.as_of, entry, opening)
            for id_, subject, instrument, entry, opening in recording.disclosures
        ],
    )
    return True
