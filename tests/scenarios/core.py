"""The core driver: the same world as facts, the same steps as pure functions; no database and no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from pydantic import TypeAdapter

from app.consent.ask import Ask, Facts, Party, Restriction, Viewer
from app.consent.clocks import in_force_from
from app.consent.decide import decide
from app.consent.instrument import Instrument, Revocation
from app.consent.local_time import micros
from app.consent.profile import Profile
from app.consent.proposal import Proposal
from app.consent.restricting import spoken_since
from app.consent.verdict import Finding
from app.vocabulary import OUTBOUND, PURPOSES_OF_ROLE, CaseEvent, Element, Purpose, Role
from tests.scenarios.cast import STATED, actor, instant
from tests.scenarios.core_answers import leaving, reasons_of
from tests.scenarios.core_bases import order_of, weighed
from tests.scenarios.core_forms import Consenting
from tests.scenarios.reading import Scenario, Step
from tests.scenarios.stored import restored

BASE: Final = datetime(2026, 11, 24, 15, tzinfo=UTC)
EVERYTHING: Final[frozenset[Element]] = frozenset().union(*OUTBOUND.values())
PROPOSAL: Final = TypeAdapter(Proposal)


class Core:
    """One scenario under one profile, in memory."""

    def __init__(self, scenario: Scenario, profile: str, profiles: Mapping[str, Profile]) -> None:
        self.scenario = scenario
        self.profiles = profiles
        self.profile = profiles[f"{profile}@1"]
        self.at = self.began = BASE
        self.died: dict[str, date] = {}
        self.instruments: dict[str, Instrument] = {}
        self.events: dict[str, dict[CaseEvent, int]] = {}
        self.restrictions: tuple[Restriction, ...] = ()
        self.closed: frozenset[str] = frozenset()
        self.assigned = True
        self.leaves: list[frozenset[str]] = []
        """What left, ask by ask: another profile may let no more of it leave."""
        self.profile_of = self._profiles(profile)
        self.consenting = Consenting(self, profile)
        for label, spec in scenario.world.consents.items():
            self.consenting.give(label, spec)

    def of(self, name: str) -> tuple[str, Role]:
        """Unit and role of one of the sandbox's clients or of the scenario's own."""
        spec = self.scenario.world.units.get(name)
        if spec is None:
            return actor(name)
        return (self.of(spec["in"])[0] if "in" in spec else f"u-{name}"), actor(spec["like"])[1]

    def _profiles(self, short: str) -> dict[str, Profile]:
        """Unit -> its profile, of those that have one of their own."""
        found = {}
        for name, spec in self.scenario.world.units.items():
            overlay, own = spec.get("overlay", {}).get(short), f"{spec.get('profile', short)}@1"
            found[self.of(name)[0]] = self.profiles[f"{own}+{overlay}" if overlay else own]
        return found

    @property
    def now(self) -> int:
        """In microseconds."""
        return micros(self.at)

    def play(self) -> None:
        """Every step in order; an AssertionError names the first that does not come out as required."""
        short = self.profile.name.partition("@")[0]
        for step in self.scenario.under(short):
            where = f"{self.scenario.file}: {self.scenario.name}: step {step.id} under {short}"
            for verb, what in step.does.items():
                if verb not in ("http", "file", "operator", "order", "emergency", "passed"):
                    getattr(self, f"_{verb}")(what, step, where)

    def _core(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        for name, value in what.items():
            if name in ("order", "emergency", "profile", "overlay", "settings"):
                weighed(self, name, value, step, where)
            elif name in ("ask", "propose", "sign", "revoke", "event"):
                getattr(self, f"_{name}")(value, step, where)
            else:
                self._fact(name, value, step, where)

    def _fact(self, name: str, value: Any, step: Step, where: str) -> None:
        """What an act leaves behind in the facts of the next decision."""
        if name == "restrict":
            unit = self.of(value["to"])[0] if "to" in value else None
            lifted = instant(value["lifted"], self.at).date().toordinal() if "lifted" in value else None
            elements = frozenset(map(Element, value["elements"]))
            self.restrictions = (Restriction(value.get("of", "maria"), elements, unit, lifted),)
        elif name in ("suspended", "entered_in_error"):
            for label, flag in value.items():
                self.instruments[label] = replace(self.instruments[label], **{name: flag})
        elif name == "closed":
            self.closed = frozenset(self.of(one)[0] for one in value)
        elif name == "died":
            self.died |= {person: instant(at, self.at).date() for person, at in value.items()}
        elif name == "orders":
            for label, spec in value.items():
                if not weighed(self, "order", spec, step, where):
                    self.instruments[label] = order_of(self, label, spec)
        elif name == "gone":
            self.instruments = {label: one for label, one in self.instruments.items() if label not in value}
        elif name == "ended":
            for label in self.instruments.keys() & set(value):
                self.instruments[label] = replace(self.instruments[label], superseded_at=self.now)
        elif name == "assigned":
            self.assigned = value
        elif name == "consents":
            for label, spec in value.items():
                self.consenting.give(label, spec)
        elif name == "stored":
            for label, patch in value.items():
                self.instruments[label] = restored(self.instruments[label], patch, self.at, self.consenting.id_of)
        else:
            raise AssertionError(f"no such fact: {name}")

    def _stored(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        self._fact("stored", what, step, where)

    def _clock(self, what: str, step: Step, where: str) -> None:
        self.at = instant(what, self.at if what[0] in "+-" else BASE)

    def _event(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        if self.of(what.get("by", "judge"))[0] == self.consenting.referral_of(what.get("case", "X"))["imposing"]:
            happened = micros(instant(what.get("occurred", "now"), self.at))
            of_case = self.events.setdefault(what.get("case", "X"), {})
            code = CaseEvent(what["code"])
            of_case[code] = min(happened, of_case.get(code, happened))

    def _decline(self, what: str, step: Step, where: str) -> None:
        del self.consenting.proposed[what]

    def _propose(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        found = self.consenting.propose(what)
        assert found == set(step.then.get("reject", ())), f"{where}: {sorted(found)}"

    def _sign(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        flaws, missing = self.consenting.sign(what["consent"], what)
        assert flaws == set(step.then.get("reject", ())), f"{where}: {sorted(flaws)}"
        if not flaws:
            assert missing == list(step.then.get("missing", ())), f"{where}: {missing}"

    def _revoke(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        units = [self.of(one)[0] for one in what["recipients"]] if "recipients" in what else [None]
        elements = frozenset(map(Element, what["elements"])) if "elements" in what else None
        purposes = frozenset(map(Purpose, what["purposes"])) if "purposes" in what else None
        pending = False
        for label in what.get("consents", [one for one in self.instruments]):
            taken = tuple(Revocation(self.now, unit, elements, purposes) for unit in units)
            held = self.instruments[label]
            self.instruments[label] = replace(held, revocations=(*held.revocations, *taken))
            starts = in_force_from(held, taken[0], self.events.get(held.case or "", {}))
            pending = pending or starts > self.now
        assert ("pending" if pending else "in_force") == step.then.get("state", "in_force"), where

    def _ask(self, what: Mapping[str, Any], step: Step, where: str) -> None:
        unit, role = self.of(what["as"])
        purpose = Purpose(what.get("purpose", "condition_monitoring"))
        if purpose not in PURPOSES_OF_ROLE[role]:
            self.leaves.append(frozenset())
            assert step.then.get("refused") == [403, "purpose_not_for_role"], where
            return
        assert "refused" not in step.then, f"{where}: nothing in the core refuses it"
        case = what.get("case", "X")
        ask = Ask(unit, role, purpose, None if case == "none" else case, EVERYTHING, what.get("person"))
        narrow = decide(self._facts(ask, self._met(ask)))
        wide = decide(self._facts(ask, self.instruments.values()))
        stated = self._stated() - {str(one) for one in spoken_since(narrow.facts, "maria")}
        left = leaving(narrow, stated)
        assert left == leaving(wide, stated), f"{where}: an instrument of another unit or case opened something"
        self.leaves.append(frozenset().union(*left.values()))
        required = set(step.then["answer"])
        assert self.leaves[-1] == required, (
            f"{where}: {sorted(self.leaves[-1] ^ required)}, {reasons_of(wide.findings)}"
        )
        for label, elements in step.then.get("under", {}).items():
            assert left.get(label, set()) == set(elements), f"{where}: under {label}: {left}"
        self._why(step, narrow.findings or wide.findings, where)

    def _why(self, step: Step, findings: Iterable[Finding], where: str) -> None:
        reason = step.then.get("reason")
        if isinstance(reason, str | list):
            required = {reason} if isinstance(reason, str) else set(reason)
            assert required == reasons_of(findings), f"{where}: {reasons_of(findings)}"
        for element, code in (reason or {}).items() if isinstance(reason, dict) else ():
            fell = {str(finding.fell.get(Element(element))) for finding in findings}
            assert fell == {code}, f"{where}: {element}: {fell}"

    def _met(self, ask: Ask) -> list[Instrument]:
        """What storage reads for a decision: by recipient unit and case alone."""
        return [
            one
            for one in self.instruments.values()
            if (one.case or "") == (ask.case or "") and any(grant.unit == ask.unit for grant in one.grants)
        ]

    def _facts(self, ask: Ask, instruments: Iterable[Instrument]) -> Facts:
        here = ("u-clinic-harbor", "u-clinic-hillside", *self.profile_of)
        today = {unit: self.profile_of.get(unit, self.profile).name for unit in here}
        return Facts(
            ask,
            self.now,
            (told := tuple(instruments)),
            self.events.get(ask.case or "", {}),
            self.profiles,
            today,
            self.restrictions,
            Viewer(
                ask.unit, ask.case or "", "docket", ask.case or "", b"k", {one.id: self._party(one) for one in told}
            ),
            recipient_profile=self.profile_of.get(ask.unit, self.profile).name,
            assigned=self.assigned,
            closed=self.closed,
        )

    def _party(self, one: Instrument) -> Party:
        twin = self.scenario.world.people.get(one.patient, {}).get("as", one.patient)
        return Party(f"{twin} in {one.case}", one.patient, one.discloser, "A treatment provider")

    def _stated(self) -> frozenset[str]:
        filed = self.scenario.world.filed
        return (STATED | set(filed.get("plus", ()))) - set(filed.get("minus", ()))
