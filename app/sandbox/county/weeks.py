"""A script's phases written out as weeks, oldest first: who came, what was tested, what the clinic changed."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from app.sandbox.county.course import Course, DrugTest, Leg, Session, Week
from app.sandbox.county.outcomes import SCRIPTS, Outcome, Phase
from app.vocabulary.codes import Closure, EnrolmentStatus, PlanChange, SessionOutcome

S, P, A = EnrolmentStatus, PlanChange, SessionOutcome
REASONS: Final = ("illness", "work", "transport", "bereavement", "provider_cancelled", "unknown")
CLEAR, USE = "no_unprescribed_use_found", "unprescribed_use_confirmed"
_PATTERNS: Final = ((1, 3), (0, 4), (0, 2, 4), (1, 2, 3))
_CHANGES: Final = {"step_down": P.STEP_DOWN, "relapse": P.STEP_UP, "transferred": P.TRANSFER}


class Writer:
    """Writes the weeks of one person, who has days of their own and comes more or less reliably."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._days = rng.choice(_PATTERNS)
        self._reliable = rng.uniform(0.7, 0.98)
        self._tested = rng.random() < 0.6
        self._goals = rng.randint(3, 6)

    def course(self, outcome: Outcome, clinics: Sequence[str]) -> Course:
        """The course of an outcome, at as many of the clinics as it needs."""
        scripts = SCRIPTS.get(outcome, ())
        self._tested = self._tested or any(name == "relapse" for script in scripts for name, _, _ in script)
        phased = [list(self._phases(script)) for script in scripts]
        total = sum(len(names) for names in phased)
        # An ended course may have ended weeks ago; one that goes on was reported until the last whole week.
        back = total + (self._rng.randint(0, 6) if phased and _closure(phased[-1][-1]) else 0)
        legs = []
        for clinic, names in zip(clinics, phased, strict=False):
            legs.append(Leg(clinic, tuple(self._weeks(names, back))))
            back -= len(names)
        return tuple(legs)

    def _phases(self, script: Sequence[Phase]) -> Iterator[str]:
        """The name of the phase of every week."""
        for name, fewest, most in script:
            yield from [name] * self._rng.randint(fewest, most)

    def _weeks(self, names: Sequence[str], back: int) -> Iterator[Week]:
        """A pause is reported as it begins and then only now and then; a person who is away is not enrolled."""
        weeks, met = 0, 0
        before = ""
        for number, name in enumerate(names):
            untold = name == "paused" and before == "paused" and self._rng.random() < 0.5
            if name != "away" and not untold:
                weeks = weeks + 1 if name not in ("planned", "paused") else weeks
                met = min(self._goals, weeks // 3)
                yield self._week(name, back - number, met)
            before = name

    def _week(self, name: str, back: int, met: int) -> Week:
        if name in ("planned", "paused"):
            return Week(back, S(name))
        if name == "declined_start":
            return Week(back, S.ENDED, closure=Closure.DECLINED_START)
        closure = _closure(name)
        return Week(
            back,
            S.ENDED if closure else S.ACTIVE,
            tuple(self._session(day, relapse=name == "relapse") for day in self._days[: 1 if closure else None]),
            self._tests(name),
            _CHANGES.get(name, self._rng.choice((P.NONE, P.NONE, P.NONE, P.NONE, P.ADJUST))),
            None if closure else self._engagement(name),
            (met, self._goals),
            closure,
        )

    def _session(self, day: int, *, relapse: bool) -> Session:
        if self._rng.random() < self._reliable - (0.3 if relapse else 0):
            return Session(day, A.ATTENDED)
        excused = self._rng.random() < 0.5
        return Session(day, A.EXCUSED if excused else A.MISSED, self._rng.choice(REASONS) if excused else None)

    def _tests(self, name: str) -> tuple[DrugTest, ...] | None:
        """A clinic that tests at all says so every week, and says too that it tested nothing."""
        if name == "relapse":
            return (DrugTest(self._days[0], "given", USE),)
        if not self._tested or self._rng.random() < 0.5:
            return () if self._tested else None
        participation = self._rng.choice(("given",) * 8 + ("missed", "declined"))
        if participation != "given":
            return (DrugTest(self._days[0], participation),)
        results = (CLEAR,) * 8 + ("non_negative_unconfirmed", "inconclusive")
        return (DrugTest(self._days[0], "given", self._rng.choice(results)),)

    def _engagement(self, name: str) -> str:
        return "low" if name == "relapse" else self._rng.choice(("moderate", "good", "good"))


def _closure(name: str) -> Closure | None:
    return next((closure for closure in Closure if closure.value == name), None)
