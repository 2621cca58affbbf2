"""What a consent form says, part by part (42 CFR 2.31(a), 2.35; domain rules 1.2, 5.2), in the words of a wording."""

from collections.abc import Iterator
from typing import Any, Final

from app.consent.creation.grounds import article_of
from app.consent.creation.scope import ANY_TIME
from app.consent.form.dates import day, ending, opening, when
from app.consent.form.facts import FormFacts
from app.consent.form.layout import Line, Part, plain
from app.consent.form.wording import Wording
from app.consent.laws import PART_2
from app.consent.proposal import RecipientOnForm
from app.vocabulary import COVERS, JUSTICE_ROLES, ConsentKind, Element, Purpose, Role

_OWN: Final = {ConsentKind.PROCEEDING: "proceeding", ConsentKind.COUNSELLING_NOTES: "notes"}


def contents(facts: FormFacts, wording: Wording) -> tuple[tuple[Part, ...], str]:
    """The parts of the form in their order, and its last line."""
    say = _Sayer(facts, wording.under(facts.law))
    makers = {
        "patient": say.patient,
        "discloser": say.disclosers,
        "recipients": say.recipients,
        "bounds": say.bounds,
        "duration": say.duration,
        "revocation": say.revocation,
        "protection": say.protection,
        "choice": say.choice,
        "signatures": say.signatures,
    }
    parts = tuple(Part(wording.headings[name], tuple(make())) for name, make in makers.items())
    return parts, wording.say("footer", consent=facts.consent, version=wording.version)


class _Sayer:
    def __init__(self, facts: FormFacts, wording: Wording) -> None:
        self.facts, self.wording, self.form = facts, wording, facts.proposal
        self.kind = ConsentKind(facts.proposal.kind)

    def _say(self, sentence: str, **filled: Any) -> Line:
        return Line(self.wording.say(sentence, **{name: plain(str(value)) for name, value in filled.items()}))

    def patient(self) -> Iterator[Line]:
        yield self._say("name", name=self.form.subject.name_on_form)
        yield self._say("kind", kind=self.wording.kinds[self.kind])

    def disclosers(self) -> Iterator[Line]:
        yield self._say("discloser", discloser=self.facts.discloser)
        if (basis := self.form.lawful_basis) is not None:
            yield from (
                self._say("lawful_basis", article=article_of(basis.article), law=basis.law),
                self._say("ground"),
            )

    def recipients(self) -> Iterator[Line]:
        for number, recipient in enumerate(self.form.recipients, 1):
            yield from self._recipient(number, recipient)
        yield from self._intermediary()
        yield self._say("nothing_else")

    def _intermediary(self) -> Iterator[Line]:
        if (between := self.form.intermediary) is not None:
            sentence = "intermediary" if between.members else "intermediary_treating"
            yield self._say(sentence, intermediary=between.name)
            units = [self._say("intermediary_member", unit=self.facts.units.get(u, u)) for u in between.members]
            yield from (Line(each.words, listed=True) for each in units)

    def _recipient(self, number: int, recipient: RecipientOnForm) -> Iterator[Line]:
        unit, role = self.facts.units.get(recipient.org_unit, recipient.org_unit), self.wording.roles
        yield self._say("recipient", number=number, unit=unit, role=role[Role(recipient.role)])
        if recipient.person is not None:
            yield self._say("person", person=recipient.person)
        stated = self.form.purposes if recipient.purposes is None else recipient.purposes
        yield self._say("purposes", purposes="; ".join(self.wording.purposes[p] for p in Purpose if p.value in stated))
        yield self._say("elements", number=number)
        named = frozenset(map(Element, self.form.elements if recipient.elements is None else recipient.elements))
        words = self.wording.elements
        covered = frozenset[Element]().union(*(COVERS[element] for element in named)) - named
        yield from (Line(words[element], listed=True) for element in Element if element in named)
        included = (self.wording.say("included", element=words[element]) for element in Element if element in covered)
        yield from (Line(one, listed=True) for one in included)

    def bounds(self) -> Iterator[Line]:
        if self.facts.case is None:
            yield self._say("no_case")
        else:
            type_, value = self.facts.case
            yield self._say("case", type=self.wording.case_types[type_], value=value)
        if self.facts.records_from is None:
            yield self._say("records_all", discloser=self.facts.discloser)
        else:
            yield self._say("records", date=day(self.wording, self.facts.records_from))

    def duration(self) -> Iterator[Line]:
        zone, starts = self.facts.time_zone, self.form.effective_from
        if starts is None:
            yield self._say("begins")
        else:
            yield self._say("begins_later", when=when(self.wording, starts, zone, "day_begins"))
        if self.form.expiry is not None:
            yield Line(ending(self.wording, self.form.expiry, zone))
        if self.form.duration_rationale is not None:
            yield self._say("rationale", rationale=self.form.duration_rationale)
        for consent in self.form.supersedes:
            yield self._say("supersedes", consent=consent)
        if self.form.additional:
            yield self._say("additional")

    def revocation(self) -> Iterator[Line]:
        if self.facts.revocation == ANY_TIME or self.form.revocable_from is None:
            yield self._say("revocable", discloser=self.facts.discloser)
        else:
            yield self._say("revocable_from", discloser=self.facts.discloser)
            yield Line(opening(self.wording, self.form.revocable_from, self.facts.time_zone))
        yield self._say("reliance")

    def protection(self) -> Iterator[Line]:
        yield self._say("protected")
        if self.kind in _OWN:
            yield self._say(_OWN[self.kind])
        if any(Role(recipient.role) in JUSTICE_ROLES for recipient in self.form.recipients):
            yield self._say("justice")
        if self.kind is ConsentKind.TPO and self.facts.law == PART_2:
            yield from (self._say("hipaa_redisclosure"), self._say("tpo_redisclosure"))
            yield self._say("tpo_refusal", discloser=self.facts.discloser)

    def choice(self) -> Iterator[Line]:
        for sentence in ("voluntary", "refusal", "advice", "understood", "copy"):
            yield self._say(sentence)

    def signatures(self) -> Iterator[Line]:
        for sentence in ("patient_signs", "representative_signs", "witness_signs", "interpreter_signs"):
            yield self._say(sentence)
