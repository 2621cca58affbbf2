"""A decision that was made again, as an explanation: each instrument and each element, its rule, words and section.

An instrument and a patient are named only where ``named`` says so: what released nothing names nobody.
"""

from collections.abc import Callable, Iterable
from typing import Any

from app.consent.ask import Facts
from app.consent.decide import objection
from app.consent.form import Wording
from app.consent.in_force import names
from app.consent.instrument import Instrument
from app.consent.reason import Reason
from app.consent.said import because, section_of
from app.consent.verdict import Finding
from app.exchange.replay import Decided, Replayed
from app.exchange.times import rfc3339
from app.vocabulary import ConsentKind, Element

Words = dict[str, Any]


def whole(again: Replayed, wording: Wording, *, same: bool) -> Words:
    """Who asked what and when, and whether what was recorded of it is decided the same again."""
    past = again.past
    return {
        "at": rfc3339(past.at),
        "unit_id": past.unit,
        "role": past.role.value,
        "purposes": [purpose.value for purpose in past.purposes],
        "kinds": list(past.kinds),
        "decided_by": "rules",
        "same_as_recorded": same,
        "language": wording.language,
    }


def patients_of(
    found: Iterable[tuple[Decided, Finding]], wording: Wording, named: Callable[[str], bool]
) -> list[Words]:
    """Each finding: one patient of one discloser, for one purpose in one case."""
    return [_patient(decided, finding, wording, named=named(finding.patient)) for decided, finding in found]


def nothing(wording: Wording) -> Words:
    """What is said where no instrument named the unit in any case that was asked about."""
    reason = Reason.NO_INSTRUMENT
    section = section_of(reason, None, "")
    return {"reason": reason.value, "sentence": because(wording.language, "nothing", "", reason), "section": section}


def _patient(decided: Decided, finding: Finding, wording: Wording, *, named: bool) -> Words:
    facts = decided.shown.facts
    profile = facts.today.get(finding.discloser, "")
    own = [one for one in facts.instruments if (one.patient, one.discloser) == (finding.patient, finding.discloser)]
    elements = [
        _element(element, finding, wording, profile, named=named)
        for element in sorted({*finding.covered, *finding.fell})
    ]
    viewer = facts.viewer
    case = f"{viewer.case_type} {viewer.case_value}" if viewer is not None else ""
    shown: Words = {"patient_id": finding.patient, "case": case} if named else {}
    return shown | {
        "discloser": finding.discloser,
        "purpose": decided.purpose.value,
        "profile": profile,
        "instruments": [_instrument(one, facts, wording, named=named) for one in own],
        "elements": elements,
    }


def _instrument(one: Instrument, facts: Facts, wording: Wording, *, named: bool) -> Words:
    reason, profile = objection(one, facts), facts.today.get(one.discloser, "")
    what = because(wording.language, "court_order" if one.kind is ConsentKind.COURT_ORDER else "consent")
    frame = "speaks" if reason is None else "silent"
    shown: Words = {_id_of(one): one.id, "signed_at": rfc3339(one.signed_at)} if named else {}
    shown |= {"kind": one.kind.value, "speaks": reason is None, "profiles": names(one, facts).split()}
    shown |= {"reason": reason.value} if reason is not None else {}
    sentence = because(wording.language, frame, what, reason)
    return shown | {"sentence": sentence, "section": section_of(reason, one.kind, profile)}


def _element(element: Element, finding: Finding, wording: Wording, profile: str, *, named: bool) -> Words:
    under, reason = finding.covered.get(element), finding.fell.get(element)
    what = wording.elements[element]
    shown: Words = {"element": element.value, "allowed": under is not None}
    if under is None:
        shown |= {"reason": reason.value} if reason is not None else {}
        said = because(wording.language, "fell", what, reason)
        return shown | {"sentence": said, "section": section_of(reason, None, profile)}
    frame = "ordered" if under.kind is ConsentKind.COURT_ORDER else "covered"
    shown |= {_id_of(under): under.id} if named else {}
    section = section_of(None, under.kind, profile)
    return shown | {"sentence": because(wording.language, frame, what), "section": section}


def _id_of(one: Instrument) -> str:
    return "court_order_id" if one.kind is ConsentKind.COURT_ORDER else "consent_id"
