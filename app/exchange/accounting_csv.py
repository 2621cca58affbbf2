"""An accounting as CSV (RFC 4180) that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

COLUMNS: Final = (
    *("first_at", "last_at", "times", "recipient", "recipient_unit", "role", "acting_user", "purpose", "basis"),
    *("kind", "elements", "period", "case", "consent", "notice_version", "channel", "made_by", "sentence"),
)
_BEGINS_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet take a cell for a formula, its full-width forms included."""


def table(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """A header and a line a row, each ended by CRLF, in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([safe(str(cell)) for cell in _cells(row)] for row in rows)
    return text.getvalue().encode()


def safe(cell: str) -> str:
    """The cell, after an apostrophe where a spreadsheet would take it for a formula, whatever space it skips."""
    return f"'{cell}" if cell.lstrip(" \xa0").startswith(_BEGINS_FORMULA) else cell


def _cells(row: Mapping[str, Any]) -> list[Any]:
    recipient, person = row["recipient"], row.get("acting_user", {})
    named = [recipient.get("agency_name", ""), recipient.get("name", recipient.get("unit_name", ""))]
    under = f"{row['consent_id']}@{row.get('consent_version', '')}" if "consent_id" in row else ""
    return [
        row["first_at"],
        row["last_at"],
        row["times"],
        ", ".join(dict.fromkeys(part for part in named if part)),
        recipient.get("unit_id", ""),
        recipient.get("role", ""),
        " ".join(part for part in (person.get("id", ""), person.get("name", "")) if part),
        row["purpose"],
        row["basis"],
        row["kind"],
        " ".join(row["elements"]),
        row.get("period", ""),
        row.get("case", ""),
        under or row.get("court_order_id", ""),
        row.get("obligations", {}).get("notice_version", ""),
        row["channel"],
        row.get("made_by", ""),
        row["sentence"],
    ]
