"""The three statements of a gated read (facts, rows, record) in PostgreSQL, and what SQLite's share (design 3, 9).

They are text because they carry what Core cannot say the same way twice: advisory locks, lateral limits, JSON rows.
"""

from collections.abc import Sequence
from typing import Any, Final

from app.storage.database import Recording
from app.storage.gate import locks

INSTRUMENT_COLUMNS: Final = (
    "n.id, n.patient_id, n.unit_id, n.facts, n.version, n.superseded_at, n.suspended, n.entered_in_error, "
    "s.pseudonym, rs.ref, d.name, d.alias, d.profile, d.closed_at"
)
INSTRUMENT_JOINS: Final = (
    "FROM consent_recipient cr JOIN consent n ON n.id = cr.consent_id JOIN unit d ON d.id = n.unit_id "
    "JOIN ledger_subject s ON s.patient_id = n.patient_id "
    "LEFT JOIN referral_subject rs ON rs.referral_id = n.referral_id AND rs.unit_id = cr.unit_id"
)
_HEX: Final = {"postgresql": "coalesce(encode(x.wrapped, 'hex'), '')", "sqlite": "hex(x.wrapped)"}


def key_of(dialect: str, owner: str) -> str:
    """The wrapped key of a patient beside the facts about them; '' if it was destroyed, NULL if there is none."""
    return f"(SELECT {_HEX[dialect]} FROM data_key x WHERE x.owner = {owner})"


RESTRICTED: Final = "x.elements, x.recipient_unit, x.lifted_day"
RESTRICTING: Final = "x.patient_id = n.patient_id AND x.state IN ('agreed', 'terminated')"
LIVE: Final = (
    "EXISTS (SELECT 1 FROM assignment a JOIN client q ON q.id = a.client_id JOIN unit w ON w.id = a.unit_id "
    "JOIN agency g ON g.id = w.agency_id WHERE a.id = $4 AND a.client_id = $2 AND a.unit_id = $1 "
    "AND a.ended_at IS NULL AND q.suspended_at IS NULL AND w.suspended_at IS NULL AND g.suspended_at IS NULL "
    "AND (($5 = 'secret' AND q.secret_hash IS NOT NULL) OR EXISTS (SELECT 1 FROM client_key y "
    "WHERE y.thumbprint = $5 AND y.client_id = $2 AND y.retired_at IS NULL)))"
)
"""The caller once more, in the snapshot of the epochs: one who is suspended after authentication knows no case."""

WITHDRAWN: Final = "w.role, w.purpose, w.kind, w.item_id, w.elements, w.person, w.referral, w.subject, w.settled"
WITHDRAWN_ORDER: Final = "w.created_at, w.settled, w.kind, w.elements, w.item_id, w.person, w.referral, w.subject"

_LATERAL: Final = f"""
SELECT t.at, f.* FROM t, unnest($3::text::text[]) WITH ORDINALITY AS q(asked, ord) CROSS JOIN LATERAL (
WITH c AS (SELECT case_key, sealed, since FROM case_view
            WHERE unit_id = $1 AND case_id = q.asked AND (SELECT ok FROM t)),
     i AS (SELECT json_build_array({INSTRUMENT_COLUMNS},
             (SELECT json_agg(json_build_array(r.requested_at, r.selection) ORDER BY r.id)
                FROM revocation r WHERE r.consent_id = n.id), {key_of("postgresql", "n.patient_id")},
             (SELECT json_agg(json_build_array({RESTRICTED}) ORDER BY x.id)
                FROM restriction x WHERE {RESTRICTING})) AS instrument,
             n.id, n.patient_id
           {INSTRUMENT_JOINS} WHERE cr.unit_id = $1 AND cr.case_key = (SELECT case_key FROM c) AND cr.closed_at IS NULL
             AND n.created_at >= (SELECT since FROM c))
SELECT (SELECT case_key FROM c) AS case_key, (SELECT sealed FROM c) AS sealed,
  (SELECT json_agg(instrument ORDER BY id) FROM i)::text AS instruments,
  (SELECT json_object_agg(code, at) FROM (SELECT code, min(occurred_at) AS at FROM case_event
     WHERE case_key = (SELECT case_key FROM c) AND effective = 1 GROUP BY code) e)::text AS events,
  (SELECT json_agg(json_build_array({WITHDRAWN}, s.patient_id, {key_of("postgresql", "s.patient_id")})
                   ORDER BY {WITHDRAWN_ORDER})
     FROM withdrawal w JOIN ledger_subject s ON s.pseudonym = w.subject
    WHERE w.unit_id = $1 AND w.case_id = (SELECT q.asked FROM c))::text AS withdrawals,
  (SELECT json_object_agg(key, epoch) FROM gate WHERE key = ANY(
     ARRAY['u:' || $1, 'c:' || $2, 'k:' || (SELECT case_key FROM c), 'a:' || (SELECT case_key FROM c) || ':' || $1]
     || ARRAY(SELECT DISTINCT 'p:' || patient_id || ':' || $1 FROM i)))::text AS epochs,
  (SELECT w.profile FROM unit w WHERE w.id = $1) AS profile,
  (SELECT json_agg(json_build_array(y.person, y.until_at)) FROM case_assignment y
    WHERE y.unit_id = $1 AND y.case_key = (SELECT case_key FROM c))::text AS assignments
) f ORDER BY q.ord
"""
"""What is known of each case that is asked about, in the order asked, all in one snapshot."""

POSTGRESQL: Final = {
    "facts": f"WITH t AS MATERIALIZED (SELECT as_of() AS at, {LIVE} AS ok) {_LATERAL}",
    "rows": """
SELECT k.ord, r.sort_key, r.seq, r.message_id, r.sealed
FROM unnest($1::text::text[], $2::text::text[], $3::text::text[], $4::text::text[], $5::text::text[],
            $6::text::text[], $7::text::bigint[], $8::text::bigint[], $9::text::bigint[]) WITH ORDINALITY
     AS k(patient, unit, kind, element, case_key, scope, low, high, most, ord)
CROSS JOIN LATERAL (
  SELECT sort_key, seq, message_id, sealed FROM element_row e
  WHERE e.patient_id = k.patient AND e.unit_id = k.unit AND e.kind = k.kind AND e.element = k.element
    AND e.case_key = k.case_key AND e.scope = k.scope AND e.sort_key BETWEEN k.low AND k.high AND e.live = 1
  ORDER BY e.sort_key DESC, e.seq DESC LIMIT k.most) r
""",
    "epochs": "SELECT key, epoch FROM gate WHERE key = ANY($1::text::text[])",
    "setting": "SELECT current_setting($1) AS value",
    "alone": "SELECT pg_try_advisory_xact_lock($1) AS held",
}
HOLD: Final = "SELECT pg_advisory_xact_lock_shared(k) FROM unnest($1::text::bigint[]) AS held(k)"
RECORD: Final = (
    "SELECT record_release($1, $2::text::bigint[], $3::text::text[], $4::text::bigint[], $5, $6, $7, $8, $9, "
    "$10, $11::text::text[], $12::text::text[], $13::text::text[], $14::bytea[], $15::bytea[])"
)


BEHIND: Final = {
    "facts": "SELECT at, case_key, sealed, instruments, events, withdrawals, epochs, profile, assignments "
    "FROM wall.facts($1, $2, $3, $4)",
    "rows": "SELECT ord, sort_key, seq, message_id, sealed FROM wall.rows($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    "epochs": "SELECT key, epoch FROM wall.epochs($1, $2)",
}
"""The same for a justice caller: functions that are shown its pass first (migration 0006)."""

DURABLE: Final = "current_setting('synchronous_commit') <> 'off' AND current_setting('client_min_messages') <> 'error'"
"""Settings that a statement put into a justice route could have left in the session: nothing is written under them."""

BEHIND_NARROW: Final = "SELECT wall.narrow($1, $2::bigint[], $3::text[])"
BEHIND_RECORD: Final = (
    "SELECT wall.record($1, $2, $3::text::bigint[], $4::text::text[], $5::text::bigint[], $6, $7, $8, $9, "
    f"$10, $11::text::text[], $12::text::text[], $13::text::text[], $14::bytea[], $15::bytea[]) WHERE {DURABLE}"
)


def array(values: Sequence[str | int]) -> str:
    """The text of a one-dimensional array (PostgreSQL 8.15.6), every element quoted.

    The driver's own encoding asks of each element whether it is an array again, which costs more than the rest of it.
    """
    plain = '","'.join(map(str, values))
    if "\\" in plain or plain.count('"') > 2 * (len(values) - 1):
        plain = '","'.join(str(value).replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return '{"' + plain + '"}' if values else "{}"


def record_arguments(recording: Recording) -> list[Any]:
    """The arguments of ``record_release`` after the first (shared or exclusive)."""
    columns: list[tuple[Any, ...]] = list(zip(*recording.disclosures, strict=True)) or [(), (), (), (), ()]
    ids, subjects, instruments, entries, openings = columns
    return [
        array(locks(key for key, _ in recording.gates)),
        array([key.name for key, _ in recording.gates]),
        array([epoch for _, epoch in recording.gates]),
        recording.as_of,
        recording.valid_until,
        recording.consultation_id,
        recording.unit_id,
        recording.entry,
        recording.request,
        array(ids),
        array(subjects),
        array(instruments),
        entries,
        openings,
    ]


def own_arguments(recording: Recording) -> list[Any]:
    """The same without the unit: behind the wall it is that of the pass."""
    arguments = record_arguments(recording)
    return arguments[:6] + arguments[7:]
