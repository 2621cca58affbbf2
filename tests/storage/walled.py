"""A seeded PostgreSQL database, and raw SQL on it as the role that answers justice callers."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg

from app.sandbox import steps
from app.sandbox.cluster import JUSTICE, SERVING, as_role
from app.sandbox.start import seed
from tests.service import world
from tests.storage.direct import rows

COURT: Final = ("u-court-treatment", "c-court-treatment-judge")
PROBATION: Final = ("u-probation-adult", "c-probation-adult-probation-officer")
"""A unit that the seeded consent names, and one that it does not; each with a client."""

HOUR_US: Final = 3_600_000_000


@dataclass(frozen=True)
class Walled:
    """The database of a court and a probation office with a case each; the court's patient allows the court alone."""

    url: str
    patient: str

    @contextlib.contextmanager
    def justice(self, proof: str | None = None, role: str = JUSTICE) -> Iterator[Any]:
        """A connection of that role in autocommit, with the pass as whoever gets at a session would set it."""
        with psycopg.connect(as_role(self.url, role), autocommit=True) as connection:
            if proof is not None:
                connection.execute("SELECT set_config('throughcare.pass', %s, false)", (proof,))
            yield connection

    @contextlib.contextmanager
    def serving(self) -> Iterator[Any]:
        """A connection of the serving role."""
        with self.justice(role=SERVING) as connection:
            yield connection

    def proof(self, holder: tuple[str, str], age: int = 0) -> str:
        """A pass that the key of this database signs, made so many microseconds ago."""
        unit, client = holder
        text = f"""
            WITH said AS (SELECT '{unit}|{client}|' || (clock_us() + 30000000 - {age}) AS text)
            SELECT text || '|' || encode(sha256(outer_pad || sha256(inner_pad || convert_to(text, 'UTF8'))), 'hex')
            FROM said, wall.key"""
        made: str = rows(self.url, text)[0][0]
        return made


@contextlib.contextmanager
def walled() -> Iterator[Walled]:
    """A database of its own, filled by what people do."""
    loop = asyncio.new_event_loop()
    place = world("postgresql")
    w = loop.run_until_complete(place.__aenter__())
    try:

        async def play() -> str:
            clinic = w.party("c-clinic-harbor-clinic-staff")
            case_id = await seed(w.party(COURT[1]), clinic)
            officer = w.party(PROBATION[1])
            await steps.register_case(officer, COURT[0], "docket", "CR-2026-0001")
            await steps.refer(officer, "u-clinic-harbor", await _case(officer), dict(steps_person()))
            await w.party(COURT[1]).get("/v1/events")
            await w.party(COURT[1]).get(steps.reading("treatment-statuses", case_id, "condition_monitoring"))
            found: str = rows(w.settings.database_url, "SELECT patient_id FROM consent")[0][0]
            return found

        yield Walled(w.settings.database_url, loop.run_until_complete(play()))
    finally:
        loop.run_until_complete(place.__aexit__(None, None, None))
        loop.close()


async def _case(officer: Any) -> str:
    return await steps.register_case(officer, PROBATION[0], "docket", "AP-2026-0007")


def steps_person() -> dict[str, str]:
    """Somebody else than the court's patient."""
    return {"given_name": "Robin", "sur_name": "Vale", "birth_date": "1979-05-05"}
