"""The form over HTTP: in each language, as text and as a page, signed with its hash; and nobody else's business."""

import hashlib
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, update

from app.sandbox import steps
from app.sandbox.steps import must
from app.storage import tables as t
from app.storage.statement import Statement
from tests.api.contract import check
from tests.api.scene import COURT, PROBATION, Scene, scene, signing
from tests.service import DATABASES, World, run, world

TEMPLATE = "/v1/consents/{consent_id}/form"
_RENAME = Statement(
    update(t.unit).where(t.unit.c.id == bindparam("unit")).values(name=bindparam("as_"), time_zone="UTC")
)


async def _propose(s: Scene, **changes: Any) -> str:
    consent: str = (await must(await s.clinic.post("/v1/consents", s.form(**changes)), 201))["id"]
    return consent


async def _form(s: Scene, consent: str, lang: str = "en") -> dict[str, Any]:
    answer = await s.clinic.get(f"/v1/consents/{consent}/form?lang={lang}")
    check(answer, "GET", TEMPLATE)
    return await must(answer)


def _signed(form: dict[str, Any], **changes: str) -> dict[str, str]:
    return {name: form[name] for name in ("language", "form_version", "hash")} | changes


async def _sign(s: Scene, consent: str, **changes: Any) -> httpx.Response:
    answer = await s.clinic.post(f"/v1/consents/{consent}/signatures", signing(**changes))
    check(answer, "POST", "/v1/consents/{consent_id}/signatures")
    return answer


def _errors(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 422
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


async def _rename(w: World, unit: str, name: str) -> None:
    async with w.hub.database.write() as transaction:
        await transaction.run(_RENAME, unit=unit, as_=name)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_signed_with_the_hash_of_its_text(kind: str) -> None:
    """The hash is that of the text's bytes; with it the signature stands, and the consent says what was signed."""
    async with world(kind) as w:
        s = await scene(w)
        consent = await _propose(s, language="es")
        english, spanish = await _form(s, consent), await _form(s, consent, "es")
        for form in (english, spanish):
            assert form["hash"] == "sha256:" + hashlib.sha256(form["text"].encode()).hexdigest()
            assert "CR-2026-0417" in form["text"] and "Treatment Court Part, Ellery Superior Court" in form["text"]
        assert english["hash"] != spanish["hash"] and await _form(s, consent) == english
        spoken = {"notice_given": signing()["notice_given"] | {"language": "es"}}
        for wrong, code in (
            (_signed(spanish, hash="sha256:" + "0" * 64), ("/form/hash", "form_hash_mismatch")),
            (_signed(spanish, form_version="2"), ("/form/hash", "form_hash_mismatch")),
            (_signed(spanish, hash=english["hash"]), ("/form/hash", "form_hash_mismatch")),
            (_signed(spanish, language="fr"), ("/form/language", "form_language_unknown")),
        ):
            assert code in _errors(await _sign(s, consent, form=wrong, **spoken))
        assert _errors(await _sign(s, consent, form=_signed(english), **spoken)) == [
            ("/form/language", "language_mismatch")
        ]
        other = await _propose(s, language="es", additional=True)
        assert _errors(await _sign(s, other, form=_signed(spanish), **spoken)) == [("/form/hash", "form_hash_mismatch")]
        done = await must(await _sign(s, consent, form=_signed(spanish), **spoken), 201)
        assert (done["state"], done["signed_form"]) == ("active", _signed(spanish))
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["signed_form"] == _signed(spanish)
        assert "signed_form" not in await must(await s.clinic.get(f"/v1/consents/{other}"))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_renamed_unit_changes_no_form_that_was_drawn_up(kind: str) -> None:
    """The same consent has the same bytes, whatever the registry says later; a new one has the new name."""
    async with world(kind) as w:
        s = await scene(w)
        consent = await _propose(s)
        before = await _form(s, consent)
        await _rename(w, COURT, "Part 4")
        await _rename(w, "u-clinic-harbor", "Harbour House")
        assert await _form(s, consent) == before
        await must(await _sign(s, consent, form=_signed(before)), 201)
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"elements": ["attendance.summary"]}))
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["version"] == 2
        assert await _form(s, consent) == before
        assert "Part 4, Ellery Superior Court" in (await _form(s, await _propose(s, additional=True)))["text"]


@run
async def test_printed() -> None:
    """A page in its language, without a script, under a policy that allows none; every word escaped."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await _propose(s, subject={"name_on_form": "Maria <b>Lopez</b>"})
        page = await s.clinic.get(f"/v1/consents/{consent}/form?lang=es&format=html")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy and "unsafe" not in policy
        assert '<html lang="es">' in page.text and "<script" not in page.text and "<b>" not in page.text
        assert "Maria &lt;b&gt;Lopez&lt;/b&gt;" in page.text
        assert (await _form(s, consent, "es"))["hash"] in page.text
        assert page.headers["cache-control"] == "no-store"


@run
async def test_what_cannot_be_asked() -> None:
    """No language, one that there is not (those that there are are named), another format, another's consent."""
    async with world("sqlite") as w:
        s = await scene(w)
        path = f"/v1/consents/{await _propose(s)}/form"
        unknown = await s.clinic.get(f"{path}?lang=de")
        check(unknown, "GET", TEMPLATE)
        assert _errors(unknown) == [("", "form_language_unknown")]
        assert unknown.json()["errors"][0]["detail"].endswith("en, es.")
        assert _errors(await s.clinic.get(path)) == [("", "parameter_missing")]
        assert _errors(await s.clinic.get(f"{path}?lang=en&format=pdf")) == [("", "parameter_invalid")]
        other = w.party("c-clinic-hillside-clinic-staff")
        answers = [await other.get(f"{where}?lang=en") for where in (path, "/v1/consents/" + "0" * 32 + "/form")]
        assert [one.status_code for one in answers] == [404, 404] and answers[0].content == answers[1].content
        assert (await s.judge.get(f"{path}?lang=en")).status_code == 403


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_to_each_recipient_its_own(kind: str) -> None:
    """Elements and purposes of each recipient: on the form, in the view, and in what each of them reads."""
    async with world(kind) as w:
        s = await scene(w)
        judge = {"org_unit": COURT, "role": "judge", "elements": ["enrolment.status"]}
        officer = {"org_unit": PROBATION, "role": "probation_officer", "purposes": ["release_planning"]}
        officer["elements"] = ["enrolment.engaged"]
        purposes = ["condition_monitoring", "release_planning"]
        judge["purposes"] = ["condition_monitoring"]
        consent = await _propose(
            s, recipients=[judge, officer], purposes=purposes, elements=["enrolment.status", "enrolment.engaged"]
        )
        first, second = (await _form(s, consent))["text"].partition("Recipient 2: Adult Unit, Ellery Probation")[::2]
        assert "where your treatment stands" in first and "where your treatment stands" not in second
        assert "to plan your release" in second and "to plan your release" not in first
        done = await must(await _sign(s, consent), 201)
        assert done["recipients"] == [judge, officer]
        party = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(party, COURT, "docket", "CR-2026-0417")
        seen = {
            (who, purpose): [set(elements) for _, elements in await s.values(one, case=case, purpose=purpose)]
            for who, one, case in (("judge", s.judge, s.case_id), ("officer", party, own))
            for purpose in (["condition_monitoring"] if who == "judge" else purposes)
        }
        assert seen == {
            ("judge", "condition_monitoring"): [{"enrolment.status", "enrolment.engaged"}],
            ("officer", "condition_monitoring"): [],
            ("officer", "release_planning"): [{"enrolment.engaged"}],
        }
