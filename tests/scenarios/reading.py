"""Scenarios as YAML: read strictly, so that a key nobody looks at cannot make one weaker than it reads.

A scenario has a world (people, referrals, consents, what was filed), steps in it, and after each step what must come of
it: what leaves down to the element, the internal reason, the record left. ``core`` and ``http`` say the same of an act
that has no verb here: what it changes in the facts of a decision, and the call that does it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml

HERE: Final = Path(__file__).parent
US: Final = "us-42cfr2"
PROFILES: Final = (US, "eu-gdpr-led", "unodc-generic")
VERBS: Final = frozenset(
    {
        "ask",
        "propose",
        "sign",
        "revoke",
        "decline",
        "event",
        "clock",
        "http",
        "core",
        "file",
        "operator",
        "stored",
        "order",
        "emergency",
        "passed",
    }
)
EXPECTED: Final = frozenset(
    {
        "answer",
        "values",
        "refused",
        "reason",
        "recorded",
        "outcome",
        "under",
        "reject",
        "missing",
        "state",
        "status",
        "code",
    }
    | {"errors", "has", "lacks", "contains", "count", "last", "keys", "keys_as", "refuses", "same_as", "unlike", "save"}
)
R = TypeVar("R")


class Unreadable(ValueError):
    """A scenario that says something nobody reads, or nothing; the message names the file and the place."""


@dataclass(frozen=True, slots=True)
class World:
    """Who and what there is before the first step; every part has the usual setting where it is left out."""

    people: Mapping[str, Any] = field(default_factory=dict)
    units: Mapping[str, Any] = field(default_factory=dict)
    referrals: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, Any] = field(default_factory=dict)
    filed: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    """Environment of an instance of its own."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does, and what must come of it; ``then`` is empty for an act that must just succeed."""

    id: str
    does: Mapping[str, Any]
    then: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. ``case`` holds numbers of domain rules 6 and names of traps; ``also`` tests that show more of it.

    ``api`` says why the pure core has no part in one that is of calls alone.
    """

    name: str
    says: str
    case: tuple[int | str, ...]
    source: str
    rules: tuple[str, ...]
    profiles: Mapping[str, Any]
    steps: tuple[Step, ...]
    world: World = World()
    also: tuple[str, ...] = ()
    api: str = ""
    file: str = ""

    def under(self, profile: str) -> tuple[Step, ...]:
        """The steps with what this profile requires of each."""
        told = self.profiles[profile]
        if isinstance(told, str):
            return self.steps
        other = told["steps"]
        return tuple(Step(one.id, one.does, other.get(one.id, one.then)) for one in self.steps)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Every scenario of every file, in the order of the files."""
    files = sorted(HERE.glob("*.yaml"))
    found = [one for path in files for one in steps_of(path.read_text(encoding="utf-8"), path.name)]
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise Unreadable(f"two scenarios of one name: {sorted({n for n in names if names.count(n) > 1})}")
    return tuple(found)


def steps_of(text: str, file: str) -> list[Scenario]:
    """The scenarios of one file.

    Raises:
        Unreadable: one says something that nobody reads.
    """
    return list(_of_text(text, file))


def _of_text(text: str, file: str) -> Iterator[Scenario]:
    for raw in yaml.safe_load(text):
        where = f"{file}: {raw.get('name', '?')}"
        raw |= {name: tuple(raw[name]) for name in ("case", "rules", "also") if name in raw}
        raw["world"] = _strict(World, raw.get("world") or {}, f"{where}: world")
        raw["steps"] = tuple(_step(one, number, where) for number, one in enumerate(raw.get("steps", ()), 1))
        found = _strict(Scenario, raw | {"file": file}, where)
        _profiles(found, where)
        yield found


def _strict(made: type[R], raw: Mapping[str, Any], where: str) -> R:
    known = {one.name: one for one in fields(made)}  # type: ignore[arg-type]  # both are dataclasses
    unknown = raw.keys() - known.keys()
    absent = {n for n, o in known.items() if o.default is MISSING and o.default_factory is MISSING} - raw.keys()
    if unknown or absent:
        raise Unreadable(f"{where}: unknown {sorted(unknown)}, missing {sorted(absent)}")
    return made(**raw)


def _step(raw: Mapping[str, Any], number: int, where: str) -> Step:
    does = {name: value for name, value in raw.items() if name in VERBS}
    then = {name: value for name, value in raw.items() if name in EXPECTED}
    unknown = raw.keys() - VERBS - EXPECTED - {"id"}
    together = "core" in does and len(does) == 2 if len(does) > 1 else bool(does)
    if unknown or not together:
        raise Unreadable(f"{where}: step {number}: unknown {sorted(unknown)}, does {sorted(does)}")
    if "ask" in does and not then.keys() & {"answer", "refused"}:
        raise Unreadable(f"{where}: step {number}: an ask without a required answer")
    return Step(str(raw.get("id", number)), does, then)


def _profiles(found: Scenario, where: str) -> None:
    if tuple(found.profiles) != PROFILES or found.profiles[US] != "expected":
        raise Unreadable(f"{where}: profiles are {', '.join(PROFILES)}, the first of them expected")
    steps = {one.id for one in found.steps}
    for name, told in found.profiles.items():
        if isinstance(told, str):
            sound = told in ("expected", "equal")
        else:
            sound = told.keys() == {"why", "steps"} and told["steps"].keys() <= steps
            sound = sound and all(one.keys() <= EXPECTED for one in told["steps"].values())
        if not sound:
            raise Unreadable(f"{where}: profile {name} is equal, or why and which steps differ")
