"""Forms and signatures of the core driver: the creation and signing checks, and the instrument that comes of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from app.consent.creation import CreationFacts, LiveConsent, ReferralFacts, check, grants
from app.consent.instrument import Clock, Grant, Instrument
from app.consent.local_time import resolve, resolve_start, zone_of
from app.consent.profile import Profile
from app.consent.proposal import Proposal
from app.consent.signature import Signing
from app.consent.signing import (
    Person,
    SigningFacts,
    effective_from,
    flaws_of_missing,
    flaws_of_signing,
    represented_until,
    still_missing,
)
from app.consent.taken import remaining
from app.exchange.signers import table_of
from app.vocabulary import VERSION, AgencyKind, ConsentKind
from app.vocabulary.calendar import Frame, Grid
from tests.scenarios.cast import BIRTH, actor, instant, kind_of, referral, signing
from tests.scenarios.forms import form_of
from tests.scenarios.stored import restored
from tests.scenarios.zones import born

if TYPE_CHECKING:
    from tests.scenarios.core import Core

ZONE: Final = "America/Chicago"
PROPOSAL: Final = TypeAdapter(Proposal)
SIGNING: Final = TypeAdapter(Signing)
_HOUR: Final = 3_600_000_000
FIRST_WEEK: Final = "2026-10-05"


class Consenting:
    """What a clinic does with forms in one scenario."""

    def __init__(self, table: "Core", profile: str) -> None:
        self.table = table
        self.profile = profile
        self.proposed: dict[str, tuple[Proposal, Mapping[str, Any]]] = {}
        self.referrals: dict[str, dict[str, Any]] = {}
        for label, spec in (table.scenario.world.referrals or {"R": {}}).items():
            by, to = self.table.of(spec.get("by", "judge"))[0], self.table.of(spec.get("to", "clinic"))[0]
            words = {name: value for name, value in spec.items() if name not in ("by", "to", "of", "case", "imposing")}
            known = {"case": spec.get("case", "X"), "of": spec.get("of", "maria"), "to": to}
            known["imposing"] = self.table.of(spec["imposing"])[0] if "imposing" in spec else by
            imposed = by == known["imposing"] and (referral(table.at) | words)["condition_imposed"]
            self.referrals[label] = referral(table.at) | words | known | {"imposed": imposed}

    def referral_of(self, case: str) -> Mapping[str, Any]:
        """The first referral in a case."""
        return next(one for one in self.referrals.values() if one["case"] == case)

    def id_of(self, name: str) -> str:
        """The core driver knows everything by the scenario's own names."""
        if name.startswith("name of "):
            return f"{name.removeprefix('name of ').title()} Lopez"
        if name.startswith("unit of "):
            return self.table.of(name.removeprefix("unit of "))[0]
        return FIRST_WEEK if name == "first week" else name

    def propose(self, spec: Mapping[str, Any]) -> set[str]:
        """The codes of every flaw; without one it is there to be signed."""
        label = spec.get("label", "new")
        plain = {name: value for name, value in spec.items() if name != "label"}
        form = form_of(plain, self.profile, self.id_of, self.table.at)
        proposal = PROPOSAL.validate_python(form)
        flaws = {flaw.code for flaw in check(proposal, self.creation(proposal, plain))}
        if not flaws:
            self.proposed[label] = proposal, plain
        return flaws

    def sign(self, label: str, changes: Mapping[str, Any]) -> tuple[set[str], list[str]]:
        """The codes of every flaw, and what is still missing; if neither, the consent is in force from now on."""
        proposal, spec = self.proposed[label]
        signed = self.signing(proposal, changes)
        hours = int(self.table.profile.settings.get("reoffer_after_hours", "0"))
        units = {one.unit for one in signed.signatures if one.unit is not None}
        kinds = {unit: kind for unit in units if (kind := kind_of(unit)) is not None}
        who = self.person(proposal)
        facts = SigningFacts(self.table.now, ZONE, kinds, reoffer=hours * _HOUR, person=who)
        flaws = {flaw.code for flaw in flaws_of_signing(signed, proposal, facts)}
        asked = self.table.profile.settings.get("voluntariness_check") == "required"
        missing = still_missing(signed, proposal, self.table.now, voluntariness=asked, person=who)
        flaws |= {flaw.code for flaw in flaws_of_missing(missing)} if signed.activate and not flaws else set()
        if not flaws and not missing:
            self.activate(label, proposal, spec, signed)
        return flaws, missing

    def signing(self, proposal: Proposal, changes: Mapping[str, Any]) -> Signing:
        """The usual signing with these members otherwise; instants as in a scenario."""
        usual = signing(self.table.at, proposal.subject.name_on_form, proposal.language)
        return SIGNING.validate_python(signed_with(usual, changes, self.table.at))

    def give(self, label: str, spec: Mapping[str, Any]) -> None:
        """A consent of the world: proposed and signed without a flaw, then changed where it is stored."""
        plain = {name: value for name, value in spec.items() if name not in ("stored", "signing")}
        flaws = self.propose(plain | {"label": label})
        assert not flaws, f"{self.table.scenario.name}: consent {label}: {sorted(flaws)}"
        told = self.sign(label, spec.get("signing", {}))
        assert told == (set(), []), f"{self.table.scenario.name}: consent {label}: {told}"
        if "stored" in spec:
            self.table.instruments[label] = restored(
                self.table.instruments[label], spec["stored"], self.table.at, self.id_of
            )

    def activate(self, label: str, proposal: Proposal, spec: Mapping[str, Any], signed: Signing) -> None:
        """As the service does at the last signature: case, condition and grid are copied from the referral."""
        referral = self.referrals.get(proposal.referral_id or "")
        zone, ground = proposal.time_zone or ZONE, proposal.lawful_basis
        starts = effective_from(signed, proposal, zone, self.table.now)
        rule = self.table.profile.kinds[ConsentKind(proposal.kind)]
        opens = proposal.revocable_from if rule.revocation == "from_clock" else None
        made = Instrument(
            id=label,
            version=1,
            kind=ConsentKind(proposal.kind),
            patient=proposal.patient_id,
            discloser=proposal.disclosers[0],
            case=referral["case"] if referral is not None else None,
            grants=grants(proposal),
            name_on_form=proposal.subject.name_on_form,
            signed_at=min(starts, self.table.now),
            effective_from=starts,
            expiry=resolve(proposal.expiry, zone) if proposal.expiry is not None else Clock(None),
            profile=self.profile_at(proposal.disclosers[0]).name,
            vocabulary=VERSION,
            notice_version=signed.notice_given.version if signed.notice_given is not None else "",
            revocable_from=resolve_start(opens, zone) if opens is not None else None,
            condition_imposed=bool(referral and referral["imposed"]),
            referral=proposal.referral_id,
            scope=self.frame(proposal.referral_id or "") if referral is not None else "",
            records_from=date.fromisoformat(FIRST_WEEK).toordinal(),
            lawful_basis=f"GDPR {ground.article}" if ground is not None else "",
            represented_until=represented_until(signed, self.person(proposal)),
        )
        self.table.instruments[label] = made
        for old in proposal.supersedes:
            held = self.table.instruments[old]
            self.table.instruments[old] = replace(held, superseded_at=max(self.table.now, starts))

    def frame(self, referral: str) -> str:
        """Threshold and window grid as the service would freeze them."""
        return Frame(referral, 2, Grid(date(2026, 11, 23).toordinal(), 1)).key

    def person(self, proposal: Proposal) -> Person:
        """The patient as the clinic's record has them."""
        spec = self.table.scenario.world.people.get(proposal.patient_id, {})
        birth = date.fromisoformat(born(spec.get("born", BIRTH), self.table.began))
        died = self.table.died.get(proposal.patient_id)
        table = table_of(self.profile_at(proposal.disclosers[0]))
        return Person(birth, died, table, zone_of(proposal.time_zone or ZONE))

    def creation(self, proposal: Proposal, spec: Mapping[str, Any]) -> CreationFacts:
        """What the creation checks may know."""
        unit = self.table.of(spec.get("by", "clinic"))[0]
        units = {one.org_unit: kind for one in proposal.recipients if (kind := self._kind(one.org_unit)) is not None}
        return CreationFacts(
            unit=unit,
            now=self.table.now,
            time_zone=ZONE,
            profile=self.profile_at(unit),
            patient_given_name=proposal.patient_id.title(),
            patient_sur_name="Lopez",
            units=units,
            referral=self._referral(proposal, unit),
            live=tuple(self._live(proposal, unit)),
        )

    def _kind(self, unit: str) -> AgencyKind | None:
        own = {
            self.table.of(name)[0]: kind_of(actor(spec["like"])[0])
            for name, spec in self.table.scenario.world.units.items()
        }
        return own.get(unit, kind_of(unit))

    def profile_at(self, unit: str) -> Profile:
        """The profile of a clinic."""
        return self.table.profile_of.get(unit, self.table.profile)

    def _referral(self, proposal: Proposal, unit: str) -> ReferralFacts | None:
        found = self.referrals.get(proposal.referral_id or "")
        if found is None or found["of"] != proposal.patient_id or found["to"] != unit:
            return None
        end, due = found["conditions"].get("end_date"), found["final_disposition_due"]
        events = self.table.events.get(found["case"], {})
        return ReferralFacts(
            case=found["case"],
            imposing_unit=found["imposing"],
            condition_imposed=bool(found["imposed"]),
            supervising_units=frozenset(found["supervising_units"]),
            final_disposition_due=date.fromisoformat(due) if due is not None else None,
            end_date=date.fromisoformat(end) if end is not None else None,
            ended=bool(events),
            happened=frozenset(events),
        )

    def _live(self, proposal: Proposal, unit: str) -> list[LiveConsent]:
        found = []
        for one in self.table.instruments.values():
            events = self.table.events.get(one.case or "", {})
            ends = one.expiry.fires(events)
            over = (ends is not None and ends <= self.table.now) or one.superseded_at is not None
            if (one.patient, one.discloser) == (proposal.patient_id, unit) and not over:
                found.append(LiveConsent(one.id, one.case, self._left(one)))
        return found

    def _left(self, one: Instrument) -> tuple[Grant, ...]:
        events, now = self.table.events.get(one.case or "", {}), self.table.now
        parts = [(grant, purpose) for grant in one.grants for purpose in sorted(grant.purposes)]
        found = [(grant, purpose, remaining(grant, purpose, one, events, now)) for grant, purpose in parts]
        return tuple(Grant(g.unit, g.role, frozenset({p}), left, g.person) for g, p, left in found if left)


def signed_with(usual: dict[str, Any], changes: Mapping[str, Any], base: datetime) -> dict[str, Any]:
    """The usual signing with what a scenario says otherwise; ``None`` leaves a member out, instants are read.

    ``signatures`` are each the usual one with changes; of a mapping only the members that are named change.
    """
    made = dict(usual)
    for name, value in changes.items():
        if name in ("consent", "by"):
            continue
        if name == "signatures":
            made[name] = [_timed(usual[name][0] | one, base) for one in value]
        elif isinstance(value, Mapping):
            made[name] = _timed(usual.get(name, {}) | value, base)
        else:
            made[name] = value
    return {name: value for name, value in made.items() if value is not None}


def _timed(member: dict[str, Any], base: datetime) -> dict[str, Any]:
    times = {name: instant(member[name], base).isoformat() for name in ("at", "signed_at") if name in member}
    return {name: value for name, value in (member | times).items() if value is not None}
