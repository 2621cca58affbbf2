"""The same question put to Rego: rules, profiles and consents are loaded beforehand; what is asked is the input."""

import json
from pathlib import Path
from typing import Any, Final

import regorus

from app.consent.ask import Facts
from app.consent.instrument import Clock, Instrument
from app.consent.verdict import Permit, Refusal
from app.vocabulary import COVERS, FINEST_ONLY, PURPOSES_OF_ROLE

RULES: Final = Path(__file__).with_name("rules.rego")
Answer = dict[str, tuple[str, str]]
"""Element -> ("under", id of the consent) or ("fell", the reason)."""


class Rego:
    """One world loaded; every call decides it anew."""

    def __init__(self, facts: Facts) -> None:
        self._engine = regorus.Engine()
        self._engine.add_policy("rules.rego", RULES.read_text())
        self._engine.add_data_json(json.dumps(_data(facts)))
        self._input = json.dumps(_input(facts))
        self.decide()  # the first evaluation prepares the rules

    def decide(self) -> dict[str, dict[str, str]]:
        """Every element asked about: the consent that it leaves under, or why it does not leave."""
        self._engine.set_input_json(self._input)
        answer: dict[str, dict[str, str]] = self._engine.eval_rule("data.decision.verdict")
        return answer

    def answer(self) -> Answer:
        """The same in the form that is compared."""
        return {element: next(iter(said.items())) for element, said in self.decide().items()}


def ours(verdict: Permit | Refusal) -> Answer:
    """What our own decision says of the one person, in that form."""
    (finding,) = verdict.findings
    covered = {str(element): ("under", instrument.id) for element, instrument in finding.covered.items()}
    return covered | {str(element): ("fell", str(reason)) for element, reason in finding.fell.items()}


def _input(facts: Facts) -> dict[str, Any]:
    ask = facts.ask
    asked = {name: getattr(ask, name) for name in ("unit", "role", "purpose", "case", "person")}
    events = {event.value: at for event, at in facts.events.items()}
    return asked | {"at": facts.at, "events": events, "elements": sorted(ask.elements)}


def _data(facts: Facts) -> dict[str, Any]:
    return {
        "consents": {one.id: _consent(one) for one in facts.instruments},
        "covers": {element: sorted(covered) for element, covered in COVERS.items()},
        "ladders": [list(ladder) for ladder in FINEST_ONLY],
        "purposes": {role: sorted(purposes) for role, purposes in PURPOSES_OF_ROLE.items()},
        "profiles": {
            name: {
                "written": {role: sorted(elements) for role, elements in profile.written.items()},
                "kinds": {
                    kind: {
                        "roles": sorted(rule.roles),
                        "purposes": sorted(rule.purposes),
                        "needs_condition": rule.needs_condition,
                    }
                    for kind, rule in profile.kinds.items()
                },
            }
            for name, profile in facts.profiles.items()
        },
    }


def _consent(one: Instrument) -> dict[str, Any]:
    same = ("id", "kind", "case", "profile", "effective_from", "superseded_at", "suspended", "entered_in_error")
    return {name: getattr(one, name) for name in (*same, "condition_imposed")} | {
        "complete": bool(one.notice_version and 0 < one.signed_at <= one.effective_from),
        "expiry": _clock(one.expiry),
        "revocable_from": _clock(one.revocable_from) if one.revocable_from is not None else None,
        "grants": [
            {
                "unit": grant.unit,
                "role": grant.role,
                "person": grant.person,
                "purposes": sorted(grant.purposes),
                "elements": sorted(grant.elements),
            }
            for grant in one.grants
        ],
        "revocations": [
            {
                "at": taken.requested_at,
                "unit": taken.unit,
                "role": taken.role,
                "elements": sorted(taken.elements) if taken.elements is not None else None,
                "purposes": sorted(taken.purposes) if taken.purposes is not None else None,
            }
            for taken in one.revocations
        ],
    }


def _clock(clock: Clock) -> dict[str, Any]:
    return {"at": clock.at, "event": clock.event.value if clock.event is not None else "none"}
