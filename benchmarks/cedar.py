"""The same question put to Cedar: consents are policies, parsed beforehand; an element is a resource of one request.

Cedar answers an element with yes or no and the policies that said yes. It knows neither a reason for a no nor a ladder
of which only the finest step leaves, so what is compared with it is which consents reach which element.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

import cedarpy

from app.consent.ask import Facts
from app.consent.instrument import Clock, Grant, Instrument, Revocation
from app.consent.taken import takes, touches
from app.consent.verdict import Permit, Refusal
from app.vocabulary import COVERS, PURPOSES_OF_ROLE, Element, Purpose

Answer = dict[str, frozenset[str]]
"""Element -> ids of the consents that it may leave under."""
ACTION: Final = 'Action::"read"'


class Cedar:
    """One world loaded; every call decides it anew."""

    def __init__(self, facts: Facts) -> None:
        made = [policy for one in facts.instruments for policy in _policies(one, facts)]
        self._names = {f"policy{number}": name for number, (name, _) in enumerate(made)}
        self._policies = cedarpy.PolicySet.from_str("\n".join(text for _, text in made))
        self._entities = cedarpy.Entities.from_json_str(json.dumps(list(_entities(facts))))
        self._elements = sorted(facts.ask.elements)
        self._requests = [_request(element, facts) for element in self._elements]

    def decide(self) -> list[Any]:
        """One answer an element."""
        answers: list[Any] = cedarpy.is_authorized_batch(self._requests, self._policies, self._entities)
        return answers

    def answer(self) -> Answer:
        """The same in the form that is compared."""
        said = zip(self._elements, self.decide(), strict=True)
        return {
            str(element): frozenset(self._names[policy] for policy in one.diagnostics.reasons)
            for element, one in said
            if one.allowed
        }


def ours(verdict: Permit | Refusal) -> Answer:
    """What our own decision says of the one person, in that form."""
    (finding,) = verdict.findings
    reached: dict[str, frozenset[str]] = {}
    for instrument, elements in finding.choices:
        for element in elements:
            reached[str(element)] = reached.get(str(element), frozenset()) | {instrument.id}
    return reached


def _request(element: Element, facts: Facts) -> dict[str, Any]:
    ask = facts.ask
    context: dict[str, Any] = {"role": str(ask.role), "purpose": str(ask.purpose), "case": ask.case, "at": facts.at}
    context |= {"person": ask.person} if ask.person is not None else {}
    context["events"] = {event.value: at for event, at in facts.events.items()}
    unit, resource = json.dumps(ask.unit), json.dumps(str(element))
    return {"principal": f"Unit::{unit}", "action": ACTION, "resource": f"Element::{resource}", "context": context}


def _entities(facts: Facts) -> Iterator[dict[str, Any]]:
    """A coarser step is a child of every finer one, for a consent to the finer covers it."""
    (today,) = (facts.profiles[name] for name in facts.today.values())
    for element in Element:
        finer = [other for other in Element if other is not element and element in COVERS[other]]
        yield {
            "uid": {"type": "Element", "id": str(element)},
            "attrs": {"written": sorted(str(role) for role, elements in today.written.items() if element in elements)},
            "parents": [{"type": "Element", "id": str(other)} for other in finer],
        }


def _policies(one: Instrument, facts: Facts) -> Iterator[tuple[str, str]]:
    """(id of the consent, a permit) for each of its grants; a revocation splits a permit in before and after."""
    profile = facts.profiles.get(one.profile)
    rule = profile.kinds.get(one.kind) if profile is not None else None
    sound = one.notice_version and 0 < one.signed_at <= one.effective_from
    if rule is None or one.suspended or one.entered_in_error or not sound or one.case is None:
        return
    if rule.needs_condition and not one.condition_imposed:
        return
    standing = [
        f"context.case == {json.dumps(one.case)}",
        f"context.at >= {one.effective_from}",
        _before(one.expiry),
        f"{json.dumps(sorted(rule.roles))}.contains(context.role)",
        f"{json.dumps(sorted(rule.purposes))}.contains(context.purpose)",
        "resource.written.contains(context.role)",
    ]
    standing += [f"context.at < {one.superseded_at}"] if one.superseded_at is not None else []
    for grant in one.grants:
        may = grant.purposes & PURPOSES_OF_ROLE[grant.role]
        for purpose in sorted(may):
            for elements, when in _parts(one, grant, purpose):
                if elements:
                    yield one.id, _permit(grant, purpose, elements, [*standing, *when])


def _parts(one: Instrument, grant: Grant, purpose: Purpose) -> Iterator[tuple[frozenset[Element], list[str]]]:
    about = [taken for taken in one.revocations if touches(taken, grant, purpose)]
    if not about:
        yield grant.elements, []
        return
    (taken,) = about  # the worlds have at most one a consent
    opened = _in_force(taken, one.revocable_from)
    yield grant.elements, [f"!({opened})"]
    yield frozenset(element for element in grant.elements if not takes(taken, element)), [opened]


def _permit(grant: Grant, purpose: Purpose, elements: frozenset[Element], when: list[str]) -> str:
    resource = " || ".join(f"resource in Element::{json.dumps(str(element))}" for element in sorted(elements))
    own = [f"context.role == {json.dumps(str(grant.role))}", f"context.purpose == {json.dumps(str(purpose))}"]
    own += [f"context has person && context.person == {json.dumps(grant.person)}"] if grant.person is not None else []
    conditions = " && ".join(f"({condition})" for condition in [*own, *when, resource])
    return (
        f"permit (principal == Unit::{json.dumps(grant.unit)}, action == {ACTION}, resource) when {{ {conditions} }};"
    )


def _before(clock: Clock) -> str:
    parts = [f"context.at < {clock.at}"] if clock.at is not None else []
    if clock.event is not None:
        name = clock.event.value
        parts.append(f"!(context.events has {name}) || context.at < context.events.{name}")
    return " && ".join(f"({part})" for part in parts) or "true"


def _in_force(taken: Revocation, opens: Clock | None) -> str:
    asked = f"context.at >= {taken.requested_at}"
    return asked if opens is None else f"{asked} && !({_before(opens)})"
