"""One judge who reads of one case, and what may be told there: for tables of items, pages and withdrawn items."""

import hashlib
import hmac
from dataclasses import replace
from datetime import date
from typing import Any, Final

from app.consent.ask import Ask, Facts, Page, Party, Viewer
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Instrument
from app.consent.minimise import Parcel, Rows, minimise
from app.consent.plan import Plan, plan
from app.consent.verdict import Permit
from app.vocabulary import ConsentKind, Element, Purpose, Role
from app.vocabulary.calendar import DAY_US, Frame, Grid
from tests.core.worlds import PROFILES, US

TODAY: Final = date(2026, 11, 24).toordinal()
AT: Final = (TODAY - date(1970, 1, 1).toordinal()) * DAY_US
SCOPE: Final = Frame("r", 2, Grid(TODAY - 300, 1)).key
KEY: Final = b"the key of the unit"
JUDGE: Final = Ask(
    "u", Role.JUDGE, Purpose.CONDITION_MONITORING, "c", frozenset(Element), "staff-1", page=Page(limit=1000)
)
PROFILE: Final = replace(US, notice="The notice.")


def signed(ident: str, *elements: Element, patient: str = "p", discloser: str = "d", **changes: Any) -> Instrument:
    """A live consent for the judge, of version 3, that tells of no window unless its scope is set."""
    grant = Grant(JUDGE.unit, JUDGE.role, frozenset({JUDGE.purpose}), frozenset(elements))
    kind, case = ConsentKind.NAMED_DISCLOSURE, "c"
    item = Instrument(
        ident, 3, kind, patient, discloser, case, (grant,), "M", 1, 1, Clock(2**60), US.name, 1, "n", referral="r"
    )
    return replace(item, **changes)


def party(patient: str) -> Party:
    """How the court knows a patient; ``p`` by the reference ``ref-p``."""
    return Party(f"ref-{patient}", f"name-{patient}", "Methadone Clinic North", "Clinic 7")


def facts(*items: Instrument, ask: Ask = JUDGE, **changes: Any) -> Facts:
    """All that the decision and the answer depend on."""
    viewer = Viewer("Court", "case-1", "docket", "D-1", KEY, {item.id: party(item.patient) for item in items})
    today = {item.discloser: US.name for item in items}
    world = Facts(ask, AT, items, {}, {**PROFILES, US.name: PROFILE}, today, (), viewer)
    return replace(world, **changes)


def permit(some: Facts) -> Permit:
    """The permit that these facts give."""
    verdict = decide(some)
    assert isinstance(verdict, Permit)
    return verdict


def parcel(some: Facts, cells: dict[Any, Any]) -> Parcel:
    """What leaves of these cells."""
    verdict = decide(some)
    return minimise(Rows(verdict, plan(verdict) if isinstance(verdict, Permit) else Plan((), None), cells))


def item_id(kind: str, window: str, reference: str = "ref-p", discloser: str = "d") -> str:
    """What the item is called, by the description of design 5 alone."""
    words = "\0".join(("case-1", reference, discloser, kind, window))
    return hmac.new(KEY, words.encode(), hashlib.sha256).hexdigest()[:32]
