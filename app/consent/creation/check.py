"""Every check of a proposed consent, all reported at once, in the order of the form (domain rules 5.3)."""

from collections.abc import Callable, Iterator
from typing import Final

from app.consent.creation import grounds, parties, scope, times
from app.consent.creation.facts import CreationFacts
from app.consent.creation.form import Form, read_form
from app.consent.instrument import Grant
from app.consent.proposal import Proposal
from app.errors import Flaw
from app.vocabulary import Element, Purpose, Role

CHECKS: Final[tuple[Callable[[Form], Iterator[Flaw]], ...]] = (
    grounds.kind,
    grounds.lawful_basis,
    parties.subject,
    parties.disclosers,
    parties.recipients,
    parties.persons,
    parties.admitted,
    grounds.intermediary,
    parties.case,
    scope.purposes,
    scope.purposes_fit,
    scope.elements,
    scope.counselling_notes,
    scope.ceiling,
    times.time_zone,
    times.expiry,
    times.ending_event,
    times.revocable_from,
    times.duration,
    times.beginning,
    times.records,
    scope.statements,
    parties.earlier_consents,
)


def check(proposal: Proposal, world: CreationFacts) -> list[Flaw]:
    """Every flaw of the form: pointer, code, section and a sentence for the clerk. None: it may be offered for signing.

    Raises:
        ValueError: the clinic's own time zone is none; that is a fault of the registry, not of the form.
    """
    form = read_form(proposal, world)
    return [found for rule in CHECKS for found in rule(form)]


def grants(proposal: Proposal) -> tuple[Grant, ...]:
    """The recipients of a proposal without flaws, elements as written: the role ceiling is applied again at decision.

    Raises:
        ValueError: a code that ``check`` would have refused.
    """
    return tuple(
        Grant(
            unit=recipient.org_unit,
            role=Role(recipient.role),
            purposes=frozenset(map(Purpose, _own(recipient.purposes, proposal.purposes))),
            elements=frozenset(map(Element, _own(recipient.elements, proposal.elements))),
            person=recipient.person,
        )
        for recipient in proposal.recipients
    )


def _own(own: tuple[str, ...] | None, on_form: tuple[str, ...]) -> tuple[str, ...]:
    return on_form if own is None else own
