"""The consent decision a second time, in sets, from domain rules 0 to 5 and design 4a.

Slow and plain on purpose. It knows verdicts and covering instruments, not reasons.
"""

from app.consent.ask import Ask, Facts
from app.consent.instrument import Grant, Instrument, Revocation
from app.consent.profile import Profile
from app.vocabulary import COVERS, FINEST_ONLY, JUSTICE_ROLES, PURPOSES_OF_ROLE, SINCE, ConsentKind, Element, Purpose

Pair = tuple[str, str]
FAR_FUTURE = 2**200
NOTES = Element.RESTRICTED_COUNSELLING_NOTES


def permitted(facts: Facts) -> dict[Pair, dict[Element, str]]:
    """(patient, discloser) -> asked element -> id of the instrument it leaves under; absent = it does not leave."""
    pairs = {(item.patient, item.discloser) for item in facts.instruments}
    return {pair: _leaves(facts, pair) for pair in pairs}


def _leaves(facts: Facts, pair: Pair) -> dict[Element, str]:
    if not facts.assigned or pair[1] in facts.closed or pair in facts.unreadable:
        return {}
    try:
        own = [item for item in facts.instruments if (item.patient, item.discloser) == pair]
        scopes = [(item, _scope(facts, item) - _restricted(facts, item)) for item in own]
        allowed = {e for _, scope in scopes for e in scope} & facts.ask.elements
        for ladder in FINEST_ONLY:
            standing = [step for step in ladder if step in allowed]
            allowed -= set(standing[1:])
        ranks = {
            e: [(-_end(facts, item), item.effective_from, item.id) for item, s in scopes if e in s] for e in allowed
        }
        return {e: min(rank)[2] for e, rank in ranks.items()}
    except Exception:  # a rule that errors forbids
        return {}


def _end(facts: Facts, item: Instrument) -> int:
    fires = item.expiry.fires(facts.events)
    return FAR_FUTURE if fires is None else fires


def _restricted(facts: Facts, item: Instrument) -> set[Element]:
    """1.12: binds whatever a consent says, no use that the law requires. Ended by notice, it takes days, no element."""
    if item.kind is ConsentKind.COURT_ORDER:
        return set()
    standing = [
        each
        for each in facts.restrictions
        if each.patient == item.patient and each.unit in (None, facts.ask.unit) and each.lifted_day is None
    ]
    return {e for e in Element if any(COVERS[e] & each.elements for each in standing)}


def _scope(facts: Facts, item: Instrument) -> set[Element]:
    """What this one instrument alone lets leave for this ask; everything of it holds, or nothing leaves."""
    ask = facts.ask
    law = (item.profile, facts.today.get(item.discloser, ""))
    if not all(name in facts.profiles and item.kind in facts.profiles[name].kinds for name in law):
        return set()
    if facts.recipient_profile and facts.recipient_profile not in facts.profiles:
        return set()
    profiles = [facts.profiles[name] for name in law]
    rules = [profile.kinds[item.kind] for profile in profiles]
    may_be_endless = item.kind is ConsentKind.TPO and not any(rule.binds_case for rule in rules)
    same_case = item.case == ask.case
    holds = {
        "kind": all(ask.role in rule.roles and ask.purpose in rule.purposes for rule in rules),
        "role may state the purpose": ask.purpose in PURPOSES_OF_ROLE[ask.role],
        "condition": item.condition_imposed or not any(rule.needs_condition for rule in rules),
        "case": same_case and item.case is not None if ask.role in JUSTICE_ROLES else item.case is None or same_case,
        "all that 2.31(a) asks for": _complete(item) and (may_be_endless or item.expiry.at is not None),
        "live": item.effective_from <= facts.at < _end(facts, item) and not (item.suspended or item.entered_in_error),
        "not superseded": item.superseded_at is None or facts.at < item.superseded_at,
        "who signed may still speak": item.represented_until is None or facts.at < item.represented_until,
        "lawful basis": bool(item.lawful_basis) or not any(_needs_law(profile, item) for profile in profiles),
    }
    if not all(holds.values()):
        return set()
    known = {e for e in Element if SINCE[e] <= item.vocabulary}
    named = {e for grant in item.grants if _meets(grant, ask) for e in grant.elements - _revoked(facts, item)}
    reached = {coarser for e in named for coarser in COVERS[e]} & known
    about = {e for e in Element if all(rule.elements is None or e in rule.elements for rule in rules)}
    if not facts.recipient_profile:
        return reached & about & _ceiling(item, ask, profiles)
    recipient = facts.profiles[facts.recipient_profile]
    return reached & about & _ceiling(item, ask, [*profiles, recipient]) if _may_use(recipient, item, ask) else set()


def _ceiling(item: Instrument, ask: Ask, profiles: list[Profile]) -> set[Element]:
    """3.4 in each profile that counts: then, now, and the recipient's. What a court ordered has none but case 28."""
    if item.kind is not ConsentKind.COURT_ORDER:
        return set.intersection(*(set(profile.written.get(ask.role, ())) for profile in profiles))
    never = any(each.settings.get("counselling_notes_to_justice", "never") == "never" for each in profiles)
    return {e for e in Element if not (never and e is NOTES)}


def _may_use(recipient: Profile, item: Instrument, ask: Ask) -> bool:
    """2.5 and 8 (9): a recipient whose own law forbids use in a proceeding is given nothing for one."""
    proceedings = recipient.settings.get("proceedings_use", "never")
    if ask.purpose is Purpose.PROCEEDING:
        return proceedings != "never"
    if ask.purpose is not Purpose.DISPOSITION_PLANNING:
        return True
    under = recipient.settings.get("disposition_planning_under", "never")
    return under == "named_disclosure" or (under == "proceeding" and item.kind is ConsentKind.PROCEEDING)


def _needs_law(profile: Profile, item: Instrument) -> bool:
    no_ground = profile.settings.get("consent_is_lawful_basis") == "no"
    return no_ground and item.kind is ConsentKind.AGREEMENT


def _complete(item: Instrument) -> bool:
    texts = (item.patient, item.discloser, item.name_on_form, item.notice_version)
    grants = [(grant.unit, grant.purposes, grant.elements) for grant in item.grants]
    return all(texts) and len(grants) > 0 and all(map(all, grants)) and 0 < item.signed_at <= item.effective_from


def _meets(grant: Grant, ask: Ask) -> bool:
    named = (grant.unit, grant.role) == (ask.unit, ask.role) and grant.person in (None, ask.person)
    return named and ask.purpose in grant.purposes


def _revoked(facts: Facts, item: Instrument) -> set[Element]:
    """Named elements taken back by now, for this ask: those from which a revoked element could be derived."""
    ask = facts.ask
    standing = [
        set(Element if each.elements is None else each.elements)
        for each in item.revocations
        if each.unit in (None, ask.unit) and each.role in (None, ask.role)
        if each.purposes is None or ask.purpose in each.purposes
        if _in_force(facts, item, each)
    ]
    return {e for e in Element for taken in standing if COVERS[e] & taken}


def _in_force(facts: Facts, item: Instrument, revocation: Revocation) -> bool:
    if item.revocable_from is None or revocation.by_merge:
        return facts.at >= revocation.requested_at
    clock = item.revocable_from.fires(facts.events)
    return clock is not None and facts.at >= max(revocation.requested_at, clock)


def next_change(facts: Facts) -> int | None:
    """The first instant after this one that a clock of an instrument names; None if there is no more."""
    found: set[int | None] = set()
    for item in facts.instruments:
        found |= {item.effective_from, item.expiry.fires(facts.events), item.superseded_at, item.represented_until}
        for each in item.revocations:
            waits = None if each.by_merge else item.revocable_from
            clock = waits.fires(facts.events) if waits is not None else 0
            found.add(None if clock is None else max(each.requested_at, clock))
    return min((instant for instant in found if instant is not None and instant > facts.at), default=None)
