"""Random histories of one patient and case: whatever somebody may do, in any order, with reads of justice between."""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
from hypothesis import strategies as st

from app.exchange import closings
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.weeks import past_mondays
from tests.api.orders import FIRST, SECOND, order
from tests.api.scene import CLINIC, COURT, MARIA, MONITOR, PROBATION, Scene, scene, signing
from tests.service import World

Act = tuple[str, int, int]
"""What is done, and two numbers that choose among what it can be done to."""

ELEMENTS: Final = (
    ("attendance.summary",),
    ("enrolment.status", "attendance.summary"),
    ("enrolment.engaged", "enrolment.status", "attendance.sessions"),
    ("clinical.need_indicated", "enrolment.status"),
)
PURPOSES: Final = (MONITOR, "referral_coordination", "proceeding")
_JUDGE: Final = {"org_unit": COURT, "role": "judge"}
_OFFICER: Final = {"org_unit": PROBATION, "role": "probation_officer"}
RECIPIENTS: Final = ([_JUDGE], [_JUDGE, _OFFICER], [_JUDGE | {"person": "j-7"}], [_OFFICER])
PROFILES: Final = ("us-42cfr2@1", "eu-gdpr-led@1", "unodc-generic@1")


def back(number: int) -> str:
    """Now, or up to an hour ago."""
    then = datetime.now(UTC) - timedelta(minutes=(0, 0, 5, 60)[number % 4])
    return then.replace(microsecond=0).isoformat()


@dataclass
class Play:
    """One history under way: what there is to act on, and how many acts were carried out."""

    s: Scene
    officer: Party
    officer_case: str
    other: str
    consents: list[str] = field(default_factory=list)
    restrictions: list[str] = field(default_factory=list)
    suspensions: list[tuple[str, str]] = field(default_factory=list)
    reviews: list[str] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)
    done: int = 0

    async def say(self, answer: httpx.Response) -> dict[str, Any]:
        """The body of what was carried out; {} of what is refused as things stand, which is no act."""
        assert answer.status_code < 500, answer.text
        self.done += answer.is_success
        body: dict[str, Any] = answer.json()
        return body if answer.is_success else {}


async def play_in(w: World) -> Play:
    """The usual setting, with something on file and another record of the same clinic."""
    s = await scene(w)
    for monday in past_mondays(2):
        await steps.report(s.clinic, s.patient, monday, ("attended", "missed"))
    await steps.assess(s.clinic, s.patient, past_mondays(2)[0])
    officer = w.party("c-probation-adult-probation-officer")
    case_id = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
    other = await steps.add_patient(s.clinic, MARIA | {"sur_name": "Lopes"})
    return Play(s, officer, case_id, other)


async def _sign(p: Play, one: int, two: int, **more: Any) -> None:
    form = p.s.cjs if one % 3 == 2 else p.s.form
    recipients = RECIPIENTS[two % len(RECIPIENTS)]
    alone = one % 3 != 2 and recipients == [_JUDGE]
    asked: dict[str, Any] = {"elements": list(ELEMENTS[one % len(ELEMENTS)])}
    asked |= {"purposes": list(PURPOSES[: 2 if alone else 1])} | ({} if one % 3 == 2 else {"recipients": recipients})
    made = await p.say(await p.s.clinic.post("/v1/consents", form(**asked, **more)))
    if made:
        signed = await p.say(await p.s.clinic.post(f"/v1/consents/{made['id']}/signatures", signing()))
        p.consents += [made["id"]] if signed else []


async def _supersede(p: Play, one: int, two: int) -> None:
    if p.consents:
        await _sign(p, one, two, supersedes=[p.consents[two % len(p.consents)]])


async def _revoke(p: Play, one: int, two: int) -> None:
    chosen: list[dict[str, Any]] = [
        {"all": True},
        {"elements": [ELEMENTS[two % len(ELEMENTS)][0]]},
        {"recipients": [(COURT, PROBATION)[two % 2]]},
        {"purposes": [PURPOSES[two % 2]]},
    ]
    body = chosen[one % len(chosen)] | {"received_at": back(two), "channel": "written"}
    await p.say(await p.s.clinic.post(f"/v1/patients/{p.s.patient}/revocations", body))


async def _event(p: Play, one: int, two: int) -> None:
    code = ("final_disposition", "case_dismissed", "assignment_ended")[one % 3]
    party, case = ((p.s.judge, p.s.case_id), (p.officer, p.officer_case))[two % 5 == 4]
    await p.say(await party.post(f"/v1/cases/{case}/events", {"code": code, "occurred_at": back(two)}))


async def _restrict(p: Play, one: int, two: int) -> None:
    body: dict[str, Any] = {"elements": [ELEMENTS[one % len(ELEMENTS)][0]]}
    body |= {"recipient_unit": COURT} if two % 2 else {}
    base = f"/v1/patients/{(p.s.patient, p.other)[two % 5 == 4]}/restrictions"
    made = await p.say(await p.s.clinic.post(base, body))
    if await p.say(await p.s.clinic.post(f"{base}/{made['id']}/decision", {"agreed": two % 7 != 6})):
        p.restrictions.append(made["id"])


async def _unrestrict(p: Play, one: int, two: int) -> None:
    if p.restrictions:
        chosen = p.restrictions[one % len(p.restrictions)]
        body = {"how": ("patient_written", "notice")[two % 2], "told_at": back(0)}
        await p.say(await p.s.clinic.post(f"/v1/patients/{p.s.patient}/restrictions/{chosen}/ending", body))


async def _suspend(p: Play, one: int, two: int) -> None:
    if p.consents:
        consent = p.consents[one % len(p.consents)]
        if two % 3 == 2:
            body = {"reason": "It was signed for somebody else."}
            made = await p.say(await p.s.clinic.post(f"/v1/consents/{consent}/errors", body, **FIRST))
            p.reviews += [made["review_id"]] if "review_id" in made else []
            return
        body = {"cause": ("dispute", "capacity_doubt")[two % 2]}
        made = await p.say(await p.s.clinic.post(f"/v1/consents/{consent}/suspensions", body, **FIRST))
        p.suspensions += [(consent, made["id"])] if made else []


async def _settle(p: Play, one: int, two: int) -> None:
    """A suspension is lifted, or the review of an error decided."""
    if p.reviews and two % 2:
        body = {"upheld": one % 2 == 0, "note": "Looked at it."}
        await p.say(await p.s.clinic.post(f"/v1/reviews/{p.reviews.pop()}/decision", body, **SECOND))
    elif p.suspensions:
        consent, suspension = p.suspensions.pop(one % len(p.suspensions))
        path = f"/v1/consents/{consent}/suspensions/{suspension}/lifting"
        await p.say(await p.s.clinic.post(path, {"note": "Seen again."}, **SECOND))


async def _assign(p: Play, one: int, two: int) -> None:
    path = f"/v1/cases/{p.s.case_id}/assignments" + ("/ending" if one % 3 == 2 else "")
    await p.say(await p.s.judge.post(path, {"staff_id": ("j-7", "j-8")[two % 2]}))


async def _order(p: Play, one: int, two: int) -> None:
    if p.orders and one % 2:
        body = {"ground": ("vacated", "wrong_subject")[two % 2], "vacated_at": back(two)}
        await p.say(await p.s.clinic.post(f"/v1/court-orders/{p.orders.pop()}/vacating", body, **FIRST))
        return
    made = await p.say(await p.s.clinic.post("/v1/court-orders", order(p.s, elements=["enrolment.status"]), **FIRST))
    path = f"/v1/court-orders/{made.get('id')}/decision"
    if made and await p.say(await p.s.clinic.post(path, {"approve": True}, **SECOND)):
        p.orders.append(made["id"])


async def _merge(p: Play, one: int, two: int) -> None:
    verb = ("merge", "unmerge")[one % 2]
    await p.say(await p.s.clinic.post(f"/v1/patients/{p.s.patient}/{verb}", {"merged": p.other}))


async def _law(p: Play, one: int, two: int) -> None:
    await closings.set_profile(p.s.w.hub, (CLINIC, COURT)[two % 2], PROFILES[one % len(PROFILES)])
    p.done += 1


async def _file(p: Play, one: int, two: int) -> None:
    await steps.assess(p.s.clinic, p.s.patient, past_mondays(2)[one % 2])


ACTS: Final[dict[str, Callable[[Play, int, int], Awaitable[None]]]] = {
    "sign": _sign,
    "supersede": _supersede,
    "revoke": _revoke,
    "event": _event,
    "restrict": _restrict,
    "unrestrict": _unrestrict,
    "suspend": _suspend,
    "settle": _settle,
    "assign": _assign,
    "order": _order,
    "merge": _merge,
    "law": _law,
    "file": _file,
}
HISTORIES: Final = st.lists(
    st.tuples(st.sampled_from(["sign", *sorted(ACTS)]), st.integers(0, 11), st.integers(0, 11)), min_size=4, max_size=14
)


async def read(p: Play, number: int) -> None:
    """Some reads of justice: by case, of all kinds, of a referral, of many cases, the feed, an unknown case."""
    person = {"Acting_User": f'"{("j-7", "j-8")[number % 2]}"; name="R. Amaro"'} if number % 3 else {}
    purpose = PURPOSES[number % 2]
    paths = [
        steps.reading("treatment-statuses", p.s.case_id, purpose),
        f"/v1/cases/{p.s.case_id}/report?purpose={PURPOSES[number % 3]}",
        steps.reading("assessments", p.s.case_id, purpose),
        f"/v1/referrals/{p.s.referral}?purpose={purpose}",
        "/v1/events",
        steps.reading("assessments", secrets.token_hex(16), purpose),
    ]
    for path in (paths[0], paths[1 + number % 5]):
        assert (await p.s.judge.get(path, **person)).status_code == 200, path
    many = {"cases": [p.s.case_id, "unknown"], "purpose": purpose}
    if number % 4 == 0:
        assert (await p.s.judge.post("/v1/treatment-statuses/search", many, **person)).status_code == 200
    officer = steps.reading("treatment-statuses", p.officer_case, MONITOR)
    assert (await p.officer.get(officer)).status_code == 200


async def carry_out(p: Play, history: list[Act]) -> None:
    """The acts in order, justice reading before the first and after each."""
    await read(p, 0)
    for number, (name, one, two) in enumerate(history, 1):
        await ACTS[name](p, one, two)
        await read(p, number + one)
