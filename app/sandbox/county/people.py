"""Who lives in the county: a person, the unit that refers them, how the course went and what they allowed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final, TypeVar

from app.sandbox.county.course import Course
from app.sandbox.county.names import GIVEN, birth_date, surname
from app.sandbox.county.outcomes import SHARES, Outcome
from app.sandbox.county.weeks import Writer
from app.vocabulary import CaseEvent, CaseIdentifierType, Purpose, Role
from app.vocabulary.codes import Cadence, Stage

Card = TypeVar("Card")
DEFAULT_SEED: Final = 2026
DEFAULT_COUNT: Final = 500
CLINICS: Final = ("u-clinic-harbor", "u-clinic-hillside")


@dataclass(frozen=True, slots=True)
class Sender:
    """The justice unit that refers, as whom it reads, and what ends its case."""

    unit: str
    role: Role
    purpose: Purpose
    case_type: CaseIdentifierType
    event: CaseEvent
    imposes: bool = False

    @property
    def client(self) -> str:
        """Its sandbox client without the ``c-``."""
        return f"{self.unit.removeprefix('u-')}-{self.role.value.replace('_', '-')}"


_MONITOR, _T, _E = Purpose.CONDITION_MONITORING, CaseIdentifierType, CaseEvent
_POLICE: Final = Sender(
    "u-police-diversion", Role.POLICE_DIVERSION, Purpose.REFERRAL_COORDINATION, _T.DIVERSION, _E.CASE_DISMISSED
)
_PRETRIAL: Final = Sender("u-pretrial", Role.PRETRIAL_OFFICER, _MONITOR, _T.TRACKING, _E.CASE_DISMISSED, imposes=True)
_DEFERRING: Final = Sender("u-prosecutor", Role.PROSECUTOR_DEFERRING, _MONITOR, _T.ARREST_RECORD, _E.CASE_DISMISSED)
_JUDGE: Final = Sender("u-court-treatment", Role.JUDGE, _MONITOR, _T.DOCKET, _E.FINAL_DISPOSITION, imposes=True)
_TEAM: Final = Sender("u-court-treatment", Role.COURT_TEAM, _MONITOR, _T.DOCKET, _E.FINAL_DISPOSITION, imposes=True)
_FAMILY: Final = Sender("u-court-family", Role.JUDGE, _MONITOR, _T.DOCKET, _E.CASE_DISMISSED)
_ADULT: Final = Sender(
    "u-probation-adult", Role.PROBATION_OFFICER, _MONITOR, _T.SUPERVISION, _E.SENTENCE_COMPLETED, imposes=True
)
_PAROLE: Final = Sender(
    "u-probation-adult", Role.PAROLE_OFFICER, Purpose.RELEASE_PLANNING, _T.SUPERVISION, _E.RELEASE_ENDED
)
_STAGES: Final[tuple[tuple[Stage, Sender, int], ...]] = (
    (Stage.PRE_ARREST, _POLICE, 18), (Stage.PRETRIAL, _PRETRIAL, 14), (Stage.PRETRIAL, _DEFERRING, 8),
    (Stage.TRIAL, _JUDGE, 20), (Stage.TRIAL, _TEAM, 5), (Stage.TRIAL, _FAMILY, 5),
    (Stage.POST_SENTENCE, _ADULT, 17), (Stage.CUSTODY, _PAROLE, 6), (Stage.RELEASE, _PAROLE, 7),
)  # fmt: skip
"""Stage, sender, how many of a hundred."""
SUBSTANCES: Final = ("alcohol", "opioids", "cannabis", "cocaine", "ats", "sedatives")
CONSENTS: Final = {
    "standing": 46, "never_asked": 10, "refused": 10, "unsigned": 8, "revoked": 8, "narrowed": 5, "superseded": 7,
    "expiring": 6,
}  # fmt: skip
"""What a person decided about telling the sender, and how many of a hundred."""


@dataclass(frozen=True, slots=True)
class Resident:
    """One person. ``days`` are whole days from today to the hearing and to the day the case is due."""

    number: int
    seed: int
    given_name: str
    sur_name: str
    born: date
    language: str
    stage: Stage
    sender: Sender
    outcome: Outcome
    course: Course
    substance: str
    consent: str
    cadence: Cadence
    threshold: int | None
    days: tuple[int, int]


def people(seed: int = DEFAULT_SEED, count: int = DEFAULT_COUNT) -> tuple[Resident, ...]:
    """The first ``count`` people of a county; of a larger county of the same seed they are the first as well.

    Any whole hundred of them has the shares of ``outcomes.SHARES``, of the stages and of ``CONSENTS`` exactly.
    """
    found: list[Resident] = []
    for hundred in range((count + 99) // 100):
        rng = Random(f"{seed}/hundred {hundred}")  # noqa: S311  # a synthetic county has to be the same every time
        outcomes = _shuffled(rng, [one for one, share in SHARES.items() for _ in range(share)])
        stages = _shuffled(rng, [(stage, sender) for stage, sender, share in _STAGES for _ in range(share)])
        consents = _shuffled(rng, [one for one, share in CONSENTS.items() for _ in range(share)])
        for place in range(100):
            number = hundred * 100 + place
            found.append(_resident(seed, number, outcomes[place], stages[place], consents[place]))
    return tuple(found[:count])


def _resident(seed: int, number: int, outcome: Outcome, sent: tuple[Stage, Sender], consent: str) -> Resident:
    rng = Random(f"{seed}/person {number}")  # noqa: S311  # a synthetic county has to be the same every time
    first = rng.randrange(len(CLINICS))
    course = Writer(rng).course(outcome, (CLINICS[first], CLINICS[1 - first]))
    hearing = rng.randint(5, 60)
    return Resident(
        number,
        seed,
        rng.choice(GIVEN),
        surname(number),
        birth_date(number),
        rng.choice(("en",) * 15 + ("es",) * 4 + ("vi",)),
        *sent,
        outcome,
        course,
        rng.choice(SUBSTANCES),
        consent,
        rng.choice((Cadence.WEEKLY,) * 5 + (Cadence.FORTNIGHTLY,) * 3 + (Cadence.FOUR_WEEKLY, Cadence.PER_HEARING)),
        rng.choice((None, 1, 2, 2, 4, 6)),
        (hearing, hearing + rng.randint(30, 400)),
    )


def _shuffled(rng: Random, deck: list[Card]) -> Sequence[Card]:
    rng.shuffle(deck)
    return deck
