"""The one table of acts that are raced against readers, and running them.

Each entry names the kinds of ``app.storage.gate.NARROWING_WRITERS`` that it stands for; ``test_races.py`` fails while a
kind there has no entry here. What narrows and is new needs one line, and a function that runs so many races in a lane.
``decline`` is no narrowing writer: a proposal that is declined never let anything flow.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from tests.resilience import race_acts, race_corrections, race_doubts, race_leaving, race_orders, race_registry
from tests.resilience.race_arena import Arena
from tests.resilience.race_lane import Lane, open_lane

LANES: Final = 4
MOST: Final = 20
"""Races that a lane runs of one kind before it turns to another."""


@dataclass(frozen=True)
class Course:
    """A kind of act: which writers it stands for, its share of all races (in hundredths), how to run so many."""

    covers: tuple[str, ...]
    share: int
    run: Callable[[Lane, int], Awaitable[None]]


COURSES: Final = (
    Course(("revoke",), 38, race_acts.revoke),
    Course(("activate", "supersede"), 8, race_acts.supersede),
    Course(("revoke",), 5, race_acts.treat),
    Course(("suspend_consent", "check_evidence", "enter_in_error"), 5, race_doubts.doubt),
    Course(("decide_order", "vacate_order"), 4, race_orders.vacate),
    Course(("cancel_transfer",), 5, race_acts.take_back),
    Course(("case_event",), 4, race_acts.happen),
    Course(("merge",), 3, race_acts.merge),
    Course(("restrict",), 3, race_acts.restrict),
    Course(("erase",), 3, race_acts.erase),
    Course(("suspend",), 6, race_registry.suspend_client),
    Course(("suspend",), 6, race_registry.suspend_unit),
    Course(("suspend",), 6, race_registry.suspend_agency),
    Course(("retire_key",), 4, race_registry.retire_key),
    Course(("end_assignment",), 4, race_registry.end_assignment),
    Course(("file_status",), 3, race_corrections.correct_status),
    Course(("file_in_batch",), 3, race_corrections.correct_in_batch),
    Course(("file_assessment",), 3, race_corrections.correct_assessment),
    Course(("respond",), 3, race_corrections.answer),
    Course(("retract",), 3, race_corrections.retract),
    Course(("assign",), 3, race_leaving.assign),
    Course(("close_unit", "set_profile"), 3, race_leaving.close),
)
"""The shares come to 122: the ends that no act brings (``race_clock.py``) are raced beside them."""


async def run_all(arena: Arena, races: int) -> list[Lane]:
    """Run at least so many races in all, spread over the lanes; the lanes."""
    jobs = [job for course in COURSES for job in _jobs(course, races)]
    random.shuffle(jobs)
    lanes = [await open_lane(arena, number) for number in range(LANES)]

    async def work(lane: Lane) -> None:
        while jobs:
            run, count = jobs.pop()
            await run(lane, count)

    async with asyncio.TaskGroup() as group:
        for lane in lanes:
            group.create_task(work(lane))
    return lanes


def _jobs(course: Course, races: int) -> list[tuple[Callable[[Lane, int], Awaitable[None]], int]]:
    wanted = -(-races * course.share // 100)
    return [(course.run, min(MOST, wanted - begun)) for begun in range(0, wanted, MOST)]
