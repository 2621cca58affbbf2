"""What goes with every disclosed item (42 CFR 2.32; LED Art 9(3)): the notice, the scope, the limits of use."""

from collections.abc import Container
from typing import Any, Final

from app.consent.ask import Facts, Party, Viewer
from app.consent.decide import reach
from app.consent.instrument import Clock, Instrument
from app.consent.orders import SEALED
from app.consent.restricting import left_by
from app.vocabulary import ConsentKind, Element

READ_AGAIN: Final = (
    "Read again before each use. What is absent is no longer confirmed and must not be treated as current. "
    "What you hold stays bound by this use limit."
)
MEANING: Final = (
    "Only what the patient currently allows is shown. An empty list says nothing about whether a person is known, "
    "attends or complies, and must not be treated as non-compliance."
)
ORDERED: Final = (
    "This record is released under an order of a court ({rule}) and not under a consent of the patient. Only the "
    "persons that the order names may use it, only for the proceeding that it names. No other use or disclosure is "
    "permitted."
)

_PROVIDER: Final = str(Element.ENROLMENT_PROVIDER)


class Terms:
    """What goes with the items of one parcel; items under the same instruments go with the same obligations."""

    def __init__(self, facts: Facts, viewer: Viewer) -> None:
        self.facts = facts
        self.viewer = viewer
        self.case = {"case_id": viewer.case_id, "type": viewer.case_type, "value": viewer.case_value}
        self._instruments = {instrument.id: instrument for instrument in facts.instruments}
        self._said: dict[tuple[str, ...], dict[str, Any]] = {}

    def obligations(self, discloser: str, name: str, used: list[str]) -> dict[str, Any]:
        """The obligations of one item: golden text of the profile, and one scope for each instrument used, by id.

        ``discloser`` is its unit id, ``name`` what the recipient may know it by.
        """
        key = (discloser, name, *used)
        if key not in self._said:
            self._said[key] = {
                "notice": self._notice(discloser, used),
                "use_limit": use_limit(self.viewer),
                "read_again": READ_AGAIN,
                "scope": [scope(self._instruments[one], name, self.facts, self.viewer) for one in used],
            }
        return self._said[key]

    def _notice(self, discloser: str, used: list[str]) -> str:
        """The profile's notice goes with what a consent allows, a banner of its own with what a court ordered."""
        ordered = [i for one in used if (i := self._instruments[one]).kind is ConsentKind.COURT_ORDER]
        banners = dict.fromkeys(banner(order) for order in ordered)
        own = [self.facts.profiles[self.facts.today[discloser]].notice] if len(ordered) < len(used) else []
        return "\n\n".join([*own, *banners])


def banner(order: Instrument) -> str:
    """What goes with everything that leaves under an order of a court (42 CFR 2.64(e), 2.65(e), 2.66(d))."""
    rule = order.lawful_basis.removesuffix(SEALED)
    sealed = " The court has ordered it to be kept under seal." if order.lawful_basis.endswith(SEALED) else ""
    return ORDERED.format(rule=rule) + sealed


def use_limit(viewer: Viewer) -> str:
    """The sentence that binds the recipient to its official duties in this case."""
    return f"Use only for official duties in case {viewer.case_type} {viewer.case_value}; no onward use beyond it."


def scope(instrument: Instrument, name: str, facts: Facts, viewer: Viewer) -> dict[str, Any]:
    """A clear explanation of the consent's scope, of only what it now grants this recipient (42 CFR 2.32(b))."""
    extract: dict[str, Any] = {
        "discloser": name,
        "recipient": {"unit": viewer.unit_name, "role": facts.ask.role.value},
        "purpose": facts.ask.purpose.value,
        "elements": sorted(element.value for element in _given(instrument, facts)),
        "ends": _clock(instrument.expiry),
    }
    if instrument.kind is ConsentKind.COURT_ORDER:
        extract["basis"] = instrument.kind.value
    if instrument.kind is ConsentKind.CJS_2_35 and instrument.revocable_from is not None:
        extract["revocable_from"] = _clock(instrument.revocable_from)
    return extract


def _given(instrument: Instrument, facts: Facts) -> frozenset[Element]:
    """What it gives, less what a standing restriction takes: to name that here would tell that it is kept back."""
    given = reach(instrument, facts)
    return left_by(((instrument, given),), facts, instrument.patient)[0][1] if facts.restrictions else given


def discloser(party: Party, elements: Container[str]) -> str:
    """The discloser's name where ``enrolment.provider`` is permitted, else its neutral alias."""
    return party.discloser_name if _PROVIDER in elements else party.discloser_alias


def _clock(clock: Clock) -> dict[str, str]:
    words: dict[str, str] = {}
    if clock.event is not None:
        words["event"] = clock.event.value
    if clock.shown:
        words["backstop" if clock.event is not None else "date"] = clock.shown
    return words
