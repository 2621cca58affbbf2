"""Directed sequences of two worlds: every hidden act of the law taken without fail, and looked for where it could show.

One more takes what else a clinic and a county do, so that chance has to bring about no single step.

A sequence is told as a planted leak is, with nothing planted: it has to be alike in both worlds.
"""

from collections.abc import Callable
from typing import Final

from tests.api.worlds_leaks_more import EVERYBODY, Planted
from tests.api.worlds_machine import FACETS, TwoWorlds
from tests.api.worlds_scene import DIVERSION, JUDGE, PROBATION

_NAMED: Final = (JUDGE, DIVERSION, PROBATION)
_COUNTY: Final = ("county_refers", "county_is_allowed")
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "restricted": ("county_refers",),
    "namesake_restricted": ("somebody_else",),
    "namesake_erased": (),
    "rights_asked_for": (),
    "accounting_suspended": (),
    "incidents_weighed": _COUNTY,
    "county_in_doubt": _COUNTY,
    "proposal_in_error": ("proposals",),
    "said_to_have_died": (),
    "county_is_ordered": ("county_refers",),
    "orders_that_open_nothing": (),
    "nurse_needs_her_record": (),
    "clinic_gives_notice": (),
    "county_assigns": _COUNTY,
    "county_hands_over": _COUNTY,
    "county_listens": (),
}


def _nothing(_: object) -> None:
    """No leak is planted."""


def _used(machine: TwoWorlds) -> None:
    """The named observers use their cases, what they may read and what is new; then the bells ring."""
    indices = [number for number, pair in enumerate(machine.stage.watching) if pair[0].who in _NAMED]
    for number in indices:
        for facet in ("cases", "reading", "news", "own referrals"):
            machine.somebody_looks_into(number, facet)
    machine.bells_ring(taken=True)
    machine.something_visible("reports", indices)


def _everything(machine: TwoWorlds) -> None:
    """Everybody calls every route of the table, and some use everything that is theirs."""
    for number in EVERYBODY:
        machine.somebody_trespasses(number, most=None)
    for number, facet in zip(EVERYBODY, sorted(FACETS), strict=False):
        machine.somebody_looks_into(number, facet)
    _used(machine)


def _told(hidden: tuple[str, ...], looks: Callable[[TwoWorlds], None]) -> Planted:
    return Planted(_nothing, hidden, "", looks)


ALL: Final = tuple(dict.fromkeys(name for last, first in _NEEDS.items() for name in (*first, last)))
"""Every hidden act of the law in one sequence, each once."""

_DAYS: Final = (
    *(*_COUNTY, "another_clinic", "pending_revocation", "not_yet", "elsewhere", "correct_assessment", "correct_week"),
    *("county_meddles", "county_amends", "handed_over", "merged", "clinic_looks", "clinic_replays", "clinic_errs"),
    *("clinic_edits", "taken_back", "county_loses", "sequenced"),
)

LAW: Final = {name: _told((*first, name), _used) for name, first in _NEEDS.items()} | {
    "all of them": _told(ALL, _everything),
    "days of a clinic and a county": Planted(_nothing, _DAYS, "", _used, begun=3),
}
"""Name -> a sequence that takes it."""
