"""Whether what is stored, or hidden about the same person, makes the gated read slower: the whole HTTP read."""

import contextlib
import statistics
from typing import Final

import psycopg

from app.sandbox.cluster import Cluster, as_role
from app.storage.sqlite import connect
from benchmarks.figures import Report
from benchmarks.hidden import HIDDEN, NUMBERS, hide
from benchmarks.instance import Instance, instance, served
from benchmarks.processes import postmaster
from benchmarks.reads import Series, Target

FEW: Final = 1_000
MANY: Final = 1_000_000
ROWS_A_MESSAGE: Final = 5
MESSAGES_A_PATIENT: Final = 20
ROUNDS: Final = 7
SECONDS: Final = 1.0
CONNECTIONS: Final = 1
AIM: Final = 1.15

_SEED: Final = "(SELECT * FROM element_row WHERE element = 'attendance.summary' ORDER BY id LIMIT 1)"
_OTHERS: Final = (
    """
INSERT INTO patient (id, unit_id, name_index, birth_index, sealed, created_at)
SELECT 'other ' || n, p.unit_id, p.name_index || n, p.birth_index, p.sealed, p.created_at
FROM ({patients}) AS numbers, (SELECT * FROM patient LIMIT 1) p
""",
    """
INSERT INTO message (id, patient_id, unit_id, kind, sealed, first_day, last_day, position, created_at)
SELECT 'other ' || n, 'other ' || (1 + (n - 1) / {messages_a_patient}), m.unit_id, m.kind, m.sealed,
  m.first_day - n % {messages_a_patient}, m.last_day - n % {messages_a_patient}, m.position, m.created_at
FROM ({messages}) AS numbers, (SELECT * FROM message WHERE kind = 'treatment_status' LIMIT 1) m
""",
    """
INSERT INTO element_row
  (id, patient_id, unit_id, kind, element, case_key, scope, sort_key, seq, message_id, sealed, live)
SELECT 'other ' || n, 'other ' || (1 + (n - 1) / ({rows_a_message} * {messages_a_patient})), e.unit_id, e.kind,
  e.element, e.case_key, e.scope, e.sort_key, n, 'other ' || (1 + (n - 1) / {rows_a_message}), e.sealed, 1
FROM ({rows}) AS numbers, {seed} e
""",
)
"""Copies of sealed rows under other patients: of the same clinic, in the same frame, in the same week."""


def measure(kind: str, cluster: Cluster | None, report: Report) -> None:
    """Four instances take turns at one connection: 10^3 and 10^6 stored rows; 0 and 10^4 hidden messages."""
    with contextlib.ExitStack() as stack:
        made = {name: stack.enter_context(instance(kind, cluster)) for name in ("few", "many", "none", "hidden")}
        _store(made["few"], FEW)
        _store(made["many"], MANY)
        hide(made["hidden"], messages=True)
        _analysed(list(made.values()))
        server = postmaster(made["few"].settings.database_url) if kind == "postgresql" else None
        series = {name: Series() for name in made}
        targets = {
            name: Target(stack.enter_context(served(of, baseline=False)), of.path, of.judge, server)
            for name, of in made.items()
        }
        for target in targets.values():
            target.round(CONNECTIONS, 0.2, Series())
        for _ in range(ROUNDS):
            for name, target in targets.items():
                target.round(CONNECTIONS, SECONDS, series[name])
    _add(kind, series, report)


def _store(of: Instance, rows: int) -> None:
    messages = rows // ROWS_A_MESSAGE
    numbers = {"rows": rows, "messages": messages, "patients": messages // MESSAGES_A_PATIENT}
    filled = {name: NUMBERS[of.kind].format(count=count) for name, count in numbers.items()}
    for text in _OTHERS:
        _run(
            of,
            text.format(**filled, rows_a_message=ROWS_A_MESSAGE, messages_a_patient=MESSAGES_A_PATIENT, seed=_SEED),
        )


def _analysed(all_of: list[Instance]) -> None:
    """As PostgreSQL's own daemons do in time: statistics, and no write left over from the set-up."""
    for of in all_of:
        if of.kind == "postgresql":
            _run(of, "VACUUM ANALYZE")
            _run(of, "CHECKPOINT")


def _run(of: Instance, text: str) -> None:
    if of.kind == "sqlite":
        connection = connect(of.database_file)
        connection.execute(text)
        connection.close()
    else:
        with psycopg.connect(as_role(of.settings.database_url), autocommit=True) as server:
            server.execute(text.encode())


def _add(kind: str, series: dict[str, Series], report: Report) -> None:
    p50 = {name: statistics.median(one.p50) for name, one in series.items()}
    report.heading(f"{kind}: the gated read over HTTP, one connection, medians of {ROUNDS} alternating rounds")
    stored, hidden = p50["many"] / p50["few"], p50["hidden"] / p50["none"]
    report.add(f"{kind}: p50 with 10^6 / 10^3 stored rows", stored, "ratio", most=AIM)
    report.add(f"{kind}: p50 with 10^4 / 0 hidden messages", hidden, "ratio", most=AIM)
    named = {
        "few": f"{FEW:,} stored",
        "many": f"{MANY:,} stored",
        "none": "none hidden",
        "hidden": f"{HIDDEN:,} hidden",
    }
    for name, words in named.items():
        report.add(f"{kind}: p50 of the read, {words}", p50[name], "ms")
        report.add(f"{kind}: CPU of the read, {words}", series[name].cpu_ms, "ms/read")
