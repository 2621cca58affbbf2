"""The visible steps: one sequence of some twenty, the same in both worlds, its details drawn from a seed."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Final

from app.vocabulary.calendar import day_of, monday
from tests.api import worlds_clinic as clinic
from tests.api.worlds_clinic import MARIA
from tests.api.worlds_robin import quinn, robin
from tests.api.worlds_scene import DIVERSION, HARBOR, HILLSIDE, JUDGE, Scene, start_of_clock

Step = Callable[[Scene], Awaitable[None]]
Named = tuple[str, Step]
DOCKET: Final = "CR-2026-0417"
MISSPELT: Final = MARIA | {"sur_name": "Lopes"}
_JUDGE: Final = (
    "referral.decision",
    "enrolment.status",
    "enrolment.dates",
    "enrolment.closure",
    "attendance.summary",
    "progress.plan_change",
    "clinical.need_indicated",
    "clinical.recommendation",
    "enrolment.provider",
    "progress.engagement",
    "testing.result_summary",
)
_PROBATION: Final = ("enrolment.engaged", "attendance.sessions", "attendance.compliant", "clinical.recommendation")
SUPERVISING: Final = {
    "u-pretrial": ("pretrial_officer", ("enrolment.status", "attendance.compliant", "clinical.need_indicated")),
    "u-prosecutor": ("prosecutor_deferring", ("enrolment.engaged", "attendance.compliant")),
}


@dataclass(frozen=True)
class Sequence20:
    """What was drawn for one sequence. ``granted``: every element that some observer is ever allowed."""

    seed: str
    begins: int
    today: date
    mondays: tuple[date, ...]
    judge: tuple[str, ...]
    probation: tuple[str, ...]
    monitor: str
    conditions: dict[str, Any]

    @property
    def granted(self) -> frozenset[str]:
        """Elements that the form of some observer names."""
        named = {*self.judge, *self.probation, *SUPERVISING[self.monitor][1], "referral.decision", "enrolment.engaged"}
        return frozenset(named)

    @property
    def named(self) -> frozenset[str]:
        """Units that some consent names."""
        return frozenset({"u-police-diversion", "u-court-treatment", "u-probation-adult", self.monitor})

    def chance(self, *of: object) -> random.Random:
        """A source of chance for one place of the sequence, the same in both worlds."""
        return random.Random(f"{self.seed}/{of}")


def draw(seed: str, begins: int | None = None) -> Sequence20:
    """Draw the details of a sequence, whose clock begins at ``begins`` (µs since 1970) or an hour from now."""
    chance, begins = random.Random(seed), start_of_clock() if begins is None else begins
    today = date.fromordinal(day_of(begins))
    this = date.fromordinal(monday(today.toordinal()))
    threshold = chance.choice([None, 1, 2])
    conditions = {"service_asked": "outpatient", "cadence": chance.choice(["P1W", "P1W", "P2W"])}
    return Sequence20(
        seed=seed,
        begins=begins,
        today=today,
        mondays=tuple(this - timedelta(weeks=back) for back in range(6, 0, -1)),
        judge=tuple(chance.sample(_JUDGE, chance.randint(3, len(_JUDGE)))),
        probation=tuple(chance.sample(_PROBATION, chance.randint(1, len(_PROBATION)))),
        monitor=chance.choice(sorted(SUPERVISING)),
        conditions=conditions | ({"attendance_threshold": threshold} if threshold else {}),
    )


def script(drawn: Sequence20) -> list[Named]:
    """The steps in the order of this sequence: three threads, each in its own order, interleaved by chance."""
    chance = drawn.chance("script")
    merged, remaining = [*beginning(drawn), *intake(drawn)], list(threads(drawn).values())
    while any(remaining):
        thread = chance.choices(remaining, [len(one) for one in remaining])[0]
        merged.append(thread.pop(0))
    return [*merged, *ending(drawn)]


def beginning(drawn: Sequence20) -> list[Named]:
    """What comes first and is the same whatever was drawn."""
    return [("cases", partial(_cases, drawn)), ("quinn", quinn), ("robin", robin), ("refer", _police_refers)]


def intake(drawn: Sequence20) -> list[Named]:
    """The court refers; the clinic finds both referrals and the patient whom they mean."""
    return [("refer_court", partial(_court_refers, drawn)), ("list", _list), ("intake", _intake)]


def threads(drawn: Sequence20) -> dict[str, list[Named]]:
    """What may be interleaved in any way, each thread in its own order."""
    return {"police": _police(), "court": _court(drawn), "reports": _reports(drawn)}


def ending(drawn: Sequence20) -> list[Named]:
    """The court disposes of the case; the clinic fetches its list again."""
    return [("disposition", partial(_disposition, drawn)), ("list_again", _list)]


async def _cases(drawn: Sequence20, scene: Scene) -> None:
    scene.kept["signing_at"] = drawn.begins
    scene.kept["records_from"] = drawn.mondays[0].isoformat()
    for who in scene.observers:
        if who != HILLSIDE:
            scene.kept[f"court case of {who}"] = await clinic.register(
                scene, who, "u-court-treatment", "docket", DOCKET
            )
            diversion = await clinic.register(scene, who, "u-police-diversion", "diversion", "DV-113")
            scene.kept[f"diversion of {who}"] = diversion


async def _police_refers(scene: Scene) -> None:
    scene.kept["police referral"] = await clinic.refer(scene, DIVERSION, scene.kept[f"diversion of {DIVERSION}"], MARIA)


async def _court_refers(drawn: Sequence20, scene: Scene, person: dict[str, str] = MARIA, name: str = "court") -> None:
    more = {
        "conditions": drawn.conditions,
        "condition_imposed": True,
        "supervising_units": ["u-probation-adult", drawn.monitor, "u-county-court"],
        "final_disposition_due": clinic.BACKSTOP,
    }
    case_id = scene.kept[f"court case of {JUDGE}"]
    scene.kept[f"{name} referral"] = await clinic.refer(scene, JUDGE, case_id, person, **more)


async def _list(scene: Scene) -> None:
    """The receiving system fetches its list to the end: that is what "delivered" tells, and all that it tells."""
    path: str | None = "/v1/referrals?limit=200"
    while path is not None:
        after = (await scene.does(HARBOR, "GET", path)).get("next")
        path = f"/v1/referrals?limit=200&after={after}" if after else None


async def _intake(scene: Scene) -> None:
    scene.kept["maria"] = await clinic.add_patient(scene, MARIA, "maria")
    for name in ("police", "court"):
        await clinic.match(scene, scene.kept[f"{name} referral"], scene.kept["maria"])


async def _accept(name: str, scene: Scene) -> None:
    await clinic.answer(scene, scene.kept[f"{name} referral"], "accepted", f"accept-{name}")


def _police() -> list[Named]:
    async def allow(scene: Scene) -> None:
        shared = {"purposes": ["referral_coordination"], "elements": ["referral.decision", "enrolment.engaged"]}
        recipients = [
            {"org_unit": "u-police-diversion", "role": "police_diversion", **shared},
            {"org_unit": "u-county-court", "role": "judge", **shared},
        ]
        body = clinic.form(scene, scene.kept["police referral"], recipients)
        await clinic.consent(scene, "police consent", body)

    async def take_back(scene: Scene) -> None:
        await clinic.revoke(scene, "revoke-police", recipients=["u-police-diversion"])

    return [("accept_police", partial(_accept, "police")), ("allow_police", allow), ("revoke_police", take_back)]


def _court(drawn: Sequence20) -> list[Named]:
    def to(unit: str, role: str, elements: Sequence[str]) -> dict[str, Any]:
        return {"org_unit": unit, "role": role, "purposes": ["condition_monitoring"], "elements": list(elements)}

    async def allow(scene: Scene) -> None:
        recipients = [
            to("u-court-treatment", "judge", drawn.judge),
            to("u-probation-adult", "probation_officer", drawn.probation),
            to("u-county-court", "judge", drawn.judge),
        ]
        body = clinic.form(scene, scene.kept["court referral"], recipients, **clinic.of_2_35())
        await clinic.consent(scene, "court consent", body)

    async def allow_more(scene: Scene) -> None:
        role, elements = SUPERVISING[drawn.monitor]
        recipients = [to(drawn.monitor, role, elements), to("u-court-treatment", "court_team", drawn.judge[:2])]
        recipients.append(to("u-county-court", "judge", drawn.judge[:2]))
        await clinic.consent(scene, "more", clinic.form(scene, scene.kept["court referral"], recipients))

    async def narrow(scene: Scene) -> None:
        taken = drawn.chance("narrow").choice(SUPERVISING[drawn.monitor][1])
        await clinic.revoke(scene, "narrow", recipients=[drawn.monitor], elements=[taken])

    again = partial(_court_refers, drawn, person=MISSPELT, name="misspelt")
    return [
        ("accept_court", partial(_accept, "court")),
        ("allow_court", allow),
        ("refer_misspelt", again),
        ("allow_more", allow_more),
        ("narrow", narrow),
    ]


def _reports(drawn: Sequence20) -> list[Named]:
    chance = drawn.chance("reports")

    def week(number: int, key: str, **more: Any) -> Step:
        outcomes = tuple(chance.choices(["attended", "missed", "excused"], [6, 2, 1], k=chance.choice([1, 2, 3])))
        test = {"collected_on": drawn.mondays[number].isoformat(), "participation": "given"}
        more |= {"testing": [test | {"result": chance.choice(["no_unprescribed_use_found", "inconclusive"])}]}
        more |= {"engagement": chance.choice(["low", "good"])}
        body = clinic.week_of(drawn.mondays[number], outcomes, **more)
        return lambda scene: clinic.file(scene, "treatment-statuses", f"week {number}", body, key)

    def assessed(key: str, service: str) -> Step:
        advice = {"service": service, "weeks_min": chance.choice([12, 24])}
        found = {
            "need_indicated": "yes",
            "recommendation": advice,
            "diagnosis": [{"system": "icd-10", "code": "F10.2"}],
        }
        made = {"assessed_on": drawn.mondays[1].isoformat(), "purpose": "treatment"}
        return lambda scene: clinic.file(scene, "assessments", "assessment", made | found, key)

    start = {"start": drawn.mondays[0].isoformat()}
    end = {"start": start["start"], "end": (drawn.mondays[4] + timedelta(days=2)).isoformat()}
    return [
        ("assess", assessed("assessed", "outpatient")),
        ("week_0", week(0, "w0", dates=start, plan_change="step_up")),
        ("week_1", week(1, "w1")),
        ("week_2", week(2, "w2", plan_change="adjust")),
        ("correct_week", week(chance.choice([0, 1]), "w-again", dates=start, plan_change="step_up")),
        ("week_3", week(3, "w3")),
        ("assess_again", assessed("assessed-again", "residential")),
        ("ended", week(4, "w4", status="ended", closure="left_early", dates=end)),
        ("back", week(5, "w5", plan_change="none")),
    ]


async def _disposition(drawn: Sequence20, scene: Scene) -> None:
    path = f"/v1/cases/{scene.kept[f'court case of {JUDGE}']}/events"
    occurred = date.fromordinal(drawn.today.toordinal() - 1).isoformat() + "T10:00:00Z"
    await scene.does(JUDGE, "POST", path, {"code": "final_disposition", "occurred_at": occurred})
    scene.kept["disposed"] = True
