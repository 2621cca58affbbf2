"""Who the consent is between: patient, discloser, recipients, the case, and consents that it meets."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from app.consent.creation.form import Form, Recipient, admits
from app.consent.creation.sentences import flaw
from app.consent.instrument import Grant
from app.errors import Flaw
from app.vocabulary import JUSTICE_ROLES, KIND_OF_ROLE

STAFF_ID: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}")
"""What ``Acting-User`` can say of who asks: any other text on a form would never be met."""


def subject(form: Form) -> Iterator[Flaw]:
    """2.31(a)(1): the surname on record stands in the name on the form, as whole words; case and accents aside."""
    written = _words(form.proposal.subject.name_on_form)
    surname = "".join(_words(form.world.patient_sur_name) or _words(form.world.patient_given_name))
    if not written:
        yield flaw("/subject/name_on_form", "subject_name_missing")
    elif surname and not any(_begins_with(written[start:], surname) for start in range(len(written))):
        yield flaw("/subject/name_on_form", "subject_name_mismatch")


def _begins_with(words: list[str], name: str) -> bool:
    """Whole words only ("Li" is not in "Olivia"), however the name is divided ("O'Brien", "OBrien")."""
    joined = ""
    for word in words:
        joined += word
        if len(joined) >= len(name):
            break
    return joined == name


def _words(name: str) -> list[str]:
    bare = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return re.findall(r"\w+", bare.casefold())


def disclosers(form: Form) -> Iterator[Flaw]:
    """2.31(a)(2): the clinic that takes the consent is the one that discloses, and nobody else."""
    if not form.proposal.disclosers:
        yield flaw("/disclosers", "discloser_missing")
    for index, unit in enumerate(form.proposal.disclosers):
        if unit != form.world.unit:
            yield flaw(f"/disclosers/{index}", "creator_not_discloser")


def recipients(form: Form) -> Iterator[Flaw]:
    """2.31(a)(4): registered units, each in a role of its own agency; for justice never a class."""
    if not form.recipients:
        yield flaw("/recipients", "recipient_missing")
    for recipient in form.recipients:
        role, unit = recipient.role, recipient.written.org_unit
        registered = form.world.units.get(unit)
        if role is None:
            yield flaw(f"{recipient.pointer}/role", "role_unknown")
        if role in JUSTICE_ROLES and _is_class(unit):
            yield flaw(f"{recipient.pointer}/org_unit", "recipient_class_not_allowed_for_role")
        elif registered is None:
            yield flaw(f"{recipient.pointer}/org_unit", "recipient_not_registered_unit")
        elif role is not None and KIND_OF_ROLE[role] is not registered:
            yield flaw(f"{recipient.pointer}/role", "recipient_not_registered_unit")


def _is_class(unit: str) -> bool:
    name = unit.strip().casefold()
    return "*" in name or name in {"all", "any", "everyone"} or name.startswith(("class:", "all "))


def persons(form: Form) -> Iterator[Flaw]:
    """2.31(a)(4): a member of staff is named by the id under which they ask."""
    for recipient in form.recipients:
        if recipient.written.person is not None and not STAFF_ID.fullmatch(recipient.written.person):
            yield flaw(f"{recipient.pointer}/person", "person_malformed", recipient.number)


def admitted(form: Form) -> Iterator[Flaw]:
    """2.33(a), 2.35(a): a role that the kind is for; where a condition binds, its imposing or a supervising unit."""
    bound = form.rule is not None and form.rule.needs_condition
    outside = "role_outside_2_35" if bound else "role_outside_kind"
    for recipient in form.recipients:
        if recipient.role is not None and not admits(form.rule, recipient.role):
            yield flaw(f"{recipient.pointer}/role", outside)
        elif bound and form.referral is not None and recipient.written.org_unit in form.world.units:
            if recipient.written.org_unit not in form.referral.supervising_units | {form.referral.imposing_unit}:
                yield flaw(f"{recipient.pointer}/org_unit", outside)


def case(form: Form) -> Iterator[Flaw]:
    """2.35(a), (d): justice acts in one case, taken from a referral of this patient; 2.35 needs the condition.

    A kind that binds no case (2.33(a)(2)) names none: what is asked for under it is of no case, and would not be met.
    """
    bound = form.rule is not None and form.rule.needs_condition
    if form.proposal.referral_id is None:
        if form.owes_case:
            yield flaw("/referral_id", "action_missing")
    elif form.caseless:
        yield flaw("/referral_id", "action_unexpected")
    elif form.referral is None:
        yield flaw("/referral_id", "action_not_of_subject")
    elif bound and not form.referral.condition_imposed:
        yield flaw("/referral_id", "condition_not_imposed")
    elif bound and form.referral.ended:
        yield flaw("/referral_id", "action_ended")


def earlier_consents(form: Form) -> Iterator[Flaw]:
    """2.31(c), domain rules 6 case 11: two live consents to one recipient are never left to guesswork."""
    live = form.world.live
    for index, name in enumerate(form.proposal.supersedes):
        if name not in {consent.id for consent in live}:
            yield flaw(f"/supersedes/{index}", "supersedes_unknown")
    if form.proposal.additional or (form.proposal.referral_id is not None and form.referral is None):
        return
    bound_to = form.referral.case if form.referral is not None else None
    kept = [each for each in live if each.id not in form.proposal.supersedes and each.case == bound_to]
    for recipient in form.recipients:
        if any(_meets(recipient, grant) for consent in kept for grant in consent.grants):
            yield flaw(recipient.pointer, "consent_overlap_unresolved", recipient.number)


def _meets(recipient: Recipient, grant: Grant) -> bool:
    same = grant.unit == recipient.written.org_unit and grant.role is recipient.role
    return same and not grant.purposes.isdisjoint(recipient.purposes.values())
