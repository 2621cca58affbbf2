"""What the core weighs beside consents: orders of courts, emergencies, profiles, overlays, settings of an operator."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from app.consent.emergency import Emergency, EmergencyFacts, flaws_of_emergency
from app.consent.instrument import Clock, Instrument
from app.consent.order_checks import NOTES, OrderFacts, flaws_of_order
from app.consent.orders import CourtOrder, basis_of, grants_of, term_of
from app.consent.profile import ProfileError, parse_profile
from app.consent.profile_overlay import parse_overlay, under
from app.profile_files import PROFILES
from app.settings import Settings, SettingsError
from app.vocabulary import VERSION, ConsentKind
from tests.scenarios.bases import emergency_of, order_form
from tests.scenarios.cast import kind_of
from tests.scenarios.reading import Step

if TYPE_CHECKING:
    from tests.scenarios.core import Core

ZONE = "America/Chicago"
ORDER = TypeAdapter(CourtOrder)
EMERGENCY = TypeAdapter(Emergency)


def weighed(table: "Core", name: str, value: Any, step: Step, where: str) -> set[str]:
    """The codes of one thing that has its own checks, which are those required; of a text that is read, none."""
    if name == "order":
        order = _order(table, value)
        found = {flaw.code for flaw in flaws_of_order(order, _order_facts(table, order))}
    elif name == "emergency":
        found = _emergency(table, value)
    else:
        _readable(table, name, value, step, where)
        return set()
    assert found == set(step.then.get("reject", ())), f"{where}: {sorted(found)}"
    return found


def order_of(table: "Core", label: str, spec: Mapping[str, Any]) -> Instrument:
    """The instrument of an order that a second person approved: its own elements to its own persons, and no more."""
    order = _order(table, spec)
    begins, ends = term_of(order, ZONE)
    given = next(one for one in table.consenting.referrals if one == order.referral_id)
    return Instrument(
        id=label,
        version=1,
        kind=ConsentKind.COURT_ORDER,
        patient=order.patient_id,
        discloser="u-clinic-harbor",
        case=table.consenting.referrals[given]["case"],
        grants=grants_of(order),
        name_on_form="court_order",
        signed_at=table.now,
        effective_from=max(table.now, begins),
        expiry=Clock(ends, shown=order.valid_to.isoformat()),
        profile=table.profile.name,
        vocabulary=VERSION,
        notice_version="court_order",
        referral=given,
        scope=table.consenting.frame(given),
        lawful_basis=basis_of(order),
        records_from=order.records_from.toordinal() if order.records_from is not None else 0,
    )


def _order(table: "Core", spec: Mapping[str, Any]) -> CourtOrder:
    return ORDER.validate_python(order_form(spec, table.consenting.profile, table.consenting.id_of, table.at))


def _order_facts(table: "Core", order: CourtOrder) -> OrderFacts:
    known = table.consenting.referrals.get(order.referral_id)
    mine = known is not None and known["of"] == order.patient_id
    return OrderFacts(table.now, ZONE, table.profile, kind_of(order.court_unit), mine)


def _emergency(table: "Core", spec: Mapping[str, Any]) -> set[str]:
    unit, role = table.of(spec["as"])
    asked = EMERGENCY.validate_python(emergency_of(spec, table.consenting.id_of))
    ceiling = table.profile.written.get(role, frozenset()) - {NOTES}
    rules = frozenset({table.profile.settings["emergency"]})
    facts = EmergencyFacts(unit, kind_of(asked.discloser_unit), rules, ceiling)
    return {flaw.code for flaw in flaws_of_emergency(asked, facts)}


def _readable(table: "Core", name: str, value: Mapping[str, Any], step: Step, where: str) -> None:
    """A profile, an overlay or settings: read, or refused with an error that names the key."""
    refused: Exception | None = None
    try:
        if name == "settings":
            Settings.from_environment(value)
        elif name == "profile":
            parse_profile(_changed(value))
        else:
            _laid_over(table, value, where)
    except (ProfileError, SettingsError) as error:
        refused = error
    wanted = step.then.get("refuses")
    assert (refused is not None) is (wanted is not None), f"{where}: {refused!r}"
    assert wanted is None or wanted in str(refused), f"{where}: {refused}"


def _changed(value: Mapping[str, Any]) -> str:
    text = (PROFILES / f"{value['of']}@1.toml").read_text(encoding="utf-8")
    for old, new in value["replace"].items():
        assert old in text, f"{value['of']} has no {old}"
        text = text.replace(old, new)
    return text


def _laid_over(table: "Core", value: Mapping[str, Any], where: str) -> None:
    """A law of a state over the profile: what it takes is gone, and nothing is there that was not."""
    over = under(table.profile, parse_overlay(value["toml"]))
    for role, elements in table.profile.written.items():
        assert over.written.get(role, frozenset()) <= elements, f"{where}: {role} has more"
    for role, names in value.get("takes", {}).items():
        left = {one.value for found, ones in over.written.items() if found == role for one in ones}
        assert left.isdisjoint(names), f"{where}: {role} still has {sorted(left & set(names))}"
    for key, expected in value.get("settings", {}).items():
        assert over.settings[key] == expected, f"{where}: {key} is {over.settings[key]}"
