"""The technical log and the disclosure ledger have readers and keys of their own (domain rules 2.4)."""

import importlib
import json
import pkgutil
import re

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app import storage
from app.exchange.erasure import erase_patient
from app.sandbox.start import PERSON, seed
from app.sandbox.steps import must, reading
from app.storage.sealing import NO_KEY, Unsealable
from app.storage.statement import Statement
from app.storage.wall import CLOSED
from app.storage.wrapping import WRAPPED
from tests.service import DATABASES, ROOT, World, run, world
from tests.storage.direct import key_of, rows

READS = re.compile(r"\b(?:FROM|JOIN) consultation\b")
EXPLAINING = {"disclosures.OF_REQUEST", "replay.CONSULTATION"}
"""How the operator and the privacy side find what a past answer was decided on."""
RETAINING = {"retention.PAGE", "retention.DELETE"}


def readers() -> set[str]:
    """Every statement of the storage layer that reads or shortens the technical log, by module and name."""
    found = set()
    for module in pkgutil.iter_modules(storage.__path__):
        loaded = importlib.import_module(f"app.storage.{module.name}")
        for name, value in vars(loaded).items():
            if isinstance(value, Statement) and READS.search(value.positional("postgresql", {})[0]):
                found.add(f"{module.name}.{name}")
    return found


def test_the_technical_log_is_read_for_explanations_and_for_its_retention_alone() -> None:
    found = readers()
    assert {"disclosures.OF_REQUEST", *RETAINING} <= found <= EXPLAINING | RETAINING
    assert "consultation" in CLOSED
    hot = [path for path in (ROOT / "app").rglob("*.py") if READS.search(path.read_text())]
    assert hot == []  # nor by a statement written out: behind the second wall as before it


async def told(w: World) -> tuple[str, dict[str, bytes], dict[str, bytes]]:
    """A patient of whom something was disclosed; sealed openings of consultations and of disclosures, by id."""
    judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
    case_id = await seed(judge, clinic)
    await must(await judge.get(reading("treatment-statuses", case_id, "condition_monitoring")))
    patient: str = (await must(await clinic.post("/v1/patients/search", PERSON)))["items"][0]["id"]
    url = w.settings.database_url
    entries = {
        identifier: json.loads(bytes(entry)) for identifier, entry in rows(url, "SELECT id, entry FROM consultation")
    }
    asked = {identifier: bytes.fromhex(entry["opening"]) for identifier, entry in entries.items()}
    disclosed = {identifier: bytes(opening) for identifier, opening in rows(url, "SELECT id, opening FROM disclosure")}
    assert asked and disclosed
    return patient, asked, disclosed


def opens(key: bytes, sealed: bytes, *place: str) -> bool:
    """Whether these 32 bytes decrypt it there (AES-256-GCM; the first byte says which kind of key, then the nonce)."""
    try:
        AESGCM(key).decrypt(sealed[1:13], sealed[13:], "\0".join(place).encode())
    except InvalidTag:
        return False
    return True


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_neither_ledger_opens_with_the_key_of_the_other(kind: str) -> None:
    """Who asked is under the service's own key, what left under that of the patient; each at its place alone."""
    async with world(kind) as w:
        patient, asked, disclosed = await told(w)
        front, vault = key_of(w.settings.database_url, patient), w.hub.vault
        key = vault.wrapping.unwrap(front[:WRAPPED], patient)
        for identifier, sealed in asked.items():
            vault.open(sealed, "consultation", identifier)
            assert not opens(key, sealed, "consultation", identifier)
            with pytest.raises(Unsealable):
                vault.open(front + sealed, "disclosure", identifier)
        for identifier, sealed in disclosed.items():
            assert opens(key, sealed, "disclosure", identifier)
            assert not opens(key, sealed, "consultation", identifier)
            for read, place in (
                (sealed, "consultation"),
                (NO_KEY + patient.encode() + b"\0" + sealed, "disclosure"),
                (front + sealed, "consultation"),
            ):
                with pytest.raises(Unsealable):
                    vault.open(read, place, identifier)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_erasing_a_patient_closes_the_ledgers_openings_and_leaves_who_asked(kind: str) -> None:
    async with world(kind) as w:
        patient, asked, disclosed = await told(w)
        await erase_patient(w.hub, patient)
        front = key_of(w.settings.database_url, patient)
        for identifier, sealed in disclosed.items():
            with pytest.raises(Unsealable):
                w.hub.vault.open(front + sealed, "disclosure", identifier)
        for identifier, sealed in asked.items():
            w.hub.vault.open(sealed, "consultation", identifier)
