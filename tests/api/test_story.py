"""The stories of ``make demo``, step by step on both databases, and what no step of them may ever have shown."""

from types import ModuleType

import httpx
import pytest

from app.sandbox import story
from app.sandbox.stage import Stage
from app.sandbox.steps import must, reading
from app.sandbox.stories import STORIES, deflection, parole, pretrial, treatment_court
from app.sandbox.views import ADULT, JUDGE, OFFICER, STAFF
from app.vocabulary import JUSTICE
from tests.service import DATABASES, World, run, world

HIDDEN = ("F10.2", "sister", "zone_3", "clinical.diagnosis", "counselling", "Harbor Clinic")
"""Diagnosis, counselling note, screening band and the clinic's own name: on file, and granted to nobody."""


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_story(kind: str) -> None:
    """Nothing differs from what it says; then each party's view once more, from outside the story."""
    async with world(kind) as w:
        answers = _kept(w)
        said: list[str] = []
        stage = _stage(w, said)
        assert await story.play(stage) == []
        assert sum("  ok  " in line for line in said) > 25
        await _nothing_hidden_left(stage, answers)
        await _refused_alike(stage)
        await _everything_is_over(stage)
        await _accounting(stage)


def _kept(w: World) -> list[httpx.Response]:
    """Every answer from now on."""
    answers: list[httpx.Response] = []

    async def keep(response: httpx.Response) -> None:
        await response.aread()
        answers.append(response)

    w.http.event_hooks = {"response": [keep]}
    return answers


def _stage(w: World, said: list[str]) -> Stage:
    return Stage(w.clients, w.http, f"{w.settings.issuer}/oauth/token", said.append)


ON_FILE = ("Harbor Clinic", "clinical.diagnosis", "clinical.screening", "restricted.", "icd-10")
"""What no justice client of any of the four may be told; what follows is on file in one of them."""
OF_STAGE = {
    deflection: (*ON_FILE, "F14.2", "attendance.", "testing.", "unprescribed", "progress."),
    pretrial: (*ON_FILE, "dast10", "substantial", "attendance.summary", "attendance.sessions"),
    treatment_court: (*ON_FILE, "result_panel", "absence_reason"),
    parole: (
        *ON_FILE,
        "N07BC02",
        "last_dose_at",
        "reduced_tolerance",
        "naloxone",
        "clinical.",
        "attendance.",
        "u-prison",
    ),
}


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("told", OF_STAGE, ids=lambda module: module.__name__.rpartition(".")[2])
@run
async def test_story_of_a_stage(kind: str, told: ModuleType) -> None:
    """Nothing differs from what it says, and no answer to any justice client holds what was on file and not granted."""
    async with world(kind) as w:
        answers = _kept(w)
        said: list[str] = []
        stage = _stage(w, said)
        assert await told.play(stage) == []
        assert sum("  ok  " in line for line in said) >= 15
        justice = {
            f"Bearer {await party.token()}"
            for name, party in stage.memory["parties"].items()
            if w.clients[f"c-{name}"]["agency_kind"] in JUSTICE
        }
        to_justice = [answer for answer in answers if answer.request.headers.get("authorization") in justice]
        assert len(to_justice) > 20
        for answer in to_justice:
            assert not [word for word in OF_STAGE[told] if word in answer.text], answer.url.path


def test_every_story_is_played() -> None:
    """``make demo`` plays Maria's and all four stages."""
    assert set(STORIES.values()) == {story.play, *(module.play for module in OF_STAGE)}


@run
async def test_a_story_notices() -> None:
    """Patrol with the keys of the diversion unit is let in, and the story says that this is not as it should be."""
    async with world("sqlite") as w:
        keys = w.clients["c-police-diversion-police-diversion"]
        w.clients["c-police-patrol-police-officer"] = keys
        differences = await deflection.play(_stage(w, []))
        assert differences == ["patrol is refused: expected 403, got 200"]


async def _nothing_hidden_left(stage: Stage, answers: list[httpx.Response]) -> None:
    """No answer to a justice client holds anything of what nobody was granted."""
    names = (JUDGE, ADULT, OFFICER, "prosecutor-prosecutor-deferring", "court-family-judge")
    who = {f"Bearer {await stage.party(name).token()}": name for name in names}
    told = [(who.get(answer.request.headers.get("authorization", "")), answer) for answer in answers]
    told = [(name, answer) for name, answer in told if name is not None]
    assert {name for name, _ in told} == set(names) and len(told) > 25
    for name, answer in told:
        assert not [word for word in HIDDEN if word in answer.text], answer.url.path
        assert "attendance.sessions" not in answer.text or name == ADULT


async def _refused_alike(stage: Stage) -> None:
    """Patrol gets the same bytes for Maria's case, another's and one that does not exist."""
    patrol = stage.party("police-patrol-police-officer")
    cases = (stage.memory["diversion"], stage.memory["case"], "0" * 32)
    asked = [await patrol.get(reading("treatment-statuses", case, "referral_coordination")) for case in cases]
    assert {(one.status_code, one.content) for one in asked} == {(403, asked[0].content)}


async def _everything_is_over(stage: Stage) -> None:
    """Revoked and expired look like a case in which nobody was ever referred: the same bytes and ETag."""
    for name, purpose in ((OFFICER, "referral_coordination"), (JUDGE, "condition_monitoring")):
        for kind in ("treatment-statuses", "assessments"):
            mine = stage.memory["diversion" if name == OFFICER else "case"]
            over, never = [await stage.party(name).get(reading(kind, case, purpose)) for case in (mine, "0" * 32)]
            assert (over.status_code, over.content) == (never.status_code, never.content)
            assert over.headers["etag"] == never.headers["etag"]
            assert over.json()["items"] == []


async def _accounting(stage: Stage) -> None:
    """Who saw what, element by element: nothing that was not granted, and nothing granted that was never read."""
    path = f"/v1/patients/{stage.memory['patient']}/disclosures"
    rows = (await must(await stage.party(STAFF).get(path)))["items"]
    told: dict[str, set[str]] = {}
    for row in rows:
        told.setdefault(row["recipient"]["role"], set()).update(row["elements"])
        assert row["sentence"].startswith(row["recipient"]["agency_name"]) and row["times"] >= 1
    assert told == {
        "police_diversion": {"referral.decision", "enrolment.engaged"},
        "judge": {"clinical.recommendation", "attendance.summary", "progress.plan_change"},
        "probation_officer": {"attendance.sessions"},
    }
    assert {row["consent_id"] for row in rows} == {stage.memory["police_consent"], stage.memory["court_consent"]}
    hillside = await stage.party("clinic-hillside-clinician").get(path)
    assert hillside.status_code == 404
