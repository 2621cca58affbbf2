"""What may be told and why: elements, purposes, and the statements that the form owes (42 CFR 2.31(a)(3), (5), (6))."""

from collections.abc import Collection, Iterator
from typing import Final

from app.consent.creation.form import Form
from app.consent.creation.sentences import flaw
from app.consent.laws import PART_2, law_of
from app.consent.profile_kinds import PROCEEDINGS, purpose_allowed
from app.errors import Flaw
from app.vocabulary import PURPOSES_OF_ROLE, ConsentKind, Element, Purpose

ANY_TIME: Final = "any_time"
"""Revocation rule of a kind whose form must say how to revoke (42 CFR 2.31(a)(6))."""

NOTES: Final = Element.RESTRICTED_COUNSELLING_NOTES
NOTHING: Final[frozenset[Element]] = frozenset()
_ALONE: Final = {
    ConsentKind.PROCEEDING: "proceeding_consent_must_stand_alone",
    ConsentKind.COUNSELLING_NOTES: "counselling_notes_consent_must_stand_alone",
}
_EVERYTHING: Final = frozenset(
    {"all", "any", "everything", "all records", "entire record", "full record", "complete record", "whole record"}
)


def elements(form: Form) -> Iterator[Flaw]:
    """2.31(a)(3): named one by one from the closed list, on the form and, in part, for a recipient."""
    yield from _listed(form.proposal.elements, form.elements.keys(), "/elements")
    on_form = set(form.elements.values())
    for recipient in form.recipients:
        own = recipient.written.elements
        if own is None:
            continue
        yield from _listed(own, recipient.elements.keys(), f"{recipient.pointer}/elements")
        for pointer, element in recipient.elements.items():
            if element not in on_form:
                yield flaw(pointer, "recipient_element_not_on_form", recipient.number)


def _listed(written: tuple[str, ...], known: Collection[str], pointer: str) -> Iterator[Flaw]:
    if not written:
        yield flaw(pointer, "elements_empty")
    for index, name in enumerate(written):
        where = f"{pointer}/{index}"
        if _is_everything(name):
            yield flaw(where, "elements_wildcard")
        elif where not in known:
            yield flaw(where, "element_unknown")


def _is_everything(name: str) -> bool:
    words = " ".join(name.casefold().replace("_", " ").split())
    return "*" in words or words.removeprefix("the ") in _EVERYTHING


def counselling_notes(form: Form) -> Iterator[Flaw]:
    """2.31(b): beside anything else, counselling notes need an instrument of their own, and that is of nothing else."""
    alone = form.rule.elements if form.rule is not None and form.rule.stands_alone else None
    if alone is None and set(form.proposal.elements) == {NOTES.value}:
        return
    for pointer, element in form.elements.items():
        if element is NOTES if alone is None else element not in alone:
            yield flaw(pointer, "counselling_notes_consent_must_stand_alone")


def ceiling(form: Form) -> Iterator[Flaw]:
    """2.13(a), domain rules 2.5, 3.4: what a profile does not write for a role can never be named for it.

    The recipient's own profile counts beside the clinic's: the most protective wins.
    """
    for recipient in form.admitted:
        own = form.world.recipients.get(recipient.written.org_unit, form.world.profile)
        tops = [profile.written.get(recipient.role, NOTHING) for profile in (form.world.profile, own) if recipient.role]
        for pointer, element in recipient.elements.items():
            if any(element not in top for top in tops):
                yield flaw(pointer, "element_above_role_ceiling", recipient.number)


def purposes(form: Form) -> Iterator[Flaw]:
    """2.31(a)(5): coded purposes, on the form and, in part, for a recipient."""
    yield from _stated(form.proposal.purposes, form.purposes.keys(), "/purposes")
    on_form = set(form.purposes.values())
    for recipient in form.recipients:
        own = recipient.written.purposes
        if own is None:
            continue
        yield from _stated(own, recipient.purposes.keys(), f"{recipient.pointer}/purposes")
        for pointer, purpose in recipient.purposes.items():
            if purpose not in on_form:
                yield flaw(pointer, "recipient_purpose_not_on_form", recipient.number)


def _stated(written: tuple[str, ...], known: Collection[str], pointer: str) -> Iterator[Flaw]:
    if not written:
        yield flaw(pointer, "purpose_missing")
    for index in range(len(written)):
        if f"{pointer}/{index}" not in known:
            yield flaw(f"{pointer}/{index}", "purpose_unknown")


def purposes_fit(form: Form) -> Iterator[Flaw]:
    """2.31(d), 2.33(a): a proceeding stands alone; any other purpose fits the kind and the recipient's role."""
    wrong: set[Purpose] = set()
    for pointer, purpose in form.purposes.items():
        code = _unfit(form, purpose)
        if code:
            wrong.add(purpose)
            yield flaw(pointer, code)
    for recipient in form.admitted:
        stated = PURPOSES_OF_ROLE[recipient.role] if recipient.role else frozenset()
        if form.kind is ConsentKind.TPO and form.rule is not None:
            stated = form.rule.purposes  # one single consent for all three (2.33(a)(2)), whoever may state which
        own = form.world.recipients.get(recipient.written.org_unit)
        for pointer, purpose in recipient.purposes.items():
            barred = own is not None and form.kind is not None and not purpose_allowed(form.kind, purpose, own.settings)
            if purpose not in wrong and (purpose not in stated or barred):
                yield flaw(pointer, "purpose_role_mismatch")


def _unfit(form: Form, purpose: Purpose) -> str:
    """The code of a purpose that does not go with this kind; '' if it does."""
    fits = form.rule is None or purpose in form.rule.purposes
    alone = _ALONE.get(form.kind, "") if form.kind is not None and form.rule is not None else ""
    if alone:
        return "" if fits else alone
    mixed = not {each for each in form.proposal.purposes if each} <= {each.value for each in PROCEEDINGS}
    if mixed and purpose in PROCEEDINGS and (purpose is Purpose.PROCEEDING or not fits):
        return _ALONE[ConsentKind.PROCEEDING]
    return "" if fits else "purpose_role_mismatch"


def statements(form: Form) -> Iterator[Flaw]:
    """2.31(a)(4)(iii), (6), (10): what the form must tell the patient; under 2.35 the clock takes the place of (6)."""
    said = form.proposal.statements
    if form.rule is not None and form.rule.revocation == ANY_TIME and not said.revocation:
        yield flaw("/statements/revocation", "revocation_statement_missing")
    if form.kind is ConsentKind.TPO and law_of(form.world.profile.name) == PART_2:
        for name in ("hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal"):
            if not getattr(said, name):
                yield flaw(f"/statements/{name}", "tpo_statements_missing")
