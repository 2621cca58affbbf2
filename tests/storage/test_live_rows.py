"""Statements about the live rows of a patient read that patient's rows, not the table."""

from pathlib import Path
from typing import Any

import pytest

from app.storage import messages, referrals
from app.storage.statement import Statement
from tests.service import DATABASES, fresh_database
from tests.storage.direct import connection

STATEMENTS = ("FORGET_STATE", "BURY_ELEMENT", "BURY_WINDOW", "LIVE", "ANSWER_IN_FORCE")


def plan(opened: Any, url: str, statement: Statement) -> str:
    """How the database would run it, whatever the parameters are."""
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    if kind == "sqlite":
        text, values = statement.named(kind, {})
        return " ".join(row[3] for row in opened.execute(f"EXPLAIN QUERY PLAN {text}", values))
    text, arguments = statement.positional(kind, {})
    opened.execute("SET plan_cache_mode = force_generic_plan")
    opened.execute("SET enable_seqscan = off")  # an empty table is read whole, if it can be helped
    opened.execute(f"PREPARE asked AS {text}")
    nothing = ", ".join(["NULL"] * len(arguments))
    found = " ".join(row[0] for row in opened.execute(f"EXPLAIN EXECUTE asked({nothing})"))
    opened.execute("DEALLOCATE asked")
    return found


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("kind", DATABASES)
def test_statements_about_live_rows_use_their_index(kind: str, name: str, tmp_path: Path) -> None:
    url = fresh_database(kind, tmp_path)
    with connection(url) as opened:
        found = plan(opened, url, getattr(messages, name))
        assert "ux_element_row_read" in found and "SCAN element_row" not in found.replace("Index Scan", "")


@pytest.mark.parametrize("kind", DATABASES)
def test_a_patients_frames_are_not_looked_for_among_a_clinics(kind: str, tmp_path: Path) -> None:
    url = fresh_database(kind, tmp_path)
    with connection(url) as opened:
        found = plan(opened, url, referrals.FRAMES)
        assert "ix_referral_patient_id" in found and "ix_referral_recipient_unit" not in found
