"""Templates of consents: the form half filled in for a recipient unit and a purpose, one for each kind that fits."""

from typing import Any

from app.consent.creation.skeleton import Skeleton, skeletons
from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.unit import Committed, read
from app.storage import registry
from app.storage.database import Reader
from app.vocabulary import KIND_OF_ROLE, AgencyKind, Purpose, Role


async def offered(hub: Hub, caller: Caller, unit: str, purpose: Purpose, role: str | None) -> Committed[dict[str, Any]]:
    """Every template for this unit and purpose; of one role only, if it is named. None may fit: then the list is empty.

    Raises:
        Invalid: an unknown unit, or a role that no client of such a unit has.
    """

    async def flow(reader: Reader) -> dict[str, Any]:
        row = await reader.one(registry.UNIT, unit=unit)
        if row is None:
            raise Invalid((Flaw("", "unit_unknown", "No unit of this id is registered; see GET /v1/units."),))
        roles = _roles(AgencyKind(row["kind"]), role)
        found = skeletons(hub.profiles[caller.profile], caller.unit, unit, roles, purpose)
        return {
            "unit": {"id": unit, "name": row["name"]},
            "purpose": purpose.value,
            "items": [_shown(one) for one in found],
        }

    return await read(hub, flow)


def _roles(kind: AgencyKind, named: str | None) -> tuple[Role, ...]:
    own = tuple(role for role in Role if KIND_OF_ROLE[role] is kind)
    if named is None:
        return own
    chosen = tuple(role for role in own if role.value == named)
    if not chosen:
        detail = f"role is one of {', '.join(own)} for this unit."
        raise Invalid((Flaw("", "parameter_invalid", detail),))
    return chosen


def _shown(one: Skeleton) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "section": one.section,
        "role": one.role.value,
        "proposal": one.proposal,
        "elements_if_named": [element.value for element in one.if_named],
        "fill": [{"pointer": pointer, "required": required, "words": words} for pointer, required, words in one.fill],
    }
