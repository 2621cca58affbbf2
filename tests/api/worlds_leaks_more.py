"""More planted leaks: of ids, of numbers, of bells and of paces."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest
from sqlalchemy import bindparam, func, select

from app.errors import Conflict, Forbidden, NotFound, TooMany
from app.exchange import feed, reads, referrals, ringing
from app.storage import tables as t
from app.storage.statement import Statement
from tests.api import worlds_leaks as first
from tests.api.worlds_machine import TwoWorlds

_IT = t.referral.c.id == bindparam("referral")
_EXISTS = Statement(select(t.referral.c.id).where(_IT))
_WHOSE = select(t.referral.c.patient_id).where(_IT).scalar_subquery()
_ANSWERED = Statement(select(t.message.c.id).where(t.message.c.patient_id == _WHOSE).limit(1))
_REVOKED = Statement(select(func.count().label("rows")).select_from(t.revocation))
_KEY = Statement(
    select(t.case_view.c.case_key).where(
        t.case_view.c.unit_id == bindparam("unit"), t.case_view.c.case_id == bindparam("case_id")
    )
)
_MOST = 12
"""Reads of one case that the planted limit lets through: more than two observers make, fewer than with a county."""


def refused_by_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """403 for a referral of somebody else, 404 for none."""
    own = referrals.own

    async def told(reader: Any, caller: Any, referral: str) -> Any:
        try:
            return await own(reader, caller, referral)
        except NotFound:
            if await reader.one(_EXISTS, referral=referral) is not None:
                raise Forbidden("not_yours", "This referral is another unit's.") from None
            raise

    monkeypatch.setattr(referrals, "own", told)


def event_at_enqueue(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry of the feed for every filing of the patient, whether the view says something new or not."""
    monkeypatch.setattr(feed, "has_news", lambda _, view: bool(view.open))


def retries_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ring that is tried no more once somebody has revoked something."""
    claim = ringing._claim

    async def given_up(hub: Any, tx: Any, *arguments: Any) -> Any:
        row = await tx.one(_REVOKED)
        return None if row["rows"] else await claim(hub, tx, *arguments)

    monkeypatch.setattr(ringing, "_claim", given_up)


def limit_by_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit on reads of one case, whoever reads it."""
    by_case, counted = reads.by_case, Counter[tuple[int, str]]()

    async def limited(hub: Any, caller: Any, reading: Any) -> Any:
        async with hub.database.read() as reader:
            row = await reader.one(_KEY, unit=caller.unit, case_id=reading.case_id)
        about = (id(hub.database), row["case_key"] if row is not None else "")
        counted[about] += 1
        if row is not None and counted[about] > _MOST:
            raise TooMany(30)
        return await by_case(hub, caller, reading)

    monkeypatch.setattr(reads, "by_case", limited)


def conflict_on_cancelling(monkeypatch: pytest.MonkeyPatch) -> None:
    """409 for cancelling a referral that was answered meanwhile."""
    cancel = referrals.cancel

    async def conflicting(hub: Any, caller: Any, referral: str) -> Any:
        async with hub.database.read() as reader:
            if await reader.one(_ANSWERED, referral=referral) is not None:
                raise Conflict("already_answered", "The clinic has answered.")
        return await cancel(hub, caller, referral)

    monkeypatch.setattr(referrals, "cancel", conflicting)


EVERYBODY: Final = list(range(14))


@dataclass(frozen=True)
class Planted:
    """A leak, the hidden steps that it lets out, who looks at what afterwards, and what the comparison points at."""

    plant: Callable[[pytest.MonkeyPatch], None]
    hidden: tuple[str, ...]
    shows: str
    looks: Callable[[TwoWorlds], None] = lambda machine: None
    before: Callable[[TwoWorlds], None] = lambda machine: machine.something_visible("reports", EVERYBODY)
    watchers: tuple[int, ...] = tuple(EVERYBODY)
    begun: int = 2
    """Visible steps of the police and of the court before: with 2 their consents are in force, with 1 not yet."""


def _trespass(machine: TwoWorlds) -> None:
    for who in range(4):
        machine.somebody_trespasses(who, most=None)


def _cancel(machine: TwoWorlds) -> None:
    for who in EVERYBODY:
        machine.somebody_looks_into(who, "cancelling")


PLANTED: Final[Mapping[str, Planted]] = {
    "count before the filter": Planted(first.total, ("same_again",), r'"total":\d+'),
    "id that rotates with a hidden report": Planted(first.rotating_id, ("same_again",), r'"id":"<id \d+>"'),
    "ETag from the row": Planted(first.etag_of_row, ("same_again",), r"etag: <etag \d+>"),
    "403 for what is hidden": Planted(first.refused_aloud, ("proposals",), r"hidden: …403", begun=1),
    "version in the scope": Planted(first.consent_version, ("county_loses_its_part",), r'"version":\d'),
    "403 for a hidden id": Planted(refused_by_id, ("county_refers",), r"hidden: …403", _trespass),
    "event at enqueue": Planted(event_at_enqueue, ("same_again",), r'"number":\d'),
    "retries that stop on revocation": Planted(
        retries_stop,
        ("county_loses_its_part",),
        r"the bells.*the number of pages or requests differs",
        lambda machine: machine.bells_ring(taken=True),
        lambda machine: machine.bells_ring(taken=False),
    ),
    "rate limit per subject": Planted(
        limit_by_subject,
        ("county_refers", "county_hurries"),
        r"hidden: …429",
        watchers=(0,),
        before=lambda machine: None,
    ),
    "409 on cancelling a hidden acceptance": Planted(
        conflict_on_cancelling, ("quietly_answered",), r"hidden: …409", _cancel
    ),
}
"""A record that takes no lock is planted, and found, in tests/resilience: two worlds do not race."""


def directed(machine: TwoWorlds, planted: Planted) -> None:
    """A sequence that leaves nothing to chance: everybody looks, hidden steps are taken, everybody looks again."""
    machine.begin(seed=7, police=planted.begun, court=planted.begun, reports=3)
    planted.before(machine)
    machine.something_hidden([(name, 0, 0) for name in planted.hidden], list(planted.watchers))
    taken = [name for name in machine.happened if name.startswith("(")]
    if taken != [f"({name})" for name in planted.hidden]:
        raise RuntimeError(f"other hidden steps were taken: {taken}")
    planted.looks(machine)
    machine.teardown()
