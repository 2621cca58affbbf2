"""Taking back by word of mouth, by whoever signed, and never with more to say than it took to give."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.consent.profile import parse_profile
from app.consent.profile_book import ProfileBook
from app.main import create_app
from app.profile_files import PROFILES, profiles
from app.sandbox import steps
from app.sandbox.steps import must
from app.storage import tables as t
from app.storage.statement import Statement
from tests.api.contract import check, operation
from tests.api.handing import STAFF
from tests.api.scene import Scene, scene, signing
from tests.service import DATABASES, World, run, world

BY = '"rn-1"; name="N. Reyes"'


def paper_first() -> ProfileBook:
    """The profiles, and one like that of 42 CFR part 2 for a place that asks for the patient's own line."""
    told, asked = 'oral_revocation = "accepted_and_documented"', 'oral_revocation = "in_writing"'
    text = (PROFILES / "us-42cfr2@1.toml").read_text()
    assert told in text
    text = text.replace(told, asked).replace('id = "us-42cfr2"', 'id = "paper-first"')
    return ProfileBook([*profiles().values(), parse_profile(text, "The notice.")])


async def revoked(s: Scene, body: dict[str, Any], **headers: str) -> httpx.Response:
    answer = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", body, **headers)
    check(answer, "POST", "/v1/patients/{patient_id}/revocations")
    return answer


async def follow(w: World, profile: str) -> None:
    """The clinic follows another profile from now on."""
    async with w.hub.database.write() as tx:
        await tx.run(Statement(t.unit.update().where(t.unit.c.id == "u-clinic-harbor").values(profile=profile)))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_spoken_revocation_is_in_force_at_once_and_documented_by_whoever_heard_it(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        before = (await s.seen()).content
        consent = await s.sign()
        nobody = await must(await revoked(s, {"all": True, "channel": "oral"}))
        assert (nobody["state"], nobody["to_document"], "documented_by" in nobody) == ("in_force", True, False)
        assert (await s.seen()).content == before
        left = await must(await s.clinic.get(f"/v1/reviews/{nobody['review_id']}"))
        assert "closed_at" not in left, "somebody still has to write it down"
        consent = await s.sign()
        told = await must(await revoked(s, {"all": True, "channel": "oral"}, Acting_User=BY))
        by = {"unit": s.clinic.unit, "id": "rn-1", "name": "N. Reyes"}
        assert (told["state"], told["documented_by"], told["to_document"]) == ("in_force", by, True)
        assert (await s.seen()).content == before
        review = await must(await s.clinic.get(f"/v1/reviews/{told['review_id']}"))
        assert review["decision"] == {"documented": True, "by": by} and review["closed_at"]
        assert (review["kind"], review["consents"], review["channel"]) == ("notice", [consent], "oral")


@run
async def test_where_paper_is_asked_for_a_spoken_revocation_is_in_force_all_the_same() -> None:
    """Nothing waits for the paper, nobody has to be named, and nothing flows again when it does not come."""
    async with world("sqlite") as w:
        s = await scene(w)
        before = (await s.seen()).content
        consent = await s.sign()
        app = create_app(w.settings)
        app.state.hub = replace(w.hub, profiles=paper_first())
        await follow(w, "paper-first@1")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=w.settings.issuer) as http:
            there = World(w.settings, app.state.hub, http, w.clients, w.folder)
            s = replace(s, w=there, judge=there.party("c-court-treatment-judge"), clinic=there.party(STAFF))
            told = await must(await revoked(s, {"all": True, "channel": "oral"}))
            assert (told["state"], told["to_document"]) == ("in_force", True)
            assert told["written_confirmation_due"] > datetime.now(UTC).isoformat()
            assert (await s.seen()).content == before
            (review,) = (await must(await s.clinic.get("/v1/reviews")))["items"]
            assert (review["id"], review["kind"], review["consents"]) == (told["review_id"], "notice", [consent])
            assert review["due_at"] == told["written_confirmation_due"] and "closed_at" not in review
            body = {"upheld": True, "note": "Her line came by post."}
            await must(await s.clinic.post(f"/v1/reviews/{review['id']}/decision", body), 201)
            assert (await s.seen()).content == before


@pytest.mark.parametrize("channel", ["written", "electronic", None])
@run
async def test_no_other_channel_asks_who_documented_it(channel: str | None) -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign()
        told = await must(await revoked(s, {"all": True} | ({"channel": channel} if channel else {})))
        assert told["consents"][0]["state"] == "revoked"
        assert not {"documented_by", "written_confirmation_due", "review_id"} & told.keys()
        assert await s.values() == []


@run
async def test_it_never_takes_more_members_or_calls_to_revoke_than_to_grant() -> None:
    """GDPR 7(3): as easy to withdraw as to give; and of the contract, no member of a revocation is required."""
    document = operation("revoke")[2]["requestBody"]["content"]["application/json"]
    async with world("sqlite") as w:
        schema = (await w.http.get("/openapi.json")).json()["components"]["schemas"]["RevocationRequest"]
        assert document["schema"]["$ref"].endswith("RevocationRequest") and not schema.get("required")
        s = await scene(w)
        grant, calls = {**s.form(), **signing()}, 2
        await s.sign()
        body = {"all": True, "channel": "oral"}
        told = await must(await revoked(s, body, Acting_User=BY))
        assert told["state"] == "in_force" and await s.values() == []
        assert len(body) + 1 < len(grant) and calls > 1, "the one header counted as well"


@run
async def test_what_a_minor_and_a_parent_signed_the_minor_takes_back_without_the_parent() -> None:
    """Case 41: any of those who signed revokes; nobody else is asked, and nobody else's objection has a place."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        own = signing()
        parent = own["signatures"][0] | {"role": "parent", "name": "Ana Lopez", "authority_ref": "birth certificate"}
        signed = own | {"signatures": [own["signatures"][0], parent]}
        told = await s.clinic.post(f"/v1/consents/{consent}/signatures", signed)
        assert (await must(told, 201))["state"] == "active"
        assert (await must(await revoked(s, {"consents": [consent]})))["consents"][0]["state"] == "revoked"
        odd = await revoked(s, {"all": True, "parent": "Ana Lopez"})
        assert odd.json()["errors"][0]["code"] == "field_unknown"


@run
async def test_a_disposition_that_is_reversed_on_appeal_revives_nothing() -> None:
    """Case 21: what ended has ended. A later event of the case gives nothing back; the patient signs anew."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await s.sign(expiry={"event": "final_disposition", "at": "2035-06-30"})
        await steps.happened(s.judge, s.case_id, "final_disposition")
        for code in ("final_disposition", "case_dismissed"):
            await steps.happened(s.judge, s.case_id, code)
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "expired"
        assert await s.values() == []
        back = {"code": "final_disposition_reversed", "occurred_at": "2026-11-02T10:00:00Z"}
        answer = await s.judge.post(f"/v1/cases/{s.case_id}/events", back)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "code_unknown")
