"""Profiles where they are used: at the start, at a read, in the record (domain rules 2.5)."""

from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from app.instance import ready_hub
from app.profile_files import profiles
from app.sandbox.steps import must
from app.settings import Settings, SettingsError
from tests.api.scene import CLINIC, COURT, Scene, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, rows

US: Final = "us-42cfr2@1"
LAW: Final = '[overlay]\nid = "hard-court"\nversion = 1\nlaw = "Rule 9"\n[role.judge]\nonly = ["enrolment.engaged"]\n'
OVER: Final = f"{US}+hard-court@1"


def _works_under(w: World, unit: str, profile: str) -> None:
    change(w.settings.database_url, f"UPDATE unit SET profile = '{profile}' WHERE id = '{unit}'")


async def _elements(s: Scene) -> list[set[str]]:
    return [set(item["elements"]) for item in (await must(await s.seen()))["items"]]


def _last_read(w: World) -> dict[str, Any]:
    url = w.settings.database_url
    found: dict[str, Any] = orjson.loads(bytes(rows(url, "SELECT entry FROM consultation ORDER BY at DESC")[0][0]))
    return found


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_recipients_own_law_takes_away_and_the_record_names_it(kind: str, tmp_path: Path) -> None:
    (tmp_path / "hard-court@1.toml").write_text(LAW)
    async with world(kind, THROUGHCARE_OVERLAYS=str(tmp_path)) as w:
        s = await scene(w)
        await s.sign(elements=["enrolment.status"])
        assert await _elements(s) == [{"enrolment.engaged", "enrolment.status"}]
        assert _last_read(w)["profiles"] == [US]
        _works_under(w, COURT, OVER)
        assert await _elements(s) == [{"enrolment.engaged"}]
        assert _last_read(w)["profiles"] == [US, OVER]
        told = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"]
        assert [row["obligations"]["profile"] for row in told] == [US, f"{US} {OVER}"]
        assert {row["obligations"]["notice_version"] for row in told} == {"42cfr2.32-statement-1"}


@pytest.mark.parametrize("unit", [COURT, CLINIC])
@run
async def test_a_profile_that_is_not_known_any_more_lets_nothing_leave(unit: str) -> None:
    """As when the operator takes an overlay away: whoever works under it, discloser or recipient."""
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign(elements=["enrolment.status"])
        assert await _elements(s) != []
        _works_under(w, unit, OVER)
        assert await _elements(s) == []
        assert _last_read(w)["reasons"] == ["profile_unknown"]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_start_under_a_profile_that_requires_an_assessment_needs_its_id(kind: str) -> None:
    """GDPR 35: refused by the name of the setting, and of the profile."""
    async with world(kind) as w:
        await (await ready_hub(w.settings)).database.close()
        _works_under(w, CLINIC, "eu-gdpr-led@1")
        with pytest.raises(SettingsError, match=r"THROUGHCARE_DPIA: eu-gdpr-led@1 .*GDPR 35"):
            await ready_hub(w.settings)
        environment = orjson.loads((w.folder / "environment.json").read_bytes())
        named = Settings.from_environment(environment | {"THROUGHCARE_DPIA": "DPIA-2026-04"})
        await (await ready_hub(named)).database.close()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("hard-court@1", LAW.replace("only", "also"), "hard-court@1.toml: role.judge.also"),
        ("soft-court@1", LAW, "soft-court@1.toml: id, version"),
        ("county-model@1", LAW.replace("hard-court", "county-model"), "county-model@1.toml: overlay.id"),
        ("hard-court@1", LAW + '[settings]\nminors = "us-nowhere"\n', "hard-court@1.toml: settings.minors"),
        ("hard-court@1", LAW + '[settings]\nnotice = "unodc-plain-1"\n', "hard-court@1.toml: settings.notice"),
    ],
)
@run
async def test_a_start_with_an_overlay_that_cannot_be_used_names_the_file_and_the_key(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / f"{name}.toml").write_text(text)
    with pytest.raises(SettingsError, match="THROUGHCARE_OVERLAYS") as refused:
        async with world("sqlite", THROUGHCARE_OVERLAYS=str(tmp_path)):
            pass
    assert said in str(refused.value)


@run
async def test_a_start_without_the_folder_of_the_overlays_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="THROUGHCARE_OVERLAYS"):
        async with world("sqlite", THROUGHCARE_OVERLAYS=str(tmp_path / "nowhere")):
            pass


def test_what_is_shipped_can_be_used() -> None:
    """Every notice and every table of minors that a profile names is there, and each overlay goes with each profile."""
    book = profiles()
    assert sorted(book) == ["eu-gdpr-led@1", "unodc-generic@1", US]
    assert all(profile.notice for profile in book.values())
    assert [f"{name}+{over}" for name in book for over in book.overlays if f"{name}+{over}" not in book] == []
