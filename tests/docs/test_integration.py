"""The two integration pages: every command is run as it stands."""

import json
import re
from pathlib import Path

import pytest

from app.sandbox.cluster import free_port
from tests.docs.reading import blocks, page
from tests.docs.running import SERVE, missing, run
from tests.docs.sides import EXAMPLES

COURT_PAGE, CLINIC_PAGE = "docs/court-integration.md", "docs/clinic-integration.md"
ID = "[0-9a-f]{32}"
NOTHING = r"Nothing\. Only what the patient currently allows is shown\..*"
ENGAGED, ACTIVE = "current enrolment.engaged = true (fact)", 'current enrolment.status = "active" (fact)'


def _lines(name: str, folder: Path) -> list[str]:
    assert missing() == [], "examples/README.md says what the examples need"
    text = page(name)
    assert {mark for mark, _ in blocks(text)} == {"connect", "serve"}
    parts = [SERVE if mark == "serve" else commands for mark, commands in blocks(text)]
    return run("\n".join(parts), folder, free_port()).splitlines()


def _assert_read(line: str, allowed: bool) -> None:
    body = json.loads(line)
    values = [{name: said["value"] for name, said in item["elements"].items()} for item in body["items"]]
    assert values == ([{"enrolment.engaged": True, "enrolment.status": "active"}] if allowed else [])
    assert body["meaning"]


def test_a_court_connects_as_the_page_says(tmp_path: Path) -> None:
    """From key pair to first read, watch, night, and all of it once more with curl and openssl."""
    lines = _lines(COURT_PAGE, tmp_path)
    end = lines.index("}")
    me = json.loads("\n".join(lines[: end + 1]))
    assert (me["role"], me["unit_name"]) == ("judge", "Treatment Court Part")
    before, filed, consent, *read = lines[end + 1 : end + 8]
    assert re.fullmatch(NOTHING, before) and re.fullmatch(ID, filed) and re.fullmatch(ID, consent)
    assert read[:4] == [ENGAGED, ACTIVE, ENGAGED, ACTIVE]
    *synced, thumbprint, who, empty, again = lines[end + 8 :]
    items = [json.loads(line) for line in synced]
    assert {(item["kind"], item["purpose"]) for item in items} == {("treatment_status", "condition_monitoring")}
    assert len(items) == 1 and re.fullmatch(r"[\w-]{43}", thumbprint)
    assert json.loads(who)["unit_id"] == me["unit_id"]
    _assert_read(empty, allowed=False)
    _assert_read(again, allowed=True)


def test_a_clinic_connects_as_the_page_says(tmp_path: Path) -> None:
    """From key pair to what the court reads and no longer reads, and all of it once more with curl and openssl."""
    inbox, filed, before, consent, engaged, active, revoked, after, *shell = _lines(CLINIC_PAGE, tmp_path)
    assert re.fullmatch(f"{ID} Robin Example 1990-01-31", inbox)
    assert re.fullmatch(ID, filed) and re.fullmatch(ID, consent)
    assert (engaged, active, revoked) == (ENGAGED, ACTIVE, "in_force")
    assert re.fullmatch(NOTHING, before) and before == after
    thumbprint, reported, signed, *read, gone, nothing = shell
    assert re.fullmatch(r"[\w-]{43}", thumbprint) and re.fullmatch(ID, json.loads(reported)["id"])
    assert re.fullmatch(ID, signed) and read == [ENGAGED, ACTIVE]
    assert json.loads(gone)["state"] == "in_force" and nothing == after


@pytest.mark.parametrize("name", [COURT_PAGE, CLINIC_PAGE])
def test_readme_leads_to_the_pages(name: str) -> None:
    """And the page of the examples names every file there is."""
    assert f"`{name}`" in page("README.md")
    told = page("examples/README.md")
    assert [path.name for path in EXAMPLES.iterdir() if path.is_file() and f"`{path.name}`" not in told] == [
        "README.md"
    ]
