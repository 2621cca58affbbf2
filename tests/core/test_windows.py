"""Weeks and windows: the grid counts from the referral's week, both ways; a page is full until the last."""

from dataclasses import fields
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Ask, Facts, Page, Party, Position, Viewer
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Instrument
from app.consent.minimise import Item, Rows, minimise
from app.consent.plan import plan
from app.consent.profile import Profile, parse_profile
from app.consent.slots import CURRENT
from app.consent.verdict import Permit
from app.vocabulary import OUTBOUND, WINDOWED, ConsentKind, Element, MessageKind, Purpose, Role
from app.vocabulary.calendar import DAY_US, Frame, Grid, day_of, monday
from tests.core.texts import US

DAYS = st.integers(date(2020, 1, 1).toordinal(), date(2030, 1, 1).toordinal())
WEEKS = st.sampled_from([1, 2, 4])
PROFILE: Profile = parse_profile(US, "notice")


@given(DAYS)
def test_monday_is_the_first_day_of_the_iso_week(day: int) -> None:
    assert date.fromordinal(monday(day)).isocalendar()[:2] == date.fromordinal(day).isocalendar()[:2]
    assert date.fromordinal(monday(day)).weekday() == 0


@given(DAYS, WEEKS, DAYS, DAYS)
def test_elapsed_windows_tile_the_days_between(anchor: int, weeks: int, first: int, today: int) -> None:
    grid = Grid(anchor, weeks)
    starts = list(grid.elapsed(first, today))
    assert starts == sorted(starts, reverse=True)
    for start in starts:
        assert (start - monday(anchor)) % (7 * weeks) == 0
        assert first <= start and grid.last_day(start) < today
    if starts:
        assert starts[0] + 14 * weeks > today - 7 * weeks
        assert starts[-1] - 7 * weeks < first
    inside = [
        day for day in range(first, today) if grid.start_of(day) >= first and grid.last_day(grid.start_of(day)) < today
    ]
    assert {grid.start_of(day) for day in inside} == set(starts)


@given(st.text("0123456789abcdef", min_size=1), st.integers(0, 200), WEEKS, DAYS)
def test_a_frame_is_read_back_as_written(referral: str, threshold: int, weeks: int, anchor: int) -> None:
    frame = Frame(referral, threshold, Grid(anchor, weeks))
    assert Frame.parse(frame.key) == frame


NOW = date(2026, 11, 24).toordinal()
ELEMENTS = sorted(OUTBOUND[MessageKind.TREATMENT_STATUS])


def facts(elements: frozenset[Element], records_from: int, weeks: int, page: Page) -> Facts:
    """One live consent of one patient for the judge of one case."""
    frame = Frame("r", 2, Grid(NOW - 300, weeks))
    grant = Grant("u", Role.JUDGE, frozenset({Purpose.CONDITION_MONITORING}), elements)
    instrument = Instrument(
        "i", 1, ConsentKind.NAMED_DISCLOSURE, "p", "d", "c", (grant,), "M", 1, 1, Clock(2**60), PROFILE.name, 1, "n",
        scope=frame.key, records_from=records_from, referral="r",
    )  # fmt: skip
    ask = Ask("u", Role.JUDGE, Purpose.CONDITION_MONITORING, "c", OUTBOUND[MessageKind.TREATMENT_STATUS], page=page)
    viewer = Viewer("Court", "case", "docket", "D-1", b"key", {"i": Party("ref", "pseudonym", "Clinic", "A")})
    at = (NOW - date(1970, 1, 1).toordinal()) * DAY_US
    return Facts(ask, at, (instrument,), {}, {PROFILE.name: PROFILE}, {"d": PROFILE.name}, (), viewer)


GRANTED = st.frozensets(st.sampled_from(ELEMENTS), min_size=1)
FIRST = st.integers(NOW - 300, NOW)


def items(some: Facts, cells: dict[Any, Any]) -> tuple[tuple[Item, ...], Position | None]:
    """The items of one page."""
    verdict = decide(some)
    rows = Rows(verdict, plan(verdict), cells) if isinstance(verdict, Permit) else None
    parcel = minimise(rows) if rows is not None else None
    return (parcel.items, parcel.next_after) if parcel is not None else ((), None)


@given(GRANTED, FIRST, WEEKS, st.integers(1, 5))
def test_pages_are_full_until_the_last_and_together_the_whole(
    granted: frozenset[Element], first: int, weeks: int, limit: int
) -> None:
    whole, _ = items(facts(granted, first, weeks, Page(1000)), {})
    found: list[Item] = []
    after = None
    while True:
        page, after = items(facts(granted, first, weeks, Page(limit, after)), {})
        found += page
        if after is None:
            break
        assert len(page) == limit
    assert [item.body for item in found] == [item.body for item in whole]


@given(GRANTED, FIRST, WEEKS, st.booleans())
def test_every_elapsed_window_gives_an_item_whether_or_not_anything_was_filed(
    granted: frozenset[Element], first: int, weeks: int, filed: bool
) -> None:
    some = facts(granted, first, weeks, Page(1000))
    verdict = decide(some)
    starts = list(Grid(NOW - 300, weeks).elapsed(first, day_of(verdict.at)))
    cells = {("p", "d", element, start, ""): ("x", "fact") for element in Element for start in starts} if filed else {}
    windows = [item for item in items(some, cells)[0] if "period" in item.body]
    windowed = verdict.findings[0].covered.keys() & WINDOWED
    assert len(windows) == (len(starts) if windowed else 0)
    values = {value["value"] for item in windows for value in item.body["elements"].values()}
    assert values <= ({"x"} if filed else {"insufficient_data"})


@given(GRANTED, FIRST, st.sets(st.sampled_from(ELEMENTS)))
def test_nothing_leaves_that_was_not_granted_and_every_element_has_one_instrument(
    granted: frozenset[Element], first: int, filed: set[Element]
) -> None:
    some = facts(granted, first, 1, Page(1000))
    places = [(element, start) for element in filed for start in (CURRENT, NOW - 8)]
    cells = {("p", "d", element, start, ""): (element.value, "fact") for element, start in places}
    covered = decide(some).findings[0].covered
    for item in items(some, cells)[0]:
        assert set(item.body["elements"]) <= {element.value for element in covered}
        recorded = [element for _, elements in item.instruments.values() for element in elements]
        assert sorted(recorded) == sorted(item.body["elements"])
        assert item.body["elements"]


def test_two_clinics_and_two_grids_on_one_day_lose_no_item_between_pages() -> None:
    def of(discloser: str, weeks: int, name: str, page: Page) -> Facts:
        some = facts(frozenset({Element.ATTENDANCE_SUMMARY}), NOW - 60, weeks, page)
        one = some.instruments[0]
        frame = Frame(name, 2, Grid(NOW - 300, weeks))
        purposes, grant = one.grants[0].purposes, one.grants[0]
        element = Element.ATTENDANCE_SUMMARY if name != "c" else Element.PROGRESS_GOALS
        grants = (Grant(grant.unit, grant.role, purposes, frozenset({element})),)
        made = Instrument(
            name, 1, one.kind, f"p{discloser}", discloser, "c", grants, "M", 1, 1, one.expiry, one.profile, 1, "n",
            scope=frame.key, records_from=NOW - 60,
        )  # fmt: skip
        return Facts(some.ask, some.at, (made,), {}, some.profiles, {discloser: PROFILE.name}, (), some.viewer)

    def whole(page: Page) -> Facts:
        parts = [of("d", 1, "a", page), of("e", 1, "b", page), of("d", 2, "c", page)]
        viewer = parts[0].viewer
        assert viewer is not None
        party = next(iter(viewer.parties.values()))
        both = Viewer("Court", "case", "docket", "D-1", b"key", dict.fromkeys("abc", party))
        instruments = tuple(part.instruments[0] for part in parts)
        today = {"d": PROFILE.name, "e": PROFILE.name}
        return Facts(parts[0].ask, parts[0].at, instruments, {}, parts[0].profiles, today, (), both)

    everything, _ = items(whole(Page(1000)), {})
    found: list[Item] = []
    after: Position | None = None
    while True:
        page, after = items(whole(Page(1, after)), {})
        found += page
        if after is None:
            break
    assert len(everything) > 15
    assert [item.body["id"] for item in found] == [item.body["id"] for item in everything]
    assert len({item.body["id"] for item in everything}) == len(everything)


def test_a_refusal_gives_an_empty_parcel_like_any_other() -> None:
    some = facts(frozenset({Element.RESTRICTED_COUNSELLING_NOTES}), NOW - 100, 1, Page())
    verdict = decide(some)
    parcel = minimise(Rows(verdict, plan(verdict) if isinstance(verdict, Permit) else _nothing(), {}))
    assert (parcel.items, parcel.next_after) == ((), None)


def _nothing() -> Any:
    from app.consent.plan import Plan  # noqa: PLC0415  used here alone

    assert [field.name for field in fields(Plan)] == ["slots", "next_after"]
    return Plan((), None)
