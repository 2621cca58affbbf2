"""What a clinic has reported about a patient: read and opened once, then handed on to all that is derived from it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson
from pydantic import TypeAdapter

from app.exchange.hub import Hub
from app.messages.derive import Stated, of_enrolment
from app.messages.episodes import ACCEPTANCE, Report
from app.messages.treatment_status import TreatmentStatus
from app.storage import messages
from app.storage.database import Row, Transaction
from app.vocabulary import Element
from app.vocabulary.calendar import OPEN, instant_of_day
from app.vocabulary.codes import EnrolmentStatus, Epistemic

STATUS: Final = TypeAdapter(TreatmentStatus)


@dataclass(frozen=True, slots=True)
class _Stored:
    """A filed status as ``statuses.store`` seals it."""

    words: TreatmentStatus
    cases: tuple[str, ...]


_STORED: Final = TypeAdapter(_Stored)
_PLANNED: Final = (
    Stated(Element.ENROLMENT_ENGAGED, True, Epistemic.FACT, OPEN),
    Stated(Element.ENROLMENT_STATUS, EnrolmentStatus.PLANNED.value, Epistemic.FACT, OPEN),
)


class Week(NamedTuple):
    """A filed status as the derivation needs it: the cases it is restricted to, and what it says."""

    message: str
    cases: frozenset[str]
    status: TreatmentStatus

    def meets(self, first: int, last: int) -> bool:
        """Whether it speaks about a day from ``first`` to ``last`` (ordinals)."""
        return self.status.period.start.toordinal() <= last and self.status.period.end.toordinal() >= first


class Told(NamedTuple):
    """A report or an acceptance in force, opened. ``week`` is None for an acceptance."""

    position: int
    cases: frozenset[str]
    report: Report
    week: Week | None

    def stated_at(self) -> int:
        """The instant of which it can be said that all it states is later: when it was first filed or, if that is
        before, when its first day began. A correction stands in the place of what it corrects.
        """
        began = instant_of_day(self.week.status.period.start.toordinal()) if self.week is not None else self.position
        return max(0, min(self.position, began))


async def told(tx: Transaction, hub: Hub, unit: str, patient: str) -> list[Told]:
    """All that is in force about this patient at this clinic, in the order filed."""
    rows = await tx.all(messages.REPORTS, patient=patient, unit=unit)
    return [opened(hub, patient, row) for row in rows]


def told_by(status: TreatmentStatus, message: str, cases: frozenset[str], position: int) -> Told:
    """A status just filed, as it will be read again."""
    last = status.period.end.toordinal()
    report = Report(message, last, status.status, tuple(of_enrolment(status)))
    return Told(position, cases, report, Week(message, cases, status))


def with_filed(known: Sequence[Told], filed: Told, superseded: str | None) -> list[Told]:
    """What is in force once ``filed`` is, in the order of ``told``."""
    kept = [one for one in known if one.report.message != superseded]
    return sorted([*kept, filed], key=lambda one: (one.position, one.report.message))


def weeks_of(known: Iterable[Told], first: int, last: int) -> list[Week]:
    """The statuses that meet the days from ``first`` to ``last``, by their first day."""
    met = [one.week for one in known if one.week is not None and one.week.meets(first, last)]
    return sorted(met, key=lambda week: (week.status.period.start, week.message))


def opened(hub: Hub, patient: str, row: Row) -> Told:
    """A report or an acceptance of its stored row."""
    clear = hub.vault.text(row["sealed"], patient, row["id"], "message")
    if row["last_day"] == ACCEPTANCE:
        report = Report(row["id"], ACCEPTANCE, EnrolmentStatus.PLANNED, _PLANNED)
        return Told(row["position"], frozenset(orjson.loads(clear)["cases"]), report, None)
    stored = _STORED.validate_json(clear)
    return told_by(stored.words, row["id"], frozenset(stored.cases), row["position"])
