"""An erased patient is an unknown one to the clinic, one never asked about to justice, and unreadable to all."""

import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.errors import NotFound
from app.exchange import erasure
from app.exchange.hub import Hub
from app.exchange.sequencing import audit, sequence
from app.instance import ready_hub
from app.routers.examples import PAPER_DISCLOSURE
from app.routers.examples_rights import ACCOUNTING_SUSPENSION, LEGAL_HOLD, SUBJECT_REQUEST
from app.sandbox import steps
from app.sandbox.cluster import JUSTICE, SERVING, as_role
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays, week
from app.settings import Settings, SettingsError
from app.storage.sealing import Unsealable
from app.storage.shreds import ListUnreadable, Shred, ShredList
from tests.api.handing import HILLSIDE, allow, handed
from tests.api.scene import COURT, MARIA, MONITOR, Scene, scene
from tests.service import DATABASES, World, cluster, run, world
from tests.storage.direct import count, key_of, rows

UNKNOWN = "0" * 32
KINDS = ("treatment-statuses", "assessments")
OTHER = {"given_name": "Ana", "sur_name": "Diaz", "birth_date": "1980-02-01"}


@dataclass(frozen=True)
class Life:
    """Everything that a clinic keeps about one patient, by id."""

    s: Scene
    merged: str
    consent: str
    status: str
    transfer: str
    incident_count: int

    def ids(self) -> dict[str, str]:
        """Name in a path -> id."""
        return {"p": self.s.patient, "c": self.consent, "s": self.status, "t": self.transfer, "r": self.s.referral}


def asked(life: Life) -> list[tuple[str, str, dict[str, Any] | None]]:
    """A request of every kind that names the patient, or something of theirs."""
    form = life.s.form(patient_id="{p}", referral_id=None, kind="tpo")
    return [
        ("GET", "/v1/patients/{p}", None),
        ("GET", "/v1/patients/{p}/disclosures", None),
        ("POST", "/v1/patients/{p}/disclosures", PAPER_DISCLOSURE),
        ("GET", "/v1/patients/{p}/consents", None),
        ("POST", "/v1/patients/{p}/revocations", {"on_behalf_of": "patient", "all": True}),
        *(("GET", f"/v1/patients/{{p}}/{noun}", None) for noun in ("record", "export", "restrictions", "holds")),
        ("GET", "/v1/patients/{p}/intermediary-disclosures", None),
        ("POST", "/v1/patients/{p}/restrictions", {"elements": ["enrolment.status"]}),
        ("POST", "/v1/patients/{p}/holds", LEGAL_HOLD),
        ("POST", "/v1/patients/{p}/requests", SUBJECT_REQUEST),
        ("POST", "/v1/patients/{p}/accounting-suspensions", ACCOUNTING_SUSPENSION),
        ("POST", "/v1/patients/{p}/merge", {"merged": "f" * 32}),
        ("POST", "/v1/patients/{p}/unmerge", {"merged": life.merged}),
        ("GET", "/v1/consents/{c}", None),
        ("GET", "/v1/consents/{c}/form", None),
        ("POST", "/v1/consents/{c}/decline", {}),
        ("POST", "/v1/consents", form),
        ("POST", "/v1/consents/preview", form),
        (
            "POST",
            "/v1/treatment-statuses",
            {"patient_id": "{p}", "period": week(past_mondays(1)[0]), "status": "active"},
        ),
        ("POST", "/v1/treatment-statuses/{s}/retraction", {"reason": "entered_in_error"}),
        ("GET", "/v1/transfers/{t}", None),
        ("POST", "/v1/transfers/{t}/cancellation", {}),
        ("PATCH", "/v1/referrals/{r}/patient", {"patient_id": "{p}"}),
    ]


def filled(value: Any, ids: dict[str, str]) -> Any:
    """A path or body with ids in the place of their names."""
    if isinstance(value, dict):
        return {name: filled(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, ids) for one in value]
    if isinstance(value, str):
        for name, one in ids.items():
            value = value.replace("{" + name + "}", one)
    return value


async def answered(life: Life, ids: dict[str, str]) -> list[tuple[str, int, str]]:
    """What the clinic is answered, with the ids taken out."""
    found = []
    for method, path, body in asked(life):
        sent = filled(body, ids) if body is not None else None
        answer = await life.s.clinic.call(method, filled(path, ids), sent)
        text = answer.text
        for one in ids.values():
            text = text.replace(one, "ID")
        found.append((f"{method} {path}", answer.status_code, text))
    return found


async def seen(s: Scene) -> list[tuple[int, bytes, str]]:
    """What the court is answered about the case, every way that it can ask."""
    paths = [reading(kind, s.case_id, MONITOR) for kind in KINDS]
    paths += [f"/v1/cases/{s.case_id}/report?purpose={MONITOR}", f"/v1/referrals/{s.referral}", "/v1/referrals"]
    answers = [await s.judge.get(path) for path in paths]
    body = {"cases": [s.case_id], "purpose": MONITOR}
    answers.append(await s.judge.post("/v1/treatment-statuses/search", body))
    return [(one.status_code, one.content, one.headers.get("etag", "")) for one in answers]


async def lived(w: World) -> tuple[Life, list[tuple[int, bytes, str]]]:
    """A patient with reports, a correction that withdrew something, consents, a letter, a transfer and a merged record;
    and what the court was answered before it was ever allowed anything.
    """
    s = await scene(w)
    before = await seen(s)
    monday = past_mondays(2)[0]
    status = await steps.report(s.clinic, s.patient, monday, ("attended",))
    consent = await s.sign(elements=["enrolment.status", "attendance.summary", "referral.decision"])
    assert await seen(s) != before
    other = await steps.report(s.clinic, s.patient, monday, ("missed",), supersedes=status)
    letter = PAPER_DISCLOSURE | {"consent_id": None, "case": None, "basis": "medical_emergency"}
    letter = {name: value for name, value in letter.items() if value is not None}
    await must(await s.clinic.post(f"/v1/patients/{s.patient}/disclosures", letter), 201)
    await allow(s.clinic, s.patient)
    transfer = await handed(s.clinic, s.patient)
    merged = await steps.add_patient(s.clinic, OTHER)
    await must(await s.clinic.post(f"/v1/patients/{s.patient}/merge", {"merged": merged}))
    wrong = await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended",))
    await must(await s.clinic.post(f"/v1/treatment-statuses/{wrong}/retraction", {"reason": "wrong_patient"}))
    return Life(s, merged, consent, other, transfer, count(w.settings.database_url, "incident")), before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_erased_patient_is_unknown_to_the_clinic_and_never_asked_about_to_justice(kind: str) -> None:
    async with world(kind) as w:
        life, before = await lived(w)
        sent = (await life.s.judge.get(f"/v1/referrals/{life.s.referral}")).content
        assert count(w.settings.database_url, "withdrawal") > 0 and life.incident_count > 0
        await sequence(w.hub)
        counts = await erasure.erase_patient(w.hub, life.s.patient)
        assert (counts["records"], counts["keys"], counts["consents"], counts["transfers"]) == (2, 3, 2, 1)
        assert counts["messages"] > 2 and counts["element_rows"] > 5 and counts["openings"] > 3
        ids = life.ids()
        unknown = {name: UNKNOWN for name in ids} | {"r": ids["r"]}
        for one, other in zip(await answered(life, ids), await answered(life, unknown), strict=True):
            assert one == other
        assert await seen(life.s) == before
        assert (await life.s.judge.get(f"/v1/referrals/{life.s.referral}")).content == sent
        (referral,) = (await must(await life.s.clinic.get("/v1/referrals?direction=received")))["items"]
        assert "patient_id" not in referral
        for person in (MARIA, OTHER):
            assert (await must(await life.s.clinic.post("/v1/patients/search", person)))["items"] == []
        for path in ("/v1/incidents", "/v1/transfers", "/v1/reports-due"):
            assert (await must(await life.s.clinic.get(path)))["items"] == []
        assert (await must(await w.party(HILLSIDE).get("/v1/transfers")))["items"] == []
        verdict = await audit(w.hub)
        assert verdict.lie is None and verdict.size > 3
        with pytest.raises(NotFound):
            await erasure.erase_patient(w.hub, life.s.patient)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_nothing_of_the_erased_opens_any_more_and_everything_of_others_does(kind: str) -> None:
    async with world(kind) as w:
        life, _ = await lived(w)
        again = await steps.add_patient(life.s.clinic, MARIA)
        url = w.settings.database_url
        keys = [key_of(url, owner) for owner in (life.s.patient, life.merged, life.transfer)]
        await erasure.erase_patient(w.hub, life.merged)  # by whichever of their records
        assert count(url, "data_key", "wrapped IS NOT NULL AND destroyed_at IS NOT NULL") == 0
        assert {owner for (owner,) in rows(url, "SELECT owner FROM data_key WHERE destroyed_at IS NOT NULL")} == {
            key[65:-1].decode() for key in keys
        }
        for identifier, sealed in rows(url, "SELECT id, sealed FROM consent_signature"):
            with pytest.raises(Unsealable):
                w.hub.vault.open(key_of(url, life.s.patient) + bytes(sealed), "signature", identifier)
        tables = ("message", "element_row", "consent", "transfer")
        assert [count(url, table, "length(sealed) > 0") for table in tables] == [0, 0, 0, 0]
        assert count(url, "ledger_subject") == 1 and count(url, "consent_recipient") == 0
        assert count(url, "element_row", "live = 1") == 0
        shown = await must(await life.s.clinic.get(f"/v1/patients/{again}"))
        assert shown["given_name"] == "Maria"
        found = (await must(await life.s.clinic.post("/v1/patients/search", MARIA)))["items"]
        assert [one["id"] for one in found] == [again]
        await steps.match(life.s.clinic, life.s.referral, again)
        assert await seen(life.s) is not None


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_erased_referral_is_unknown_to_its_sender_and_to_the_clinic(kind: str) -> None:
    """What the clinic filed is its own, and is read under the consent as before."""
    async with world(kind) as w:
        s = await scene(w)
        consent = await s.sign()
        read = await s.values()
        assert read
        counts = await erasure.erase_referral(w.hub, s.referral)
        assert (counts["referrals"], counts["keys"], counts["person_indexes"]) == (1, 1, 2)
        for party, path in ((s.judge, ""), (s.clinic, ""), (s.judge, f"?purpose={MONITOR}")):
            answers = [await party.get(f"/v1/referrals/{one}{path}") for one in (s.referral, UNKNOWN)]
            assert {one.status_code for one in answers} == {404} and answers[0].content == answers[1].content
        assert (await must(await s.judge.get("/v1/referrals")))["items"] == []
        assert (await must(await s.clinic.get("/v1/referrals?direction=received")))["items"] == []
        for act in ("cancellation", "amendments"):
            answer = await s.judge.post(f"/v1/referrals/{s.referral}/{act}", {"court_appearance_date": "2035-01-01"})
            assert answer.status_code in (404, 422)
        assert await s.values() == read
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "active"
        await must(
            await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"on_behalf_of": "patient", "all": True})
        )
        assert await s.values() == []
        with pytest.raises(NotFound):
            await erasure.erase_referral(w.hub, s.referral)


class Backup:
    """An older copy of a database, made the way that an operator would, and an instance on the restored copy."""

    def __init__(self, w: World, folder: Path) -> None:
        self._settings = w.settings
        url = w.settings.database_url
        if url.startswith("sqlite"):
            self.url = f"sqlite:///{folder / 'restored.db'}"
            writer = w.hub.database._writer  # type: ignore[attr-defined]  # the copy needs what the log holds
            writer.execute("VACUUM INTO ?", (str(folder / "restored.db"),))
        else:
            name, copy = url.rpartition("/")[2], f"t{uuid.uuid4().hex}"
            with psycopg.connect(cluster().url("postgres"), autocommit=True) as connection:
                # A template must have no session; the pools come back by themselves.
                connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            self.url = cluster().create(copy, name)

    @property
    def settings(self) -> Settings:
        """Of an instance on the copy, with the keys and the shred list as they stand now."""
        if self.url.startswith("sqlite"):
            return replace(self._settings, database_url=self.url)
        roles = [as_role(self.url, role) for role in (SERVING, JUSTICE)]
        return replace(self._settings, database_url=roles[0], justice_database_url=roles[1])


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """For copies."""
    yield tmp_path
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_restored_older_copy_is_shredded_before_it_serves(kind: str, folder: Path) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await s.sign()
        copy = Backup(w, folder)
        fresh = await ready_hub(w.settings)  # its connections are of after the copy
        await erasure.erase_patient(fresh, s.patient)
        await erasure.erase_referral(fresh, s.referral)
        await fresh.database.close()
        owned = "destroyed_at IS NOT NULL"
        assert count(copy.url, "data_key", owned) == 0 and count(copy.url, "data_key") == 2
        hub = await ready_hub(copy.settings)
        try:
            assert count(copy.url, "data_key", owned) == 2 and count(copy.url, "data_key", "wrapped IS NOT NULL") == 0
            assert count(copy.url, "element_row", "live = 1") == count(copy.url, "ledger_subject") == 0
            assert count(copy.url, "patient", "erased_at IS NULL") == 0
            assert await erasure.reapply(hub) == 0
            assert (await audit(hub)).lie is None
            with pytest.raises(NotFound):
                await erasure.erase_patient(hub, s.patient)
        finally:
            await hub.database.close()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_erasure_that_was_listed_and_not_committed_is_completed_at_the_next_start(kind: str) -> None:
    """As a crash between the two leaves it. The list alone does not make it so; the start does."""
    async with world(kind) as w:
        s = await scene(w)
        ShredList(w.settings.shreds).append(Shred("patient", 1, (s.patient,), (s.patient,)))
        assert (await s.clinic.get(f"/v1/patients/{s.patient}")).status_code == 200
        hub = await ready_hub(w.settings)
        await hub.database.close()
        assert (await s.clinic.get(f"/v1/patients/{s.patient}")).status_code == 404
        assert (await must(await s.seen()))["items"] == []


@run
async def test_a_start_without_the_list_of_what_was_erased_is_refused() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        await erasure.erase_patient(w.hub, s.patient)
        kept = w.settings.shreds.read_bytes()
        for lost in (b"", b'{"kind":"patient"}\n', kept[:-2]):
            w.settings.shreds.write_bytes(lost)
            with pytest.raises(SettingsError, match="THROUGHCARE_SHREDS"):
                await ready_hub(w.settings)
        w.settings.shreds.write_bytes(kept)
        hub: Hub = await ready_hub(w.settings)
        await hub.database.close()


def test_a_line_that_a_crash_cut_off_counts_for_nothing_and_the_next_one_is_whole(tmp_path: Path) -> None:
    listed, path = ShredList(tmp_path / "new" / "shreds.jsonl"), tmp_path / "new" / "shreds.jsonl"
    assert listed.entries() == []
    one, two = Shred("patient", 1, ("a",), ("a", "t")), Shred("referral", 2, ("r",), ("r",))
    listed.append(one)
    with path.open("ab") as file:
        file.write(b'{"kind":"patient","at":')
    assert listed.entries() == [one]
    listed.append(two)
    assert listed.entries() == [one, two]
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_bytes(b"something\n" + path.read_bytes())
    with pytest.raises(ListUnreadable):
        listed.entries()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_release_decided_before_an_erasure_is_not_recorded_after_it(kind: str) -> None:
    """Erasure bumps the gate of every reader: what was decided on before is decided again."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign()
        url = w.settings.database_url
        gate = f"key = 'p:{s.patient}:{COURT}'"
        (before,) = rows(url, f"SELECT epoch FROM gate WHERE {gate}")
        await erasure.erase_patient(w.hub, s.patient)
        assert rows(url, f"SELECT epoch FROM gate WHERE {gate}") == [(before[0] + 1,)]
