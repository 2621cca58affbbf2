"""The bytes that are recorded are the canonical ones: RFC 8785 by an independent implementation, and by the core."""

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from app.exchange import reads
from app.exchange.authenticate import authenticate
from app.exchange.entries import HIDDEN, canonical_bytes
from app.ledger.entry import canonical, commitment
from app.sandbox.start import seed
from app.storage.database import Recording
from app.vocabulary import MessageKind, Purpose
from benchmarks.witness import Witness
from tests.service import DATABASES, World, run, world
from tests.storage.direct import key_of, rows

NAME = st.text(st.characters(codec="ascii"), max_size=12)
VALUE = st.one_of(NAME, st.integers(0, 2**53 - 1), st.lists(NAME, max_size=4), st.dictionaries(NAME, NAME, max_size=4))


@given(st.dictionaries(NAME, VALUE, max_size=8))
def test_canonical_for_every_document_of_the_shape(document: dict[str, Any]) -> None:
    """ASCII keys and strings, control characters included, integers, lists and objects."""
    assert canonical_bytes(document) == rfc8785.dumps(document) == canonical(document)


async def recorded(w: World, purpose: Purpose = Purpose.CONDITION_MONITORING) -> Recording:
    """What a gated read of the seeded case by a named judge records."""
    judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
    case_id = await seed(judge, clinic)
    caller = await authenticate(w.hub, f"Bearer {await judge.token()}", '"judge-7"; name="R. Amaro"', "r-1")
    witness = Witness(w.hub.database)
    await reads.by_case(witness.of(w.hub), caller, reads.Reading(MessageKind.TREATMENT_STATUS, case_id, purpose))
    assert witness.recorded is not None
    return witness.recorded


def opened_of(w: World, subject: str, identifier: str, opening: bytes) -> Any:
    """The openings of a disclosure about the patient whom the ledger knows as ``subject``."""
    url = w.settings.database_url
    ((patient,),) = rows(url, f"SELECT patient_id FROM ledger_subject WHERE pseudonym = '{subject}'")
    return w.hub.vault.open(key_of(url, patient) + opening, "disclosure", identifier)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_recorded_entries_are_canonical_and_open(kind: str) -> None:
    """Each entry is its own canonical form, and its openings open every commitment in it, each under its own salt."""
    async with world(kind) as w:
        record = await recorded(w)
        entries = [record.entry, *(entry for *_, entry, _ in record.disclosures)]
        assert len(entries) == 6
        for entry in entries:
            assert entry == rfc8785.dumps(json.loads(entry))
        salts = set()
        for identifier, subject, _, entry, opening in record.disclosures:
            opened: Any = opened_of(w, subject, identifier, opening)
            # For the service's own use: nothing commits to these.
            own = {name: opened.pop(name) for name in ("case_id", "referral", "marks")}
            assert {salt for salt, _ in own.values()} == {""} and len(own["case_id"][1]) == 32
            assert sorted(own["marks"][1]) == json.loads(entry)["elements"]
            assert sorted(opened) == sorted(HIDDEN)
            assert json.loads(entry)["committed"] == {name: commitment(*pair) for name, pair in opened.items()}
            salts |= {salt for salt, _ in opened.values()} | {identifier}
        assert len(salts) == len(record.disclosures) * (len(HIDDEN) + 1)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_openings_say_who_read_which_item(kind: str) -> None:
    async with world(kind) as w:
        record = await recorded(w)
        opened = [opened_of(w, subject, i, o) for i, subject, *_, o in record.disclosures]
        assert {one["person"][1] for one in opened} == {"judge-7\nR. Amaro"}
        assert {one["case"][1] for one in opened} == {"docket CR-2026-0001"}
        assert len({one["item"][1] for one in opened}) == len(opened) == 5
        assert sum(one["period"][1] == "" for one in opened) == 1
