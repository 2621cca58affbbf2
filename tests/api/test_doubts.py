"""A consent in doubt: it denies at once, a person looks, and whether it ever was one takes two."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.exchange.erasure import erase_patient
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from app.storage import tables as t
from app.storage.statement import Statement
from tests.api.contract import check
from tests.api.handing import HILLSIDE, NURSE, NURSES, allow, handed, sent
from tests.api.scene import Scene, scene, signing
from tests.service import DATABASES, World, run, world
from tests.storage.direct import rows

OFFICER = "c-privacy-privacy-officer"
FIRST, SECOND = '"rn-1"; name="N. Reyes"', '"rn-2"; name="A. Okafor"'
OTHER_PAGE = {"evidence_hash": "sha256:" + "f" * 64}


async def suspended(s: Scene, consent: str, cause: str, by: str = FIRST, party: Party | None = None) -> dict[str, Any]:
    answer = await (party or s.clinic).post(f"/v1/consents/{consent}/suspensions", {"cause": cause}, Acting_User=by)
    check(answer, "POST", "/v1/consents/{consent_id}/suspensions")
    return await must(answer, 201)


async def lifted(s: Scene, one: dict[str, Any], party: Party | None = None, **headers: str) -> httpx.Response:
    path = f"/v1/consents/{one['consent_id']}/suspensions/{one['id']}/lifting"
    answer = await (party or s.clinic).post(path, {"note": "Seen again."}, **headers)
    check(answer, "POST", "/v1/consents/{consent_id}/suspensions/{suspension_id}/lifting")
    return answer


async def reviews(party: Party) -> list[dict[str, Any]]:
    answer = await party.get("/v1/reviews")
    check(answer, "GET", "/v1/reviews")
    found: list[dict[str, Any]] = (await must(answer))["items"]
    return found


async def decided(party: Party, review: str, *, upheld: bool, by: str | None = SECOND) -> httpx.Response:
    headers = {"Acting_User": by} if by is not None else {}
    body = {"upheld": upheld, "note": "Looked at it."}
    answer = await party.post(f"/v1/reviews/{review}/decision", body, **headers)
    check(answer, "POST", "/v1/reviews/{review_id}/decision")
    return answer


async def incidents(party: Party) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await must(await party.get("/v1/incidents")))["items"]
    return found


async def setting(w: World) -> tuple[Scene, str, bytes]:
    """A signed consent under which the judge has read; and what the judge read before it was signed."""
    s = await scene(w)
    await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended",))
    before = (await s.seen()).content
    consent = await s.sign()
    assert (await s.seen()).content != before
    return s, consent, before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_suspended_consent_denies_at_once_and_gives_again_once_it_is_lifted(kind: str) -> None:
    """What justice reads meanwhile is byte for byte what it read before anything was signed."""
    async with world(kind) as w:
        s, consent, before = await setting(w)
        given = (await s.seen()).content
        one = await suspended(s, consent, "capacity_doubt")
        assert (await s.seen()).content == before
        shown = await must(await s.clinic.get(f"/v1/consents/{consent}"))
        assert (shown["state"], shown["suspended"]) == ("active", True)
        (history,) = shown["suspensions"]
        assert (history["cause"], history["by"]) == (
            "capacity_doubt",
            {"unit": s.clinic.unit, "id": "rn-1", "name": "N. Reyes"},
        )
        other = await suspended(s, consent, "safeguarding")
        await must(await lifted(s, one, Acting_User=FIRST), 201)
        assert (await s.seen()).content == before, "another doubt is still open"
        told = await must(await lifted(s, other), 201)
        assert told["until_at"] >= told["from_at"] and told["lifted_by"] == {"unit": s.clinic.unit}
        again = (await s.seen()).json()
        assert again["items"] and len(again["items"]) == len(httpx.Response(200, content=given).json()["items"])
        assert (await lifted(s, one)).json()["code"] == "suspension_lifted"
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["suspended"] is False
        assert {one["closed_at"] is not None for one in await reviews(s.clinic)} == {True}


@run
async def test_what_was_filed_while_a_consent_was_suspended_is_news_once_it_is_lifted() -> None:
    async with world("sqlite") as w:
        s, consent, _ = await setting(w)
        page = await must(await s.judge.get("/v1/events"))
        one = await suspended(s, consent, "safeguarding")
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended",))
        quiet = await must(await s.judge.get(f"/v1/events?after={page['next']}"))
        assert quiet["items"] == []
        await must(await lifted(s, one), 201)
        assert (await must(await s.judge.get(f"/v1/events?after={quiet['next']}")))["items"]


@run
async def test_the_clocks_of_a_suspended_consent_run() -> None:
    """What ends while it is suspended has ended: nothing that is lifted afterwards gives it back."""
    async with world("sqlite") as w:
        s = await scene(w)
        clock = {"event": "final_disposition", "at": "2035-06-30"}
        consent = await s.sign(expiry=clock)
        one = await suspended(s, consent, "dispute")
        await steps.happened(s.judge, s.case_id, "final_disposition")
        await must(await lifted(s, one, Acting_User=SECOND), 201)
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "expired"
        assert await s.values() == []
        refused = await s.clinic.post(f"/v1/consents/{consent}/suspensions", {"cause": "dispute"})
        assert (refused.status_code, refused.json()["code"]) == (409, "consent_not_active")


@run
async def test_a_suspended_consent_can_be_revoked_and_stays_revoked_when_it_is_lifted() -> None:
    async with world("sqlite") as w:
        s, consent, before = await setting(w)
        one = await suspended(s, consent, "capacity_doubt")
        told = await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        assert told["consents"][0]["state"] == "revoked"
        await must(await lifted(s, one), 201)
        assert (await s.seen()).content == before


@run
async def test_a_transfer_of_care_is_not_taken_and_not_read_under_a_suspended_consent() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await allow(s.clinic, s.patient, recipients=NURSES)
        transfer, nurse = await handed(s.clinic, s.patient), w.party(NURSE)
        assert [one["id"] for one in (await nurse.get("/v1/transfers")).json()["items"]] == [transfer]
        one = await suspended(s, consent, "capacity_doubt")
        assert (await nurse.get("/v1/transfers")).json()["items"] == []
        assert (await nurse.get(f"/v1/transfers/{transfer}")).status_code == 404
        refused = await sent(s.clinic, s.patient)
        assert {flaw["code"] for flaw in refused.json()["errors"]} == {"element_not_consented"}
        await must(await lifted(s, one), 201)
        assert (await nurse.get(f"/v1/transfers/{transfer}")).status_code == 200


@pytest.mark.parametrize("cause", ["pressure", "dispute"])
@run
async def test_whoever_suspended_for_pressure_or_a_dispute_cannot_lift_it(cause: str) -> None:
    async with world("sqlite") as w:
        s, consent, before = await setting(w)
        one = await suspended(s, consent, cause)
        same = await lifted(s, one, Acting_User='"RN-1"; name="Somebody Else"')
        assert (same.status_code, same.json()["code"]) == (409, "second_person_required")
        nobody = await lifted(s, one)
        assert (nobody.status_code, nobody.json()["errors"][0]["code"]) == (422, "acting_user_missing")
        (review,) = await reviews(s.clinic)
        assert (await decided(s.clinic, review["id"], upheld=False, by=FIRST)).status_code == 409
        assert (await s.seen()).content == before
        await must(await lifted(s, one, Acting_User=SECOND), 201)
        assert (await s.seen()).content != before


@run
async def test_if_nobody_knows_who_suspended_it_the_privacy_office_decides() -> None:
    """Nothing keeps a clinic from suspending; but it cannot be told then that a colleague is another person."""
    async with world("sqlite") as w:
        s, consent, _ = await setting(w)
        body = {"cause": "pressure", "note": "Said so in group."}
        one = await must(await s.clinic.post(f"/v1/consents/{consent}/suspensions", body), 201)
        assert (await lifted(s, one, Acting_User=SECOND)).json()["code"] == "second_person_required"
        await must(await lifted(s, one, w.party(OFFICER), Acting_User='"po-1"'), 201)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_pressure_that_is_upheld_means_that_there_never_was_a_consent(kind: str) -> None:
    """Case 45: suspended, looked at by a person; if it is so, entered in error, and every release is an incident."""
    async with world(kind) as w:
        s, consent, before = await setting(w)
        await suspended(s, consent, "pressure")
        (review,) = await reviews(s.clinic)
        assert (review["kind"], review["consent_id"], review["cause"]) == ("suspension", consent, "pressure")
        assert await reviews(w.party(OFFICER)) == [review]
        told = await must(await decided(s.clinic, review["id"], upheld=True), 201)
        assert told["decision"]["upheld"] is True and told["decision"]["by"]["id"] == "rn-2"
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "entered_in_error"
        (incident,) = await incidents(s.clinic)
        assert (incident["kind"], incident["consents"], incident["cause"]) == (
            "consent_in_error",
            [consent],
            "pressure",
        )
        assert incident["discovered_at"] == review["created_at"]
        assert {one["recipient"]["org_unit"] for one in incident["recipients"]} == {s.judge.unit}
        elements = {element for one in incident["recipients"] for element in one["elements"]}
        assert {"enrolment.status", "attendance.summary"} <= elements
        assert (await s.seen()).content == before, "no recipient is told of it under this profile"
        again = await decided(s.clinic, review["id"], upheld=False)
        assert (again.status_code, again.json()["code"]) == (409, "review_decided")


@run
async def test_a_doubt_about_capacity_that_is_true_leaves_the_consent_suspended_and_no_error() -> None:
    """Capacity that was lost after signing says nothing of the signature."""
    async with world("sqlite") as w:
        s, consent, before = await setting(w)
        one = await suspended(s, consent, "capacity_doubt")
        (review,) = await reviews(s.clinic)
        await must(await decided(s.clinic, review["id"], upheld=True, by=None), 201)
        shown = await must(await s.clinic.get(f"/v1/consents/{consent}"))
        assert (shown["state"], shown["suspended"], await incidents(s.clinic)) == ("active", True, [])
        assert (await s.seen()).content == before
        await must(await lifted(s, one), 201)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_one_person_enters_a_proposal_in_error_and_two_a_consent(kind: str) -> None:
    async with world(kind) as w:
        s, consent, before = await setting(w)
        form = s.form(purposes=["referral_coordination"], elements=["referral.decision"])
        proposal = (await must(await s.clinic.post("/v1/consents", form), 201))["id"]
        said = await s.clinic.post(f"/v1/consents/{proposal}/errors", {"reason": "Wrong court."})
        check(said, "POST", "/v1/consents/{consent_id}/errors")
        assert said.json() == {"consent_id": proposal, "state": "entered_in_error"}
        late = await s.clinic.post(f"/v1/consents/{proposal}/signatures", signing())
        assert (late.status_code, late.json()["code"]) == (409, "consent_not_proposed")
        assert await reviews(s.clinic) == await incidents(s.clinic) == []
        body = {"reason": "Signed by her sister."}
        said = await s.clinic.post(f"/v1/consents/{consent}/errors", body, Acting_User=FIRST)
        told = await must(said, 201)
        assert told["state"] == "under_review" and (await s.seen()).content == before
        twice = await s.clinic.post(f"/v1/consents/{consent}/errors", body, Acting_User=SECOND)
        assert (twice.status_code, twice.json()["code"]) == (409, "error_under_review")
        same = await decided(s.clinic, told["review_id"], upheld=True, by=FIRST)
        assert (same.status_code, same.json()["code"]) == (409, "second_person_required")
        nameless = await decided(s.clinic, told["review_id"], upheld=True, by=None)
        assert (nameless.status_code, nameless.json()["errors"][0]["code"]) == (422, "acting_user_missing")
        await must(await decided(w.party(OFFICER), told["review_id"], upheld=True, by='"rn-1"'), 201)
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "entered_in_error"
        (incident,) = await incidents(w.party(OFFICER))
        assert incident["kind"] == "consent_in_error" and incident["recipients"]
        over = await s.clinic.post(f"/v1/consents/{consent}/errors", body)
        assert (over.status_code, over.json()["code"]) == (409, "consent_entered_in_error")
        assert await s.sign(), "nothing of what never was a consent stands in the way of one"
        assert await s.values()


@run
async def test_an_error_that_is_not_upheld_gives_again_what_the_consent_gives() -> None:
    async with world("sqlite") as w:
        s, consent, _ = await setting(w)
        values = await s.values()
        said = await s.clinic.post(f"/v1/consents/{consent}/errors", {"reason": "Is it hers?"}, Acting_User=FIRST)
        assert await s.values() == []
        await must(await decided(s.clinic, (await must(said, 201))["review_id"], upheld=False), 201)
        assert (await s.values(), await incidents(s.clinic)) == (values, [])


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_another_page_than_was_signed_suspends_the_consent_with_an_incident_and_a_review(kind: str) -> None:
    """Case 74; a page that is not the signed one was forged or altered (42 CFR 2.31(c)(4))."""
    async with world(kind) as w:
        s, consent, before = await setting(w)
        path = f"/v1/consents/{consent}/evidence-check"
        same = await s.clinic.post(path, {"evidence_hash": "sha256:" + "0" * 64})
        check(same, "POST", "/v1/consents/{consent_id}/evidence-check")
        assert same.json() == {"consent_id": consent, "as_signed": True} and (await s.seen()).content != before
        odd = await s.clinic.post(path, {"evidence_hash": "sha256:" + "F" * 64})
        assert (odd.status_code, odd.json()["errors"][0]["code"]) == (422, "evidence_hash_invalid")
        told = await must(await s.clinic.post(path, OTHER_PAGE, Acting_User=FIRST), 201)
        assert told["as_signed"] is False and (await s.seen()).content == before
        (incident,) = await incidents(s.clinic)
        assert (incident["id"], incident["kind"]) == (told["incident_id"], "evidence_mismatch")
        assert incident["recipients"]
        (review,) = await reviews(s.clinic)
        assert (review["id"], review["cause"]) == (told["review_id"], "evidence_mismatch")
        again = await must(await s.clinic.post(path, OTHER_PAGE), 201)
        assert again == {"consent_id": consent, "as_signed": False, "suspension_id": told["suspension_id"]}
        await must(await decided(s.clinic, review["id"], upheld=True), 201)
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "entered_in_error"
        assert len(await incidents(s.clinic)) == 1, "it is one incident"


@run
async def test_a_proposal_has_no_page_to_compare_and_nothing_to_suspend() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        proposal = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        refused = await s.clinic.post(f"/v1/consents/{proposal}/evidence-check", OTHER_PAGE)
        assert (refused.status_code, refused.json()["code"]) == (409, "consent_not_signed")
        refused = await s.clinic.post(f"/v1/consents/{proposal}/suspensions", {"cause": "dispute"})
        assert (refused.status_code, refused.json()["code"]) == (409, "consent_not_active")


@run
async def test_whoever_was_told_without_a_ground_is_told_so_only_where_the_profile_says_so() -> None:
    """LED 7(3): the court has to learn that what it holds was never lawfully sent; under 42 CFR part 2 it does not."""
    async with world("sqlite") as w:
        s, consent, _ = await setting(w)
        held = {item["id"] for item in (await s.seen()).json()["items"]}
        await follow(w, "eu-gdpr-led@1")
        said = await s.clinic.post(f"/v1/consents/{consent}/errors", {"reason": "Not hers."}, Acting_User=FIRST)
        await must(await decided(s.clinic, (await must(said, 201))["review_id"], upheld=True), 201)
        told = (await s.seen()).json()
        assert told["items"] == [] and {one["id"] for one in told["withdrawn"]} <= held and told["withdrawn"]


async def follow(w: World, profile: str) -> None:
    """The clinic follows another profile from now on."""
    async with w.hub.database.write() as tx:
        await tx.run(Statement(t.unit.update().where(t.unit.c.id == "u-clinic-harbor").values(profile=profile)))


@run
async def test_nobody_sees_or_touches_another_disclosers_reviews_and_consents() -> None:
    async with world("sqlite") as w:
        s, consent, _ = await setting(w)
        one = await suspended(s, consent, "pressure")
        (review,) = await reviews(s.clinic)
        for party in (w.party(HILLSIDE), w.party(NURSE)):
            assert await reviews(party) == []
            for answer in (
                await party.get(f"/v1/reviews/{review['id']}"),
                await decided(party, review["id"], upheld=False),
                await party.post(f"/v1/consents/{consent}/suspensions", {"cause": "dispute"}),
                await lifted(s, one, party, Acting_User=SECOND),
                await party.post(f"/v1/consents/{consent}/errors", {"reason": "x"}),
                await party.post(f"/v1/consents/{consent}/evidence-check", OTHER_PAGE),
            ):
                assert (answer.status_code, answer.json()["code"]) == (404, "not_found_or_not_permitted")
        assert (await s.judge.get("/v1/reviews")).status_code == 403


@run
async def test_reviews_are_listed_with_the_open_ones_first_a_page_at_a_time() -> None:
    async with world("sqlite") as w:
        s, consent, _ = await setting(w)
        for _ in range(3):
            await suspended(s, consent, "safeguarding")
        first, second, third = await reviews(s.clinic)
        assert first["due_at"] >= (datetime.now(UTC) + timedelta(days=6)).isoformat()[:19]
        await must(await decided(s.clinic, first["id"], upheld=False), 201)
        page = await must(await s.clinic.get("/v1/reviews?limit=2"))
        assert [one["id"] for one in page["items"]] == [second["id"], third["id"]]
        rest = await must(await s.clinic.get(f"/v1/reviews?limit=2&after={page['next']}"))
        assert [one["id"] for one in rest["items"]] == [first["id"]] and "next" not in rest
        other = await w.party(OFFICER).get(f"/v1/reviews?after={page['next']}")
        assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "cursor_invalid")
        shown = await s.clinic.get(f"/v1/reviews/{second['id']}")
        check(shown, "GET", "/v1/reviews/{review_id}")
        assert shown.json() == second


@run
async def test_a_suspension_sent_twice_under_one_key_is_one() -> None:
    async with world("sqlite") as w:
        s, consent, _ = await setting(w)
        path, body = f"/v1/consents/{consent}/suspensions", {"cause": "dispute"}
        answers = [await s.clinic.post(path, body, Idempotency_Key='"k"', Acting_User=FIRST) for _ in range(2)]
        assert answers[0].json() == answers[1].json()
        assert len(await reviews(s.clinic)) == 1


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_erased_patient_leaves_no_review_and_no_word_of_a_suspension(kind: str) -> None:
    async with world(kind) as w:
        s, consent, _ = await setting(w)
        one = await suspended(s, consent, "pressure")
        (review,) = await reviews(s.clinic)
        counts = await erase_patient(w.hub, s.patient)
        assert (counts["reviews"], counts["suspensions"]) == (1, 1)
        url = w.settings.database_url
        left = rows(url, "SELECT sealed FROM review UNION SELECT sealed FROM suspension")
        assert {bytes(sealed) for (sealed,) in left} == {b""}
        assert await reviews(s.clinic) == []
        assert (await s.clinic.get(f"/v1/reviews/{review['id']}")).status_code == 404
        assert (await decided(s.clinic, review["id"], upheld=True)).status_code == 404
        assert (await lifted(s, one, Acting_User=SECOND)).status_code == 404
