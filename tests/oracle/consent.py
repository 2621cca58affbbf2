"""The consent decision a second time, in sets, from domain rules 0, 1.2-1.6, 3.4, 4.1, 5.1 and design 4a.

Slow and plain on purpose. It knows verdicts and covering instruments, not reasons.
"""

from app.consent.ask import Ask, Facts
from app.consent.instrument import Grant, Instrument, Revocation
from app.vocabulary import COVERS, FINEST_ONLY, JUSTICE_ROLES, PURPOSES_OF_ROLE, SINCE, Element

Pair = tuple[str, str]
FAR_FUTURE = 2**200


def permitted(facts: Facts) -> dict[Pair, dict[Element, str]]:
    """(patient, discloser) -> asked element -> id of the instrument it leaves under; absent = it does not leave."""
    pairs = {(item.patient, item.discloser) for item in facts.instruments}
    return {pair: _leaves(facts, pair) for pair in pairs}


def _leaves(facts: Facts, pair: Pair) -> dict[Element, str]:
    try:
        scopes = [(item, _scope(facts, item)) for item in facts.instruments if (item.patient, item.discloser) == pair]
        allowed = {e for _, scope in scopes for e in scope} & facts.ask.elements - _restricted(facts, pair[0])
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


def _restricted(facts: Facts, patient: str) -> set[Element]:
    standing = [each for each in facts.restrictions if each.patient == patient and each.unit in (None, facts.ask.unit)]
    return {e for e in Element if any(COVERS[e] & each.elements for each in standing)}


def _scope(facts: Facts, item: Instrument) -> set[Element]:
    """What this one instrument alone lets leave for this ask; everything of it holds, or nothing leaves."""
    ask = facts.ask
    names = (item.profile, facts.today.get(item.discloser, ""))
    if not all(name in facts.profiles and item.kind in facts.profiles[name].kinds for name in names):
        return set()
    profiles = [facts.profiles[name] for name in names]
    rules = [profile.kinds[item.kind] for profile in profiles]
    binds_case = any(rule.binds_case for rule in rules)
    same_case = item.case == ask.case
    holds = {
        "kind": all(ask.role in rule.roles and ask.purpose in rule.purposes for rule in rules),
        "role may state the purpose": ask.purpose in PURPOSES_OF_ROLE[ask.role],
        "condition": item.condition_imposed or not any(rule.needs_condition for rule in rules),
        "case": same_case and item.case is not None if ask.role in JUSTICE_ROLES else item.case is None or same_case,
        "all that 2.31(a) asks for": _complete(item) and not (binds_case and item.expiry.at is None),
        "live": item.effective_from <= facts.at < _end(facts, item) and not (item.suspended or item.entered_in_error),
        "not superseded": item.superseded_at is None or facts.at < item.superseded_at,
    }
    if not all(holds.values()):
        return set()
    ceiling = set.intersection(*(set(profile.written.get(ask.role, ())) for profile in profiles))
    known = {e for e in Element if SINCE[e] <= item.vocabulary}
    named = {e for grant in item.grants if _meets(grant, ask) for e in grant.elements - _revoked(facts, item)}
    return {coarser for e in named for coarser in COVERS[e]} & ceiling & known


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
        if each.unit in (None, ask.unit) and (each.purposes is None or ask.purpose in each.purposes)
        if _in_force(facts, item, each)
    ]
    return {e for e in Element for taken in standing if COVERS[e] & taken}


def _in_force(facts: Facts, item: Instrument, revocation: Revocation) -> bool:
    if item.revocable_from is None:
        return facts.at >= revocation.requested_at
    clock = item.revocable_from.fires(facts.events)
    return clock is not None and facts.at >= max(revocation.requested_at, clock)
