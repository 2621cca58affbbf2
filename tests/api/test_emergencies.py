"""Medical emergencies over the API: for who treats, with their facts, recorded first, reviewed after (cases 34-36)."""

from typing import Any, Final

import httpx
import pytest

from app.exchange import emergencies
from app.exchange.closings import set_profile
from app.exchange.erasure import erase_patient
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.orders import OFFICER, SECOND
from tests.api.scene import CLINIC, MARIA, Scene, scene
from tests.service import DATABASES, World, run, world

NURSE: Final = "c-prison-health-prison-clinician"
OVERDOSE: Final = {"risk": "high", "reduced_tolerance": False}
PATH: Final = "/v1/emergency-disclosures"


def claim(**changes: Any) -> dict[str, Any]:
    """A sound emergency about Maria; ``changes`` replace members, None takes one off."""
    body = {
        "discloser_unit": CLINIC,
        "person": MARIA,
        "purpose": "treatment",
        "nature": "life_threat",
        "nature_in_words": "Found unconscious, pinpoint pupils.",
        "consent_unobtainable": "incapable",
        "receiver": {"name": "Dr. A. Osei", "facility": "County Prison Infirmary"},
        "elements": ["clinical.diagnosis", "clinical.safety_alert"],
    } | changes
    return {name: value for name, value in body.items() if value is not None}


async def ask(party: Party, **changes: Any) -> httpx.Response:
    """An answer, held against the contract."""
    answer = await party.post(PATH, claim(**changes), Acting_User='"osei"; name="A. Osei"')
    check(answer, "POST", PATH)
    return answer


async def _scene(w: World) -> Scene:
    s = await scene(w)
    found = {"diagnosis": [{"system": "icd-10", "code": "F11.2"}], "safety_alert": ["overdose"]}
    await steps.assess(s.clinic, s.patient, past_mondays(1)[0], **found)
    return s


def shape(value: Any) -> Any:
    """A body with its strings and its items taken out: what an onlooker can compare."""
    if isinstance(value, dict):
        return {name: [] if name == "items" else shape(part) for name, part in value.items()}
    return type(value).__name__


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_nurse_gets_what_the_emergency_needs_and_the_patient_sees_who_did_and_why(kind: str) -> None:
    async with world(kind) as w:
        s, nurse = await _scene(w), w.party(NURSE)
        answer = await must(await ask(nurse), 201)
        [item] = answer["items"]
        assert (item["kind"], sorted(item["elements"])) == (
            "assessment",
            ["clinical.diagnosis", "clinical.safety_alert"],
        )
        assert item["elements"]["clinical.safety_alert"]["value"] == ["overdose"]
        assert "medical emergency" in item["obligations"]["notice"]
        assert "no_further_use_requested" not in item["obligations"]
        [row] = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"]
        assert (row["basis"], row["recipient"]["unit_id"]) == ("medical_emergency", "u-prison-health")
        assert row["emergency"].pop("discloser_name")
        assert row["emergency"] == {
            "receiver": "Dr. A. Osei",
            "facility": "County Prison Infirmary",
            "nature": "life_threat: Found unconscious, pinpoint pupils.",
        }
        assert row["sentence"].endswith("; it was a medical emergency.")
        [review] = (await must(await s.clinic.get("/v1/reviews")))["items"]
        assert (review["kind"], review["subject_id"]) == ("emergency", answer["id"])
        assert (review["nature"], review["receiver"]["name"]) == ("life_threat", "Dr. A. Osei")


@run
async def test_only_the_elements_asked_for_leave() -> None:
    async with world("sqlite") as w:
        await _scene(w)
        answer = await must(await ask(w.party(NURSE), elements=["clinical.safety_alert"]), 201)
        assert [sorted(item["elements"]) for item in answer["items"]] == [["clinical.safety_alert"]]


@pytest.mark.parametrize(
    "person",
    [
        MARIA | {"birth_date": "1991-04-13"},
        MARIA | {"sur_name": "Lopes"},
        {"given_name": "Nobody", "sur_name": "Known", "birth_date": "1950-01-01"},
    ],
)
@run
async def test_a_person_who_is_not_known_is_answered_like_one_of_whom_nothing_is_held(person: dict[str, str]) -> None:
    async with world("sqlite") as w:
        await _scene(w)
        nurse = w.party(NURSE)
        known = await ask(nurse, elements=["clinical.medication"])
        unknown = await ask(nurse, person=person, elements=["clinical.medication"])
        assert known.status_code == unknown.status_code == 201
        assert shape(known.json()) == shape(unknown.json())
        assert known.json()["items"] == unknown.json()["items"] == []
        assert known.json()["meaning"] == unknown.json()["meaning"]


@run
async def test_of_two_records_of_one_name_nothing_is_told() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        await steps.add_patient(s.clinic, MARIA)
        assert (await must(await ask(w.party(NURSE)), 201))["items"] == []


@run
async def test_who_does_not_treat_is_refused_plainly_whoever_it_is_about() -> None:
    async with world("sqlite") as w:
        await _scene(w)
        bodies = set()
        for name in sorted(w.clients):
            role = w.clients[name]["role"]
            if role in ("clinician", "prison_clinician"):
                continue
            for person in (MARIA, MARIA | {"sur_name": "Unknown"}):
                answer = await w.party(name).post(PATH, claim(person=person))
                assert answer.status_code == 403, (name, answer.text)
                bodies.add((role, answer.content))
        assert {role for role, _ in bodies} >= {"custody_officer", "police_officer", "judge", "clinic_staff"}
        assert len(bodies) == len({role for role, _ in bodies}), "whom it is about changes no byte"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"receiver": {"name": " ", "facility": "Infirmary"}}, "emergency_receiver_missing"),
        ({"receiver": {"name": "Dr. Osei", "facility": ""}}, "emergency_receiver_missing"),
        ({"nature_in_words": " "}, "emergency_nature_missing"),
        ({"discloser_name": " "}, "name_missing"),
        ({"purpose": "operations"}, "emergency_not_treatment"),
        ({"elements": []}, "emergency_elements_missing"),
        ({"elements": ["chart"]}, "element_unknown"),
        ({"elements": ["restricted.counselling_notes"]}, "emergency_element_not_admitted"),
        ({"elements": ["legal.offence"]}, "emergency_element_not_admitted"),
        ({"discloser_unit": "u-prison-health"}, "unit_unknown"),
        ({"discloser_unit": "u-court-treatment"}, "unit_unknown"),
        ({"discloser_unit": "u-nowhere"}, "unit_unknown"),
        ({"consent_unobtainable": "programme_closed"}, "emergency_consent_obtainable"),
        ({"nature": "declared_disaster"}, "emergency_consent_obtainable"),
    ],
)
@run
async def test_without_its_facts_nothing_is_released_whoever_it_is_about(changes: dict[str, Any], code: str) -> None:
    async with world("sqlite") as w:
        s, nurse = await _scene(w), w.party(NURSE)
        refused = await ask(nurse, **changes)
        unknown = await ask(nurse, person=MARIA | {"sur_name": "Unknown"}, **changes)
        assert refused.status_code == unknown.status_code == 422
        assert refused.json()["errors"] == unknown.json()["errors"]
        assert code in [flaw["code"] for flaw in refused.json()["errors"]]
        assert (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"] == []


@run
async def test_an_agreed_restriction_does_not_stop_it_and_asks_to_go_no_further() -> None:
    """Case 36."""
    async with world("sqlite") as w:
        s = await _scene(w)
        path = f"/v1/patients/{s.patient}/restrictions"
        asked = await must(await s.clinic.post(path, {"elements": ["clinical.diagnosis"]}), 201)
        await must(await s.clinic.post(f"{path}/{asked['id']}/decision", {"agreed": True}, **SECOND))
        [item] = (await must(await ask(w.party(NURSE)), 201))["items"]
        assert "clinical.diagnosis" in item["elements"]
        assert "requested not to use or disclose it any further" in item["obligations"]["no_further_use_requested"]


@run
async def test_a_repeated_request_is_answered_again_at_once_and_not_later(monkeypatch: pytest.MonkeyPatch) -> None:
    async with world("sqlite") as w:
        await _scene(w)
        nurse = w.party(NURSE)
        first = await must(await nurse.post(PATH, claim(), Idempotency_Key='"e1"'), 201)
        again = await must(await nurse.post(PATH, claim(), Idempotency_Key='"e1"'), 201)
        assert again == first
        assert first["items"]
        monkeypatch.setattr(emergencies, "AGAIN_US", -1)
        late = await must(await nurse.post(PATH, claim(), Idempotency_Key='"e1"'), 201)
        assert (late["id"], late["items"]) == (first["id"], [])


@run
async def test_an_emergency_that_was_none_is_an_incident() -> None:
    async with world("sqlite") as w:
        s = await _scene(w)
        await must(await ask(w.party(NURSE)), 201)
        [review] = (await must(await s.clinic.get("/v1/reviews")))["items"]
        body = {"upheld": False, "note": "She was awake and was never asked."}
        officer = w.party(OFFICER)
        await must(await officer.post(f"/v1/reviews/{review['id']}/decision", body, Acting_User='"dpo"'), 201)
        [draft] = (await must(await s.clinic.get("/v1/incidents")))["items"]
        assert (draft["kind"], draft["emergency"]) == ("unfounded_emergency", review["subject_id"])
        assert draft["recipients"][0]["elements"] == ["clinical.diagnosis", "clinical.safety_alert"]


@run
async def test_an_erased_patient_is_nobody_in_an_emergency() -> None:
    async with world("sqlite") as w:
        s, nurse = await _scene(w), w.party(NURSE)
        await must(await nurse.post(PATH, claim(), Idempotency_Key='"e1"'), 201)
        counts = await erase_patient(w.hub, s.patient)
        assert (counts["emergencies"], counts["reviews"]) == (1, 1)
        assert (await must(await nurse.post(PATH, claim(), Idempotency_Key='"e1"'), 201))["items"] == []
        assert (await must(await ask(nurse), 201))["items"] == []


@run
async def test_of_a_transfer_the_newest_goes_with_it_without_whom_it_went_to() -> None:
    async with world("sqlite") as w:
        s, nurse = await _scene(w), w.party(NURSE)
        said = ("revocation", "hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal")
        tpo = {
            "kind": "tpo",
            "referral_id": None,
            "records_from": None,
            "recipients": [{"org_unit": "u-prison-health", "role": "prison_clinician"}],
            "purposes": ["treatment", "payment", "operations"],
            "elements": ["clinical.safety_alert"],
            "expiry": {"at": "none"},
            "statements": dict.fromkeys(said, True),
        }
        await s.sign(**tpo)
        sent = {"recipient": "u-prison-health", "patient_id": s.patient, "person": MARIA, "overdose": OVERDOSE}
        await must(await s.clinic.post("/v1/transfers", sent), 201)
        items = (await must(await ask(nurse, elements=["clinical.safety_alert"]), 201))["items"]
        transfer = next(item for item in items if item["kind"] == "transfer")
        assert transfer["fields"]["overdose"]["risk"] == "high"
        assert set(transfer["fields"]) == {"overdose"}


@pytest.mark.parametrize(
    ("profile", "changes", "code"),
    [
        ("unodc-generic@1", {"nature": "immediate_health_threat"}, "emergency_nature_not_admitted"),
        ("eu-gdpr-led@1", {"consent_unobtainable": "unreachable"}, "emergency_consent_obtainable"),
        ("eu-gdpr-led@1", {"nature": "declared_disaster"}, "emergency_nature_not_admitted"),
    ],
)
@run
async def test_the_discloser_profile_says_what_an_emergency_is(
    profile: str, changes: dict[str, Any], code: str
) -> None:
    async with world("sqlite") as w:
        await _scene(w)
        nurse = w.party(NURSE)
        await set_profile(w.hub, CLINIC, profile)
        refused = await ask(nurse, **changes)
        assert code in [flaw["code"] for flaw in refused.json()["errors"]]
        assert (await ask(nurse)).status_code == 201
