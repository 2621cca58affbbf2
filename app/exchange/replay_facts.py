"""The facts of a past decision, as they were known at an instant: what ``storage.facts`` read then, read again."""

from dataclasses import dataclass
from typing import Any, Final

from app.consent.ask import Ask, Facts, Party, Restriction, Viewer
from app.consent.instrument import Instrument
from app.consent.rules import known_at
from app.exchange.hub import Hub
from app.exchange.replay_reading import History, Span, StoredInstrument, StoredRestriction, elements_of
from app.storage.facts import remembered
from app.storage.instruments import load
from app.storage.withdrawals import named_person
from app.vocabulary import OUTBOUND, CaseEvent, Element, MessageKind, Purpose, Role

ALL: Final = tuple(kind.value for kind in MessageKind)


@dataclass(frozen=True, slots=True)
class Past:
    """A consultation as it was recorded: who asked what, when, and in which of its own cases."""

    id: str
    at: int
    unit: str
    role: Role
    purposes: tuple[Purpose, ...]
    case_ids: tuple[str, ...]
    kinds: tuple[str, ...]
    taxonomy: int
    person: str | None
    referral: str | None

    def ask(self, purpose: Purpose, case_key: str | None) -> Ask:
        """The question for one of its purposes, the case resolved."""
        kinds = [OUTBOUND[MessageKind(kind)] for kind in self.kinds]
        elements: frozenset[Element] = frozenset().union(*kinds) & known_at(self.taxonomy)
        return Ask(self.unit, self.role, purpose, case_key, elements, self.person, self.referral)


def facts_of(
    hub: Hub, past: Past, case_id: str, purpose: Purpose, history: History, known: int, *, closed_too: bool
) -> Facts:
    """The facts of one question, of what was known at ``known`` (microseconds, inclusive).

    ``closed_too``: recipients for whom nothing was left are looked at as well. The read itself passed them over, so
    that its record says ``no_instrument`` where this says why (docs/decisions/0031); what is permitted is the same.
    """
    case_key = history.view["case_key"] if history.view is not None else None
    looked_at = [
        one
        for one in history.instruments
        if one.row["activated_at"] <= known and (closed_too or not _since(one.row["closed_at"], known))
    ]
    read = [(one, _instrument(one, known)) for one in looked_at]
    bad = {(one.row["patient_id"], one.row["unit_id"]) for one, found in read if found is None}
    events: dict[CaseEvent, int] = {}
    for received, code, occurred in history.events:
        if received <= known:
            events[CaseEvent(code)] = min(occurred, events.get(CaseEvent(code), occurred))
    patients = {one.row["patient_id"] for one in looked_at}
    closed = frozenset(one.row["unit_id"] for one in looked_at if _since(one.row["discloser_closed_at"], known))
    return remembered(
        past.ask(purpose, case_key),
        past.at,
        tuple(found for _, found in read if found is not None),
        events,
        hub.profiles,
        ({one.row["unit_id"]: _profile(history, one.row["unit_id"], known) for one in looked_at}, closed),
        _restrictions(history, patients, known),
        _viewer(hub, past, case_id, history, looked_at),
        frozenset(bad),
        _profile(history, past.unit, known),
        _assigned(hub, past, history, known),
    )


def _since(at: int | None, known: int) -> bool:
    return at is not None and at <= known


def _during(span: Span, known: int) -> bool:
    return span[0] <= known and not _since(span[1], known)


def _instrument(one: StoredInstrument, known: int) -> Instrument | None:
    """None if it cannot be read: that forbids."""
    row, superseded = one.row, one.row["superseded_at"]
    # A later consent took effect when it was signed or later; the end of an order can be entered after it ended.
    seen = row["ended_at"] if row["ended_at"] is not None else superseded
    state = (
        superseded if _since(seen, known) else None,
        int(any(_during(span, known) for span in one.suspensions)),
        int(_since(one.entered_in_error_at, known)),
    )
    taken = tuple((requested, selection) for entered, requested, selection in one.revocations if entered <= known)
    try:
        return load(row["id"], row["patient_id"], row["unit_id"], row["facts"], row["version"], state, taken)
    except Exception:  # whatever is wrong with a stored document, it forbids
        return None


def _profile(history: History, unit: str, known: int) -> str:
    """The profile of the time; the first there ever was for any time before."""
    own = history.profiles.get(unit, ())
    then = [profile for since, profile in own if since <= known]
    return then[-1] if then else own[0][1] if own else ""


def _restrictions(history: History, patients: set[str], known: int) -> tuple[Restriction, ...]:
    return tuple(
        _restriction(one, known)
        for one in history.restrictions
        if one.patient in patients and _during(one.bound, known)
    )


def _restriction(one: StoredRestriction, known: int) -> Restriction:
    lifted = one.noticed[1] if one.noticed is not None and one.noticed[0] <= known else None
    return Restriction(one.patient, frozenset(map(Element, elements_of(one))), one.unit, lifted)


def _assigned(hub: Hub, past: Past, history: History, known: int) -> bool:
    said = [(person, until) for person, since, until in history.assignments if since <= known]
    now = {person for person, until in said if not _since(until, known)}
    own = named_person(hub.vault, past.unit, past.person) if past.person is not None else None
    return not said or "" in now or own in now


def _viewer(hub: Hub, past: Past, case_id: str, history: History, looked_at: list[StoredInstrument]) -> Viewer | None:
    if history.view is None:
        return None
    spelling: Any = hub.vault.open(history.view["sealed"], "case_view", past.unit, case_id)
    parties = {
        one.row["id"]: Party(one.row["ref"], one.row["pseudonym"], "", "")
        for one in looked_at
        if one.row["ref"] is not None
    }
    return Viewer("", case_id, spelling[0], spelling[1], hub.vault.view_key(past.unit), parties)
