"""What the API cannot make: a stored consent that an import left otherwise, and time that has gone by."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.scenarios.cast import Ids
from tests.scenarios.stored import changed
from tests.storage.direct import connection, rows


def rewrite(url: str, consent: str, patch: Mapping[str, Any], base: datetime, ids: Ids) -> None:
    """Change the stored document of a consent behind the service's back."""
    document = json.loads(rows(url, f"SELECT facts FROM consent WHERE id = '{consent}'")[0][0])
    _keep(url, consent, changed(document, patch, base, ids))


def _keep(url: str, consent: str, document: Mapping[str, Any]) -> None:
    text = json.dumps(document, sort_keys=True, separators=(",", ":")).replace("'", "''")
    with connection(url) as opened:
        opened.execute(f"UPDATE consent SET facts = '{text}' WHERE id = '{consent}'")


def move_back(url: str, consents: Sequence[str], ahead: timedelta) -> None:
    """Let so much time go by for these consents: every instant that they live by is moved back, the clock is not."""
    by = ahead // timedelta(microseconds=1)
    named = ", ".join(f"'{one}'" for one in consents)
    for one in consents:
        found = rows(url, f"SELECT facts FROM consent WHERE id = '{one}' AND facts IS NOT NULL")
        if found:
            _keep(url, one, _moved(json.loads(found[0][0]), by))
    with connection(url) as opened:
        opened.execute(f"UPDATE consent SET superseded_at = superseded_at - {by} WHERE id IN ({named})")


def make_past(url: str, what: Mapping[str, Any], patient: str) -> None:
    """Let the day pass until which something about a patient was to hold: its beginning and its end are moved back."""
    with connection(url) as opened:
        for table, columns in what.items():
            for column in columns if isinstance(columns, list) else []:
                opened.execute(
                    f"UPDATE {table} SET {column} = {column} - 36500000000000 WHERE patient_id = '{patient}'"
                )


def _moved(document: dict[str, Any], by: int) -> dict[str, Any]:
    for name in ("signed_at", "effective_from", "represented_until"):
        if document.get(name):
            document[name] -= by
    for name in ("expiry", "revocable_from"):
        if document.get(name) and document[name][0] is not None:
            document[name][0] -= by
    return document
