"""A case that a court joins with another one, or hands over to another unit. No consent follows it.

A consent names its case and its recipients: after a joinder it says nothing in the other case, after a transfer nothing
to the new unit, until the patient amends it (42 CFR 2.35(d), 2.31(a)(4); domain rules, case 6). What changes is whose
events count. The clinic finds a review (``case_move_reviews``), so that it asks the patient.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import Flaw, Invalid
from app.exchange import assignments
from app.exchange import cases as flows
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.storage import case_moves, cases
from app.storage.database import Row, Transaction
from app.vocabulary import CaseEvent, CaseMove

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """What a unit says happened in a case; ``joined`` names another case of its own, ``transferred`` a unit."""

    code: CaseEvent | CaseMove
    occurred_at: int
    joined_with: str | None = None
    to_unit: str | None = None


def checked(report: Report) -> Report:
    """With exactly the members that its code asks for.

    Raises:
        Invalid: one is missing, or one says nothing here.
    """
    members = (
        ("/with", report.joined_with, report.code is CaseMove.JOINED),
        ("/to_unit", report.to_unit, report.code is CaseMove.TRANSFERRED),
    )
    detail = "The code joined, and it alone, names another case in with; transferred, and it alone, a unit in to_unit."
    flaws = [
        Flaw(pointer, "case_move_malformed", detail)
        for pointer, value, wanted in members
        if (value is not None) is not wanted
    ]
    if flaws:
        raise Invalid(tuple(flaws))
    return report


async def reported(hub: Hub, caller: Caller, case_id: str, report: Report, tx: Transaction) -> Body:
    """Keep what is reported. Only the imposing unit's has effect; every unit gets the same answer.

    Raises:
        NotFound: the unit has no such case.
        Invalid: it lies in the future, or names a case that the unit never registered, or no justice unit.
    """
    case = await flows.own(tx, caller.unit, case_id)
    if isinstance(report.code, CaseEvent):
        left = report.code is CaseEvent.ASSIGNMENT_ENDED  # whoever imposed the case: its own any unit may end
        also = [await assignments.leave(tx, caller.unit, case["case_key"])] if left else []
        return await flows.add_event(caller, case, report.code, report.occurred_at, tx, also)
    now = await tx.now()
    occurred = flows.happened(report.occurred_at, now)
    if report.to_unit is not None:
        await flows.require_justice_unit(tx, "/to_unit", report.to_unit)
        await _add(tx, caller, case, {"to_unit": report.to_unit}, occurred, now)
    if report.joined_with is not None:
        other = await tx.one(cases.VIEW, unit=caller.unit, case_id=report.joined_with)
        if other is None:
            detail = "Register the case first: POST /v1/cases gives its case_id."
            raise Invalid((Flaw("/with", "case_unknown", detail),))
        if other["case_key"] != case["case_key"]:
            for one, with_ in ((case, other), (other, case)):
                await _add(tx, caller, one, {"other": with_["case_key"]}, occurred, now)
    return {"status": "received"}


async def _add(
    tx: Transaction, caller: Caller, case: Row, moved: Mapping[str, str], occurred: int, received: int
) -> None:
    """Of a case that the caller does not impose, or hands to itself, nothing is kept: it would say nothing."""
    if case["imposing_unit"] != caller.unit or moved.get("to_unit") == caller.unit:
        return
    key, kind = case["case_key"], CaseMove.TRANSFERRED if "to_unit" in moved else CaseMove.JOINED
    when = {"occurred_at": occurred, "received_at": received}
    await tx.run(case_moves.ADD, id=secrets.token_hex(16), key=key, kind=kind.value, **moved, **when)
    if "to_unit" in moved:
        await tx.run(case_moves.HAND_OVER, key=key, unit=caller.unit, to_unit=moved["to_unit"])
