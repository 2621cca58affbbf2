"""What a consent form was drawn up with: the proposal, and the names as they stood, sealed together.

A unit that is renamed later must not change the text that the patient signed, nor its hash.
"""

from dataclasses import asdict, dataclass
from typing import Any

import orjson
from pydantic import TypeAdapter

from app.consent.creation.grounds import article_of
from app.consent.proposal import Proposal
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.storage import registry
from app.storage.database import Reader, Row
from app.storage.sealing import DataKey
from app.vocabulary.calendar import day_of, monday

PROPOSAL = TypeAdapter(Proposal)


@dataclass(frozen=True, slots=True)
class Names:
    """The discloser's name, time zone and profile, and the names of the units on the form.

    ``profile`` is '' of a form of the first versions: there was only one, of 42 CFR part 2.
    """

    discloser: str
    time_zone: str
    units: dict[str, str]
    profile: str = ""


async def names_of(reader: Reader, caller: Caller, proposal: Proposal) -> Names:
    """The names as the registry has them now."""
    wanted = {caller.unit, *(recipient.org_unit for recipient in proposal.recipients)}
    rows = {unit: await reader.one(registry.UNIT, unit=unit) for unit in sorted(wanted)}
    units = {unit: _name(row) for unit, row in rows.items() if row is not None}
    zone = proposal.time_zone or caller.time_zone
    return Names(units.pop(caller.unit, caller.unit_name), zone, units, caller.profile)


def _name(row: Row) -> str:
    return row["name"] if row["name"] == row["agency_name"] else f"{row['name']}, {row['agency_name']}"


def seal(key: DataKey, consent: str, proposal: Proposal, names: Names) -> bytes:
    """The form and its names for the row of a consent."""
    frozen = asdict(names)
    form = {"proposal": orjson.loads(PROPOSAL.dump_json(proposal)), "names": frozen}
    return key.seal(form, "consent", consent)


def proposal_of(hub: Hub, row: Row) -> Proposal:
    """The form as it was proposed."""
    stored = _stored(hub, row)
    return PROPOSAL.validate_json(orjson.dumps(stored.get("proposal", stored)))


async def frozen_names(hub: Hub, reader: Reader, caller: Caller, row: Row) -> Names:
    """The names that the form was drawn up with; the registry's for a form of the first version, which kept none."""
    kept = _stored(hub, row).get("names")
    return Names(**kept) if kept is not None else await names_of(reader, caller, proposal_of(hub, row))


def _stored(hub: Hub, row: Row) -> dict[str, Any]:
    stored: Any = hub.vault.open(row["sealed"], "consent", row["id"])
    return dict(stored)


def ground_of(proposal: Proposal) -> str:
    """The legal ground beside an agreement, as the decision knows it: the paragraph of GDPR Art 6 and no free text.

    What the clinic wrote of the law stays sealed with the form.
    """
    return article_of(proposal.lawful_basis.article) if proposal.lawful_basis is not None else ""


def first_day(proposal: Proposal, referral: Row | None) -> int:
    """From which day on (ordinal) values may speak: the patient's choice, else the week of the referral, else 0."""
    if proposal.records_from is not None:
        return proposal.records_from.toordinal()
    return monday(day_of(referral["created_at"])) if referral is not None else 0
