"""Reasons of other code lists: who ended a treatment does not change on its way, in or out."""

import pytest

from app.messages.closure import ClosureReason, flaws_of_reason, reason_shown
from app.vocabulary.closures import REASONS, ClosureSystem, outbound
from app.vocabulary.codes import Closure

S, C = ClosureSystem, Closure
ALL = [(system, code) for system, codes in REASONS.items() for code in codes]
BY_PROVIDER = {(S.TEDS_D, "3"), (S.NDTMS, "86"), (S.NDTMS_LEGACY, "3"), (S.CO_BHA, "5")}
BY_PERSON = {(S.TEDS_D, "2"), (S.NDTMS, "85"), (S.NDTMS_LEGACY, "6"), (S.CO_BHA, "2"), (S.CO_BHA, "3")}


def codes(system: ClosureSystem, code: str, closure: Closure | None) -> list[str]:
    """The codes of the flaws of a reason beside a closure."""
    return [flaw.code for flaw in flaws_of_reason(ClosureReason(system, code), closure)]


def test_conduct_is_read_only_where_the_list_says_whose_decision_it_was() -> None:
    """TEDS-D REASON, NDTMS, Colorado BHA: exactly these rows end as the provider's act, and these as the person's."""
    found = {closure: {(s, c) for s, c in ALL if REASONS[s][c].closure is closure} for closure in Closure}
    assert found[C.ENDED_BY_PROVIDER] == BY_PROVIDER
    assert found[C.LEFT_EARLY] == BY_PERSON


@pytest.mark.parametrize(("system", "code"), ALL)
def test_a_reason_stands_beside_its_own_closure_only(system: ClosureSystem, code: str) -> None:
    """But where the list leaves it open, the clinic says which closure it was."""
    reason = REASONS[system][code]
    for closure in Closure:
        fits = reason.review or closure is reason.closure
        assert codes(system, code, closure) == ([] if fits else ["closure_reason_mismatch"])
    assert codes(system, code, None) == ["closure_reason_unexpected"]
    shown = reason_shown(ClosureReason(system, code))
    assert shown == {"system": system.value, "code": code, "label": reason.label}


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (S.TEDS_D, "-9"),
        (S.TEDS_D, "14"),
        (S.NDTMS, "90"),
        (S.NDTMS, "600"),
        (S.NDTMS_LEGACY, "80"),
        (S.CO_BHA, "01"),
        (S.CO_BHA_TYPE, "1"),
        (S.CO_BHA_TYPE, "03"),
    ],
)
def test_a_code_of_another_list_or_for_missing_is_refused(system: ClosureSystem, code: str) -> None:
    """State files number otherwise; 01 and 1 of Colorado are two lists; 03 is explained by the other one."""
    assert codes(system, code, C.OTHER) == ["closure_reason_unknown"]


def test_what_goes_out_means_the_same_when_it_comes_in() -> None:
    """Except TEDS 7, which loses the detail of moved; no list is written a reason that it does not have."""
    for system in ClosureSystem:
        for closure in Closure:
            code = outbound(system, closure)
            if code is not None:
                lost = (system, closure) == (S.TEDS_D, C.MOVED)
                assert REASONS[system][code].closure is (C.OTHER if lost else closure)


def test_what_goes_out() -> None:
    """TEDS whole, but for a person who never started; elsewhere only what is unambiguous; the old list never."""
    teds = [outbound(S.TEDS_D, closure) for closure in Closure]
    assert teds == ["1", "4", "2", "3", "5", "6", None, "7", "7"]
    assert outbound(S.NDTMS, C.COMPLETED) is None and outbound(S.NDTMS, C.LEFT_EARLY) == "85"
    assert outbound(S.CO_BHA, C.ENDED_BY_PROVIDER) is None and outbound(S.CO_BHA, C.MOVED) == "8"
    assert not any(outbound(S.NDTMS_LEGACY, closure) for closure in Closure)
