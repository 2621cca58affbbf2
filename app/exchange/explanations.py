"""What was recorded of a request, in words for the operator: internal reasons, which no caller is ever told."""

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import orjson

from app.consent.reason import Reason
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, read
from app.storage import disclosures
from app.storage.database import Reader, Row

WORDS: Final[Mapping[Reason, tuple[str, str]]] = MappingProxyType(
    {
        Reason.NO_INSTRUMENT: ("no consent names this unit in this case, or the case is unknown", "42 CFR 2.13(a)"),
        Reason.RULE_ERROR: ("a rule failed and therefore forbade; see the log", "domain rules 0"),
        Reason.ENTERED_IN_ERROR: ("the consent was found to be entered in error", "42 CFR 2.31(c)(4)"),
        Reason.RESTRICTED: ("the patient restricted it", "42 CFR 2.26"),
        Reason.SUSPENDED: ("the consent is suspended while it is in doubt", "domain rules 5.1"),
        Reason.DEFICIENT: ("the consent lacks a required part", "42 CFR 2.31(c)(2)"),
        Reason.PROFILE_UNKNOWN: (
            "the discloser's profile, or the one signed under, is not known here",
            "domain rules 0",
        ),
        Reason.KIND_UNKNOWN: ("the profile does not know this kind of consent", "domain rules 3.4"),
        Reason.ROLE_OUTSIDE_KIND: ("this kind of consent is not for this role", "42 CFR 2.33(a), 2.35(a)"),
        Reason.PURPOSE_OUTSIDE_KIND: ("this kind of consent is not for this purpose", "42 CFR 2.33(a), 2.35(a)"),
        Reason.PURPOSE_NOT_FOR_ROLE: ("the role may not state this purpose", "domain rules 3.3"),
        Reason.CONDITION_NOT_IMPOSED: ("treatment was not made a condition in this case", "42 CFR 2.35(a)"),
        Reason.OTHER_DISCLOSER: ("the consent is for another discloser", "42 CFR 2.31(a)(2)"),
        Reason.OTHER_CASE: ("the consent is for another case", "42 CFR 2.35(d)"),
        Reason.NOT_YET_EFFECTIVE: ("the consent is not in force yet", "42 CFR 2.31(c)(1)"),
        Reason.EXPIRED: ("the consent has expired", "42 CFR 2.31(a)(7), (c)(1)"),
        Reason.REVOKED: ("the patient took it back", "42 CFR 2.31(a)(6), 2.35(c)"),
        Reason.SUPERSEDED: ("a later consent took its place", "domain rules 5.1"),
        Reason.UNIT_NOT_NAMED: ("the consent does not name this unit", "42 CFR 2.31(a)(4)"),
        Reason.ROLE_NOT_NAMED: ("the consent names the unit in another role", "42 CFR 2.31(a)(4)"),
        Reason.PERSON_NOT_NAMED: (
            "the consent names one member of staff, who was not the Acting-User",
            "42 CFR 2.31(a)(4)",
        ),
        Reason.PURPOSE_NOT_GRANTED: ("the patient did not allow this purpose", "42 CFR 2.31(a)(5)"),
        Reason.ELEMENT_NOT_GRANTED: ("the patient did not allow this element", "42 CFR 2.31(a)(3)"),
        Reason.ABOVE_ROLE_CEILING: ("the profile never gives this element to this role", "domain rules 3.4"),
        Reason.FINER_STEP_LEAVES: ("a finer step of the same ladder left instead", "domain rules 4.1"),
    }
)
"""Reason -> what it means, and the rule behind it."""


async def explained(hub: Hub, request: str) -> Committed[list[str]]:
    """The lines about each consultation of a request, in order; none if it left no record."""

    async def flow(reader: Reader) -> list[str]:
        lines: list[str] = []
        for row in await reader.all(disclosures.OF_REQUEST, request=request):
            told = await reader.all(disclosures.OF_CONSULTATION, consultation=row["id"])
            lines += _lines(row, told)
        return lines

    return await read(hub, flow)


def _lines(row: Row, told: Any) -> list[str]:
    entry = orjson.loads(row["entry"])
    elements = Counter(element for one in told for element in orjson.loads(one["entry"])["elements"])
    lines = [
        f"{rfc3339(row['at'])} {entry['op']}",
        f"  unit      {entry['unit']}",
        f"  client    {entry['client']}",
        f"  role      {entry['role']}",
        f"  purpose   {entry['purpose']}",
        f"  outcome   {entry['outcome']}",
    ]
    # A case without any consent has no finding, and so no reason of its own.
    reasons = entry["reasons"] or ([Reason.NO_INSTRUMENT.value] if entry["outcome"] == "deny" else [])
    lines += [f"  because   {_because(reason)}" for reason in reasons]
    lines.append(f"  disclosed {len(told)}" + (":" if elements else ""))
    return lines + [f"    {element} ({times})" for element, times in sorted(elements.items())]


def _because(code: str) -> str:
    words = WORDS.get(Reason(code)) if code in set(Reason) else None
    return f"{code}: {words[0]} ({words[1]})" if words is not None else code
