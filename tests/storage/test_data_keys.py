"""Content is sealed under the key of whom it is about, which is wrapped by a key outside the database."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.exchange import keys
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from app.serving import new_keys, prepare
from app.settings import Settings
from app.storage import data_keys, patients
from app.storage import tables as t
from app.storage.database import Unavailable
from app.storage.sealing import DESTROYED, NO_KEY, Unsealable, Vault, behind
from app.storage.statement import Statement
from app.storage.wrapping import WRAPPED, Wrapping, first_wrapping, with_another
from tests.api.scene import MARIA, scene
from tests.service import DATABASES, run, world
from tests.storage.direct import change, count, key_of, rows

OWNER = "a" * 32
TABLES = {
    "patient": "id",
    "message": "patient_id",
    "element_row": "patient_id",
    "consent": "patient_id",
    "consent_signature": "(SELECT patient_id FROM consent WHERE consent.id = consent_id)",
    "referral": "id",
}
"""Tables with sealed content that the usual scene fills, and whose it is."""


def vault() -> Vault:
    """A vault of its own."""
    return Vault(bytes(32), Wrapping(first_wrapping()))


def test_a_key_opens_what_it_sealed_at_its_place_and_nothing_else() -> None:
    mine = vault()
    wrapped = mine.mint(OWNER)
    sealed = mine.key(wrapped, OWNER).seal({"drug": "heroin"}, OWNER, "m", "message")
    front = wrapped + OWNER.encode() + b"\0"
    assert len(wrapped) == WRAPPED and sealed[:1] == b"\x02"
    assert mine.open(front + sealed, OWNER, "m", "message") == {"drug": "heroin"}
    other = mine.mint(OWNER) + OWNER.encode() + b"\0"
    for read, place in (
        (front + sealed, (OWNER, "n", "message")),
        (other + sealed, (OWNER, "m", "message")),
        (front + b"\x01" + sealed[1:], (OWNER, "m", "message")),
        (wrapped + b"b" * 32 + b"\0" + sealed, (OWNER, "m", "message")),
        (behind(None, OWNER) + sealed, (OWNER, "m", "message")),
        (front, (OWNER, "m", "message")),
    ):
        with pytest.raises(Unsealable):
            mine.open(read, *place)


def test_what_was_sealed_before_there_were_keys_stays_readable_until_its_owner_is_erased() -> None:
    mine = vault()
    sealed = mine.key(NO_KEY, OWNER).seal("old", "patient", OWNER)
    assert sealed[:1] == b"\x01"
    for front in (behind(None, OWNER), behind(mine.mint(OWNER).hex(), OWNER)):
        assert mine.open(front + sealed, "patient", OWNER) == "old"
    with pytest.raises(Unsealable):
        mine.open(behind("", OWNER) + sealed, "patient", OWNER)
    assert behind("", OWNER).startswith(DESTROYED)


def test_the_services_own_key_seals_nobodys_content() -> None:
    mine = vault()
    assert mine.open(mine.seal(["docket", "1"], "case_view", "u", "c"), "case_view", "u", "c") == ["docket", "1"]
    with pytest.raises(ValueError, match="owner"):
        mine.seal({"drug": "heroin"}, OWNER, "m", "message")


def test_a_wrapping_key_that_was_added_meanwhile_is_found_and_one_that_was_not_is_not() -> None:
    stored = first_wrapping()
    later = with_another(stored)
    reads: list[int] = []

    def read() -> dict[str, Any]:
        reads.append(1)
        return later

    old = Wrapping(stored, read)
    wrapped = Wrapping(later).wrap(bytes(32), OWNER)
    with pytest.raises(Unsealable):
        old.unwrap(wrapped, OWNER)  # it was looked at a moment ago
    assert reads == []
    old._looked -= 2
    assert old.unwrap(wrapped, OWNER) == bytes(32) and old.current == later["current"]
    with pytest.raises(Unsealable):
        old.unwrap(Wrapping(first_wrapping()).wrap(bytes(32), OWNER), OWNER)
    assert reads == [1]


@pytest.mark.parametrize(
    "stored",
    [
        {"current": "00000000", "keys": {}},
        {"current": "00000000", "keys": {"00000000": "00" * 31}},
        {"current": "0000", "keys": {"0000": "00" * 32}},
    ],
)
def test_malformed_wrapping_keys_are_refused(stored: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="wrapping keys"):
        Wrapping(stored)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_statement_yields_the_key_in_front_of_every_byte_that_was_sealed(kind: str) -> None:
    """NUL and 0xff included, whether the owner has a key, has none, had one, or is not known any more."""
    async with world(kind) as w:
        s = await scene(w)
        content = bytes(range(256)) * 2
        async with w.hub.database.write() as tx:
            await tx.run(Statement(t.patient.update().values(sealed=content)))
        url, none = w.settings.database_url, "0" * 32
        held = data_keys.with_key(t.patient.c.sealed, t.patient.c.id)
        unknown = data_keys.with_key(
            t.patient.c.sealed, select(t.unit.c.id).where(t.unit.c.id == "x").scalar_subquery()
        )
        both = Statement(select(held, unknown.label("unknown"), data_keys.key_of(t.patient.c.id)))
        async with w.hub.database.read() as reader:
            (row,) = await reader.all(both)
        assert row["sealed"] == key_of(url, s.patient) + content and len(key_of(url, s.patient)) == WRAPPED + 33
        assert row["key"] == key_of(url, s.patient)
        assert row["unknown"] == DESTROYED + b"\0" + content
        change(url, f"UPDATE data_key SET owner = '{none}' WHERE owner = '{s.patient}'")
        change(url, f"UPDATE data_key SET wrapped = NULL WHERE owner = '{s.referral}'")
        async with w.hub.database.read() as reader:
            (row,) = await reader.all(both)
            (gone,) = await reader.all(Statement(select(data_keys.key_of(t.referral.c.id))))
        assert row["sealed"] == NO_KEY + s.patient.encode() + b"\0" + content
        assert gone["key"] == DESTROYED + s.referral.encode() + b"\0"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_everything_about_a_patient_is_sealed_under_their_key_and_a_referral_under_its_own(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await s.sign()
        assert (await s.seen()).status_code == 200
        url = w.settings.database_url
        found = {table: rows(url, f"SELECT sealed, {owner} FROM {table}") for table, owner in TABLES.items()}
        assert all(found.values())
        assert {bytes(sealed)[:1] for some in found.values() for sealed, _ in some} == {b"\x02"}
        assert {bytes(opening)[:1] for (opening,) in rows(url, "SELECT opening FROM disclosure")} == {b"\x02"}
        owners = {owner for some in found.values() for _, owner in some}
        assert owners == {s.patient, s.referral} == {owner for (owner,) in rows(url, "SELECT owner FROM data_key")}
        wrapped_by = {by for (by,) in rows(url, "SELECT wrapped_by FROM data_key")}
        assert wrapped_by == {w.hub.vault.wrapping.current}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_destroyed_key_is_not_made_again(kind: str) -> None:
    async with world(kind) as w:
        url = w.settings.database_url
        async with w.hub.database.write() as tx:
            key = await keys.of(tx, w.hub, OWNER)
            sealed = key.seal(1, "incident", "i")
        async with w.hub.database.write() as tx:
            assert (await keys.of(tx, w.hub, OWNER)).open(sealed, "incident", "i") == 1
            assert (await keys.new(tx, w.hub, OWNER)).open(sealed, "incident", "i") == 1
        change(url, f"UPDATE data_key SET wrapped = NULL, destroyed_at = 1 WHERE owner = '{OWNER}'")
        for make in (keys.of, keys.new):
            with pytest.raises(Unavailable):
                async with w.hub.database.write() as tx:
                    await make(tx, w.hub, OWNER)
        assert count(url, "data_key", "wrapped IS NOT NULL") == 0


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_rows_of_before_are_read_and_what_is_written_beside_them_has_a_key(kind: str) -> None:
    """A patient whose record was sealed by the master secret, as every one was before migration 0004."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign()
        old = w.hub.vault.key(NO_KEY, s.patient)
        patient = await _sealed(w, patients.OWN, patient=s.patient, unit="u-clinic-harbor")
        words: Any = w.hub.vault.open(patient, "patient", s.patient)
        async with w.hub.database.write() as tx:
            await tx.run(Statement(t.patient.update().values(sealed=old.seal(words, "patient", s.patient))))
        shown = (await s.clinic.get(f"/v1/patients/{s.patient}")).json()
        assert {name: shown[name] for name in MARIA} == MARIA
        filed = {"patient_id": s.patient, "period": week(past_mondays(1)[0]), "status": "active"}
        await must(await s.clinic.post("/v1/treatment-statuses", filed), 201)
        assert dict(await s.values())["current"]["enrolment.status"] == "active"


async def _sealed(w: Any, statement: Statement, **named: Any) -> bytes:
    async with w.hub.database.read() as reader:
        row = await reader.one(statement, **named)
    found: bytes = row["sealed"]
    return found


def test_an_old_keys_file_gets_a_wrapping_key_at_migrate_and_keeps_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    before = {name: value for name, value in new_keys().items() if name != "wrapping"}
    path.write_text(json.dumps(before))
    environ = {"THROUGHCARE_DATABASE_URL": f"sqlite:///{tmp_path}/t.db", "THROUGHCARE_KEYS": str(path)}
    settings = Settings.from_environment(environ)
    prepare(settings)
    after = json.loads(path.read_text())
    assert {name: after[name] for name in before} == before and after["wrapping"]["current"] in after["wrapping"][
        "keys"
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    prepare(settings)
    assert json.loads(path.read_text()) == after
    assert sorted(one.name for one in tmp_path.iterdir() if not one.name.startswith("t.db")) == ["keys.json"]
