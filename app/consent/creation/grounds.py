"""On what ground the form stands: its kind, the law beside an agreement, and who passes the information on."""

import re
from collections.abc import Iterator
from typing import Final

from app.consent.creation.form import Form
from app.consent.creation.sentences import flaw
from app.consent.proposal import Intermediary
from app.errors import Flaw
from app.vocabulary import KIND_OF_ROLE, AgencyKind, ConsentKind

TREATING: Final = "treating_providers"
"""The only class that may stand for members of an intermediary (42 CFR 2.31(a)(4)(ii)(B))."""
_TREATS: Final = frozenset({AgencyKind.CLINIC, AgencyKind.PRISON_HEALTH})
_MOST: Final = 200
_BESIDE: Final = re.compile(r"gdpr|art(?:icle|\.)?|\s")


def kind(form: Form) -> Iterator[Flaw]:
    """2.31: a kind that the profile carries; research goes by no consent of this service (2.52)."""
    if form.kind is ConsentKind.RESEARCH:
        yield flaw("/kind", "kind_without_route")
    elif form.rule is None:
        yield flaw("/kind", "kind_unknown")


def lawful_basis(form: Form) -> Iterator[Flaw]:
    """GDPR 6, recital 43; LED 8: an agreement is a safeguard and no ground, so the form names the law that is.

    Where consent is the ground there is no other: a law on the form would tell the patient that refusing is in vain.
    """
    if form.rule is None:
        return
    basis, settings = form.proposal.lawful_basis, form.world.profile.settings
    if settings.get("consent_is_lawful_basis") == "yes":
        if basis is not None:
            yield flaw("/lawful_basis", "lawful_basis_unexpected")
        return
    if basis is None:
        if form.kind is ConsentKind.AGREEMENT:
            yield flaw("/lawful_basis", "lawful_basis_missing")
        return
    for name, written in (("article", basis.article), ("law", basis.law)):
        if not written.strip():
            yield flaw(f"/lawful_basis/{name}", "lawful_basis_missing")
        elif len(written) > _MOST:
            yield flaw(f"/lawful_basis/{name}", "lawful_basis_too_long")
    if basis.article.strip() and article_of(basis.article) not in map(article_of, form.rule.gdpr_basis):
        yield flaw("/lawful_basis/article", "lawful_basis_unknown")


def article_of(written: str) -> str:
    """A paragraph of GDPR Art 6 as ``6(1)(e)``, whatever stands around it."""
    return _BESIDE.sub("", written.casefold())


def intermediary(form: Form) -> Iterator[Flaw]:
    """2.31(a)(4)(ii): who passes it on is named, and its members are; a class only of those who treat the patient."""
    between = form.proposal.intermediary
    if between is None:
        return
    if not between.name.strip():
        yield flaw("/intermediary/name", "intermediary_name_missing")
    if not between.members and between.member_class is None:
        yield flaw("/intermediary/members", "intermediary_members_missing")
    named = {recipient.org_unit for recipient in form.proposal.recipients}
    for index, unit in enumerate(between.members):
        if unit not in named:
            yield flaw(f"/intermediary/members/{index}", "intermediary_member_no_recipient")
    if not _class_allowed(form, between):
        yield flaw("/intermediary/member_class", "recipient_class_not_allowed_for_role")


def _class_allowed(form: Form, between: Intermediary) -> bool:
    """No class, or that of treating providers on a form where it stands for all whom no member names."""
    if between.member_class is None:
        return True
    unnamed = [one for one in form.recipients if one.written.org_unit not in between.members and one.role is not None]
    treat = all(one.role is not None and KIND_OF_ROLE[one.role] in _TREATS for one in unnamed)
    return between.member_class == TREATING and treat
