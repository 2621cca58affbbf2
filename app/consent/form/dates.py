"""Dates and ends of a form in words."""

from datetime import date, datetime

from app.consent.form.wording import Wording
from app.consent.local_time import NONE, zone_of
from app.consent.proposal import ClockOnForm
from app.vocabulary import CaseEvent

DAY = len("YYYY-MM-DD")


def day(wording: Wording, when: date) -> str:
    """A day: 30 June 2035."""
    return wording.say("date", day=when.day, month=wording.months[when.month - 1], year=when.year)


def when(wording: Wording, text: str, zone: str, edge: str) -> str:
    """A full-date at this edge of it (``day_begins``, ``day_ends``), or a date-time, on the wall of the zone."""
    if len(text) == DAY:
        return wording.say(edge, date=day(wording, date.fromisoformat(text)), zone=zone)
    local = datetime.fromisoformat(text.upper()).astimezone(zone_of(zone))
    clock, place = local.time().isoformat(), f"{zone}, UTC{local.isoformat()[-6:]}"  # an hour that comes twice has two
    return wording.say("moment", time=clock, date=day(wording, local.date()), zone=place)


def ending(wording: Wording, clock: ClockOnForm, zone: str) -> str:
    """When the consent ends: a day, a moment, an event with its latest date, or never."""
    dated = None if clock.at in (None, NONE) else when(wording, str(clock.at), zone, "day_ends")
    if clock.event is None:
        return wording.say("ends", when=dated) if dated is not None else wording.say("ends_never")
    event = wording.events[CaseEvent(clock.event)]
    if dated is None:
        return wording.say("ends_with_event_only", event=event)
    return wording.say("ends_with_event", event=event, when=dated)


def opening(wording: Wording, clock: ClockOnForm, zone: str) -> str:
    """From when the consent can be taken back (42 CFR 2.35(c)): a date, or an event with its latest date."""
    dated = when(wording, str(clock.at), zone, "day_begins")
    if clock.event is None:
        return wording.say("opens", when=dated)
    return wording.say("opens_with_event", event=wording.events[CaseEvent(clock.event)], when=dated)
