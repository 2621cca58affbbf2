"""How the form was offered: in which language, under no pressure, and not while the patient was unfit (domain 5.2)."""

import re
from collections.abc import Iterator
from typing import Final

from app.consent.instrument import Instant
from app.consent.local_time import micros
from app.consent.proposal import Proposal
from app.consent.signature import Signing
from app.consent.signing.consenters import CONSENTING, ESTABLISHED, interpreted, same_language
from app.consent.signing.sentences import flaw
from app.errors import Flaw
from app.vocabulary import JUSTICE_ROLES, ConsentKind

_TAG: Final = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}", re.ASCII)


def language_of(signing: Signing, proposal: Proposal) -> Iterator[Flaw]:
    """2.22: the form that was signed is in the language of the consent, or an interpreter took part, who is named."""
    if signing.form is not None and not interpreted(signing):
        if not same_language(signing.form.language, proposal.language):
            yield flaw("/form/language", "language_mismatch")
    if signing.interpreter_language is not None:
        if not _TAG.fullmatch(signing.interpreter_language):
            yield flaw("/interpreter_language", "interpreter_language_malformed")
        elif not interpreted(signing):
            yield flaw("/interpreter_language", "interpreter_missing")


def unpressed(signing: Signing, proposal: Proposal) -> Iterator[Flaw]:
    """2.31(c)(4), domain rules 3.3: refusing to share with justice is not refusing treatment, and must not cost it.

    Nor may treatment be conditioned on a consent to counselling notes, whoever gets them (2.31(b)(3)).
    """
    told = signing.pressure_declaration
    justice = {role.value for role in JUSTICE_ROLES}
    if told is not None and not told.treatment_not_dependent:
        notes = proposal.kind == ConsentKind.COUNSELLING_NOTES
        if notes or any(recipient.role in justice for recipient in proposal.recipients):
            yield flaw("/pressure_declaration/treatment_not_dependent", "consent_not_voluntary")


def offered_again(signing: Signing, stored: int, unfit: tuple[Instant, ...], reoffer: int) -> Iterator[Flaw]:
    """Domain rules 5.2: who was found intoxicated or in withdrawal is asked again, but not at once.

    ``stored`` counts the signatures of earlier calls; ``reoffer`` is in microseconds.
    """
    capacity = signing.capacity
    if capacity is not None and capacity.status in ESTABLISHED and _soon(micros(capacity.at), unfit, reoffer):
        yield flaw("/capacity/at", "reoffer_too_early")
    for index, signature in enumerate(signing.signatures[stored:]):
        if signature.role in CONSENTING and _soon(micros(signature.signed_at), unfit, reoffer):
            yield flaw(f"/signatures/{index}/signed_at", "reoffer_too_early")


def _soon(at: Instant, unfit: tuple[Instant, ...], reoffer: int) -> bool:
    return any(found <= at < found + reoffer for found in unfit)
