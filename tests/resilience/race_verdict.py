"""The verdict over races, from the database alone: what was recorded, for which request, and when it was committed."""

import json
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from tests.resilience.race import Narrowed, Race, Read
from tests.resilience.race_looks import of_item
from tests.storage.direct import connection

_ROWS: Final = """
SELECT c.request_id, d.instrument_id, d.unit_id, convert_from(d.entry, 'UTF8'), pg_xact_commit_timestamp(d.xmin), d.at
FROM disclosure d JOIN consultation c ON c.id = d.consultation_id
"""
OF_EVENTS: Final = "event:"
TRANSFER: Final = "transfer"


@dataclass(frozen=True, slots=True)
class Row:
    """One disclosure as recorded."""

    request: str
    instrument: str
    unit: str
    client: str
    purpose: str
    kind: str
    elements: frozenset[str]
    committed: datetime
    at: int
    """The instant by the service's own clock, in microseconds since 1970."""

    @property
    def spelt(self) -> str:
        """As ``race_looks.spelt`` spells what a body held."""
        if self.kind.startswith(OF_EVENTS):
            return f"{self.kind} {self.purpose}"
        return TRANSFER if self.kind == TRANSFER else of_item(self.kind, tuple(self.elements))


@dataclass
class Told:
    """What came of all races with one kind of act."""

    acts: int = 0
    races: int = 0
    won: int = 0
    """Reads in flight that recorded, and received, what was about to end."""
    lost: int = 0
    """Reads in flight that got nothing of it."""
    late: int = 0
    """Reads that began after the acknowledgement."""
    after_acknowledgement: int = 0
    """Disclosures of what had ended, committed after the acknowledgement: the fault that this looks for."""
    after_commit: int = 0
    """The same after the act's own commit, which is earlier."""
    late_with_items: int = 0
    """Late reads that were told, or that recorded, something of it."""
    unrecorded: int = 0
    """Reads that received something without a committed disclosure."""

    @property
    def faults(self) -> int:
        """What must be none."""
        return self.after_acknowledgement + self.after_commit + self.late_with_items + self.unrecorded


def recorded(url: str) -> list[Row]:
    """Every disclosure in the database."""
    with connection(url) as opened:
        found = opened.execute(_ROWS).fetchall()
    return [_row(*one) for one in found]


def _row(request: str, instrument: str, unit: str, entry: str, committed: datetime, at: int) -> Row:
    said: dict[str, Any] = json.loads(entry)
    elements = frozenset(said["elements"])
    return Row(request, instrument, unit, said["client"], said["purpose"], said["kind"], elements, committed, at)


def judge(races: Sequence[Race], rows: Iterable[Row]) -> dict[str, Told]:
    """What came of the races, by the kind of act."""
    record = _Record(rows)
    found: dict[str, Told] = {}
    acts: dict[str, set[int]] = defaultdict(set)
    for race in races:
        told = found.setdefault(race.writer, Told())
        acts[race.writer].add(race.act)
        told.races += 1
        record.weigh(race, told)
    for writer, told in found.items():
        told.acts = len(acts[writer])
    return found


class _Record:
    """The rows in the order committed, found by request, instrument, unit and client."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(rows, key=_committed):
            for key in (f"r {row.request}", f"i {row.instrument}", f"u {row.unit}", f"c {row.client}"):
                self._by[key].append(row)

    def weigh(self, race: Race, told: Told) -> None:
        """Add what came of one race."""
        got = {read.request for read in race.reads if self._got(read, race.narrowed)}
        won = sum(read.request in got for read in race.racing)
        told.won, told.lost = told.won + won, told.lost + len(race.racing) - won
        told.late += len(race.late)
        told.unrecorded += sum(bool(read.items - self._spelt(read)) for read in race.reads)
        if not race.void:
            told.late_with_items += sum(read.told or read.request in got for read in race.late)
            told.after_acknowledgement += self._since(race, race.stamp)
            told.after_commit += self._since(race, race.committed) if race.committed is not None else 0

    def _spelt(self, read: Read) -> Counter[str]:
        return Counter(row.spelt for row in self._by[f"r {read.request}"])

    def _got(self, read: Read, ends: Narrowed) -> bool:
        """Whether a read recorded something of what the act ended."""
        return (read.told or not ends.told) and any(_meets(row, ends) for row in self._by[f"r {read.request}"])

    def _since(self, race: Race, since: datetime) -> int:
        """How many disclosures of what the act ended were committed after an instant, by whichever read."""
        ends, told = race.narrowed, {read.request for read in race.reads if read.told}
        found = 0
        for key in _keys(ends):
            rows = self._by[key]
            first = bisect_right(rows, since, key=_committed)
            last = bisect_left(rows, race.until, key=_committed) if race.until is not None else len(rows)
            found += sum(_meets(row, ends) and (not ends.told or row.request in told) for row in rows[first:last])
        return found


def _committed(row: Row) -> datetime:
    return row.committed


def _keys(ends: Narrowed) -> list[str]:
    if ends.instruments is not None:
        return [f"i {one}" for one in sorted(ends.instruments)]
    return [f"u {one}" for one in sorted(ends.units)] if ends.units is not None else [f"c {ends.client}"]


def _meets(row: Row, ends: Narrowed) -> bool:
    return (
        (ends.instruments is None or row.instrument in ends.instruments)
        and (ends.units is None or row.unit in ends.units)
        and (ends.client is None or row.client == ends.client)
        and (ends.purposes is None or row.purpose in ends.purposes)
        and (ends.elements is None or not ends.elements.isdisjoint(row.elements))
    )


def table(found: dict[str, Told]) -> str:
    """The races in lines that can be pasted."""
    head = f"{'act':<24}{'acts':>6}{'races':>7}{'won':>7}{'lost':>7}{'late':>7}{'after ack':>11}{'after commit':>14}"
    lines = [head + f"{'late with items':>17}{'unrecorded':>12}"]
    for name, one in [*sorted(found.items()), ("all", added(found.values()))]:
        line = f"{name:<24}{one.acts:>6}{one.races:>7}{one.won:>7}{one.lost:>7}{one.late:>7}"
        line += f"{one.after_acknowledgement:>11}{one.after_commit:>14}"
        lines.append(line + f"{one.late_with_items:>17}{one.unrecorded:>12}")
    return "\n".join(lines)


def added(several: Iterable[Told]) -> Told:
    """All of them together."""
    total: Counter[str] = Counter()
    for one in several:
        total.update(asdict(one))
    return Told(**total)
