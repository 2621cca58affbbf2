"""A consent is in doubt while it is read: suspended, with another page than was signed, said to be entered in error."""

from functools import partial
from typing import Any, Final

from app.sandbox.steps import must
from tests.resilience.race import Narrowed
from tests.resilience.race_lane import Lane, Person

_TIMES: Final = 4
"""Suspensions of one consent, each lifted again, before it is found to be none."""
_OTHER_PAGE: Final = {"evidence_hash": "sha256:" + "f" * 64}


async def doubt(lane: Lane, races: int) -> None:
    """Suspended and lifted in turn; then one consent has another page, and one never was one."""
    for _ in range(0, races, _TIMES + 2):
        person = await lane.person()
        consent = await person.sign()
        for _ in range(_TIMES):
            await _suspended(lane, person, consent)
        act = partial(_post, lane, f"/v1/consents/{consent}/evidence-check", _OTHER_PAGE)
        await _race(lane, "check evidence", person, consent, act)
        other = await lane.person()
        wrong = await other.sign()
        await _race(lane, "enter in error", other, wrong, partial(_entered, lane, wrong))


async def _suspended(lane: Lane, person: Person, consent: str) -> None:
    made: list[str] = []

    async def suspend() -> None:
        told = await _post(lane, f"/v1/consents/{consent}/suspensions", {"cause": "capacity_doubt"})
        made.append(told["id"])

    race = await _race(lane, "suspend a consent", person, consent, suspend)
    race.until, _ = await lane.arena.stamp(())
    await _post(lane, f"/v1/consents/{consent}/suspensions/{made[0]}/lifting", {})


async def _entered(lane: Lane, consent: str) -> None:
    said = await _post(lane, f"/v1/consents/{consent}/errors", {"reason": "Another patient's form."}, "rn-1")
    decided = {"upheld": True, "note": "It is."}
    await _post(lane, f"/v1/reviews/{said['review_id']}/decision", decided, "rn-2")


async def _race(lane: Lane, writer: str, person: Person, consent: str, act: Any) -> Any:
    looks = [*person.looks(2), *person.looks(1, team=True)]
    return await lane.race_one(writer, Narrowed(frozenset({consent})), person, looks, act)


async def _post(lane: Lane, path: str, body: Any, staff: str = "rn-1") -> dict[str, Any]:
    return await must(await lane.arena.clinic.post(path, body, Acting_User=f'"{staff}"'), 201)
