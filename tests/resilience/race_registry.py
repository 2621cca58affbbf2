"""What the operator does that narrows: a client, a unit, an agency suspended, a key retired, an assignment ended.

One act ends all that a court reads, so it is a race for each of the persons whom its clients are reading about then.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from app.exchange import administration
from app.identity.keys import thumbprint
from app.vocabulary import Role
from tests.resilience.race import Narrowed, Part
from tests.resilience.race_lane import Lane, new_key, public

CREW: Final = 6


@dataclass(frozen=True)
class _Act:
    """How to end it and how to give it back, and what is over in between."""

    end: Callable[[], Awaitable[object]]
    restore: Callable[[], Awaitable[object]]
    ends: Narrowed
    gates: Sequence[str]


async def _run(lane: Lane, writer: str, races: int, act: Callable[[Lane], Awaitable[_Act]]) -> None:
    crew = await lane.crew(CREW)
    for _ in range(0, races, CREW):
        this = await act(lane)
        both = lane.annex in (this.ends.units or ())
        looks = [[*one.looks(1), *(one.looks(1, team=True) if both else [])] for one in crew]
        parts = [Part(this.ends, before, one.looks(1)) for one, before in zip(crew, looks, strict=True)]
        run = await lane.race(writer, parts, this.end, this.gates)
        until, _ = await lane.arena.stamp(())
        for race in run:
            race.until = until
        await this.restore()


async def suspend_client(lane: Lane, races: int) -> None:
    """The judge's client."""

    async def act(lane: Lane) -> _Act:
        hub, client = lane.arena.hub, lane.client
        return _Act(
            lambda: administration.suspend(hub, client=client),
            lambda: administration.suspend(hub, client=client, lift=True),
            Narrowed(client=client),
            [f"c:{client}"],
        )

    await _run(lane, "suspend a client", races, act)


async def suspend_unit(lane: Lane, races: int) -> None:
    """The judge's part of the court."""

    async def act(lane: Lane) -> _Act:
        hub, unit = lane.arena.hub, lane.court
        return _Act(
            lambda: administration.suspend(hub, unit=unit),
            lambda: administration.suspend(hub, unit=unit, lift=True),
            Narrowed(units=frozenset({unit})),
            [f"u:{unit}"],
        )

    await _run(lane, "suspend a unit", races, act)


async def suspend_agency(lane: Lane, races: int) -> None:
    """The whole court: both of its parts."""

    async def act(lane: Lane) -> _Act:
        hub, agency = lane.arena.hub, lane.agency
        return _Act(
            lambda: administration.suspend(hub, agency=agency),
            lambda: administration.suspend(hub, agency=agency, lift=True),
            Narrowed(units=frozenset({lane.court, lane.annex})),
            [f"u:{lane.court}", f"u:{lane.annex}"],
        )

    await _run(lane, "suspend an agency", races, act)


async def retire_key(lane: Lane, races: int) -> None:
    """The key that the judge's token was asked for with; the client goes on with a new one."""

    async def act(lane: Lane) -> _Act:
        hub, client, old = lane.arena.hub, lane.client, thumbprint(public(lane.key))

        async def restore() -> None:
            lane.key = new_key()
            await administration.rotate(hub, client, public(lane.key))
            lane.judge = lane.arena.party(client, lane.court, lane.key)

        await lane.judge.token()
        ends = Narrowed(client=client)
        return _Act(lambda: administration.retire(hub, client, old), restore, ends, [f"c:{client}"])

    await _run(lane, "retire a key", races, act)


async def end_assignment(lane: Lane, races: int) -> None:
    """The judge's one role; given again it is another assignment, and needs another token."""

    async def act(lane: Lane) -> _Act:
        hub, client = lane.arena.hub, lane.client
        live = "SELECT id FROM assignment WHERE client_id = $1 AND ended_at IS NULL"
        old = str(await lane.arena.ask(live, client))

        async def restore() -> None:
            await administration.assign(hub, client, lane.court, Role.JUDGE)
            lane.judge = lane.arena.party(client, lane.court, lane.key)

        await lane.judge.token()
        ends = Narrowed(client=client)
        return _Act(lambda: administration.end_assignment(hub, old), restore, ends, [f"c:{client}"])

    await _run(lane, "end an assignment", races, act)
