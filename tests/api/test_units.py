"""What a unit says of itself, and what becomes of a referral on its way to one."""

import hashlib
from typing import Any

import orjson
import pytest

from app.exchange import administration
from app.identity.signer import verify
from app.sandbox.steps import must
from tests.api.contract import check
from tests.api.scene import CLINIC, MARIA, refer, scene
from tests.service import DATABASES, run, world

PATH = f"/v1/units/{CLINIC}"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_unit_keeps_what_it_says_of_itself(kind: str) -> None:
    """Each member alone, as typed in, shown to everybody; what is absent stays."""
    async with world(kind) as w:
        clinic, judge = w.party("c-clinic-harbor-clinic-staff"), w.party("c-court-treatment-judge")
        before = await must(await judge.get(PATH))
        assert "capacity" not in before and before["services"][0] == "assessment"
        for said in (
            {"capacity": "limited"},
            {"waiting_time": "2_to_4_weeks"},
            {"languages": ["es", "en", "es", "ase"]},
            {"services": ["outpatient"]},
            {},
        ):
            answer = await clinic.call("PATCH", PATH, said)
            check(answer, "PATCH", "/v1/units/{unit_id}")
            assert answer.status_code == 200
        shown = {"capacity": "limited", "waiting_time": "2_to_4_weeks", "languages": ["es", "en", "ase"]}
        assert await must(await judge.get(PATH)) == before | shown | {"services": ["outpatient"]}
        found = (await must(await judge.get("/v1/units?kind=clinic&service=outpatient&language=ase")))["items"]
        assert [unit["id"] for unit in found] == [CLINIC]
        assert (await must(await judge.get("/v1/units?language=yue")))["items"] == []


@run
async def test_only_codes_are_taken_and_only_of_ones_own_unit() -> None:
    async with world("sqlite") as w:
        clinic = w.party("c-clinic-harbor-clinic-staff")
        refused: list[tuple[Any, str, str]] = [
            ({"capacity": "packed"}, "/capacity", "code_unknown"),
            ({"waiting_time": None}, "/waiting_time", "null_refused"),
            ({"services": ["yoga"]}, "/services/0", "code_unknown"),
            ({"languages": ["en", "Spanish"]}, "/languages/1", "language_unknown"),
            ({"waiting_days": 12}, "/waiting_days", "field_unknown"),
            ({"name": "Other"}, "/name", "field_unknown"),
        ]
        for body, pointer, code in refused:
            answer = await clinic.call("PATCH", PATH, body)
            check(answer, "PATCH", "/v1/units/{unit_id}")
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["pointer"], error["code"]) == (422, pointer, code)
        answers = [
            await clinic.call("PATCH", f"/v1/units/{unit}", {"capacity": "full"})
            for unit in ("u-clinic-hillside", "u-court-treatment", "u-nobody")
        ]
        assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
        prison = w.party("c-prison-health-prison-clinician")
        assert (await must(await prison.call("PATCH", "/v1/units/u-prison-health", {"capacity": "full"})))["id"]
        judge = await w.party("c-court-treatment-judge").call("PATCH", "/v1/units/u-court-treatment", {})
        assert judge.status_code == 403


@run
async def test_a_suspended_unit_is_no_longer_shown() -> None:
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        await administration.suspend(w.hub, lift=False, unit=CLINIC)
        assert (await judge.get(PATH)).status_code == (await judge.get("/v1/units/u-nobody")).status_code == 404


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_transmission_tells_of_the_receiving_system_alone(kind: str) -> None:
    """Queued until the clinic's system fetched its list, undeliverable while the unit is suspended, then delivered."""
    async with world(kind) as w:
        s = await scene(w)
        sent = await refer(s.judge, s.case_id)

        async def transmission() -> str:
            shown: str = (await must(await s.judge.get(f"/v1/referrals/{sent}")))["transmission"]
            return shown

        assert await transmission() == "queued"
        await administration.suspend(w.hub, lift=False, unit=CLINIC)
        assert await transmission() == "undeliverable"
        late = await must(await s.judge.get("/v1/referrals"))
        assert {item["id"]: item["transmission"] for item in late["items"]}[sent] == "undeliverable"
        await administration.suspend(w.hub, lift=True, unit=CLINIC)
        assert await transmission() == "queued"
        await must(await s.clinic.get("/v1/referrals"))
        assert await transmission() == "delivered"
        await administration.suspend(w.hub, lift=False, unit=CLINIC)
        assert await transmission() == "delivered"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_receipt_verifies_and_stays_whatever_the_clinic_does(kind: str) -> None:
    """Signed with a published key over the digest of the sender's own words; the same bytes after every act."""
    async with world(kind) as w:
        s = await scene(w)
        body = {
            "recipient": CLINIC,
            "case_id": s.case_id,
            "stage": "trial",
            "person": MARIA,
            "conditions": {"service_asked": "outpatient"},
        }
        sent = await must(await s.judge.post("/v1/referrals", body), 201)
        path = f"/v1/referrals/{sent['id']}"
        receipt = sent["receipt"]
        signed = {name: value for name, value in receipt.items() if name != "signature"}
        keys = {key["kid"]: key for key in (await must(await w.http.get("/.well-known/jwks.json")))["keys"]}
        content = orjson.dumps(signed, option=orjson.OPT_SORT_KEYS)
        assert verify(keys[receipt["signature"]["kid"]], content, receipt["signature"])
        assert not verify(
            keys[receipt["signature"]["kid"]], content.replace(b"sha256", b"sha255"), receipt["signature"]
        )
        words = {name: value for name, value in sent.items() if name not in OWN}
        digest = hashlib.sha256(orjson.dumps(words, option=orjson.OPT_SORT_KEYS)).hexdigest()
        assert receipt["digest"] == f"sha256:{digest}" and receipt["id"] == sent["id"]

        patch = s.clinic.call("PATCH", f"{path}/patient", {"patient_id": s.patient})
        respond = s.clinic.post(f"{path}/response", {"decision": "declined"})
        for act in (s.clinic.get("/v1/referrals"), patch, respond):
            assert (await act).is_success
            shown = await must(await s.judge.get(path))
            assert orjson.dumps(shown["receipt"]) == orjson.dumps(receipt)


OWN = {"id", "status", "transmission", "receipt"}
"""Members of the answer that are not the sender's words."""
