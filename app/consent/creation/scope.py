"""What may be told and why: elements, purposes, and the statements that the form owes (42 CFR 2.31(a)(3), (5), (6))."""

from collections.abc import Collection, Iterator
from typing import Final

from app.consent.creation.form import Form
from app.consent.creation.sentences import flaw
from app.errors import Flaw
from app.vocabulary import PURPOSES_OF_ROLE, ConsentKind, Element, Purpose

ANY_TIME: Final = "any_time"
"""Revocation rule of a kind whose form must say how to revoke (42 CFR 2.31(a)(6))."""

NOTES: Final = Element.RESTRICTED_COUNSELLING_NOTES
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
    """2.31(b): beside anything else, counselling notes need an instrument of their own."""
    if set(form.proposal.elements) != {NOTES.value}:
        for pointer, element in form.elements.items():
            if element is NOTES:
                yield flaw(pointer, "counselling_notes_consent_must_stand_alone")


def ceiling(form: Form) -> Iterator[Flaw]:
    """2.13(a), domain rules 3.4: what the profile does not write for a role can never be named for it."""
    for recipient in form.admitted:
        written = form.world.profile.written.get(recipient.role, frozenset()) if recipient.role else frozenset()
        for pointer, element in recipient.elements.items():
            if element not in written:
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
    alone = set(form.proposal.purposes) == {Purpose.PROCEEDING.value}
    for pointer, purpose in form.purposes.items():
        if purpose is Purpose.PROCEEDING and not alone:
            wrong.add(purpose)
            yield flaw(pointer, "proceeding_consent_must_stand_alone")
        elif form.rule is not None and purpose not in form.rule.purposes:
            wrong.add(purpose)
            yield flaw(pointer, "purpose_role_mismatch")
    for recipient in form.admitted:
        stated = PURPOSES_OF_ROLE[recipient.role] if recipient.role else frozenset()
        if form.kind is ConsentKind.TPO and form.rule is not None:
            stated = form.rule.purposes  # one single consent for all three (2.33(a)(2)), whoever may state which
        for pointer, purpose in recipient.purposes.items():
            if purpose not in stated | wrong:
                yield flaw(pointer, "purpose_role_mismatch")


def statements(form: Form) -> Iterator[Flaw]:
    """2.31(a)(4)(iii), (6), (10): what the form must tell the patient; under 2.35 the clock takes the place of (6)."""
    said = form.proposal.statements
    if form.rule is not None and form.rule.revocation == ANY_TIME and not said.revocation:
        yield flaw("/statements/revocation", "revocation_statement_missing")
    if form.kind is ConsentKind.TPO:
        for name in ("hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal"):
            if not getattr(said, name):
                yield flaw(f"/statements/{name}", "tpo_statements_missing")
