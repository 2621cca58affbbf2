"""What goes with a transfer of care between treating units (42 CFR 2.32, 2.33(a)(2), (b)(1))."""

from typing import Any, Final

from app.consent.ask import Facts, Viewer
from app.consent.instrument import Instrument
from app.consent.obligations import READ_AGAIN, scope

USE_LIMIT: Final = (
    "For treatment, payment and health care operations, as HIPAA permits; not in any civil, criminal, administrative "
    "or legislative proceeding against the patient (42 CFR 2.33(b)(1))."
)


def obligations(facts: Facts, unit_name: str, discloser: tuple[str, str], used: list[str]) -> dict[str, Any]:
    """The notice of the discloser's profile, the limit of use, and the scope of each instrument used, by id.

    ``discloser`` is (unit id, name): the next clinic has to be able to call the one before, so it is named.
    """
    unit, name = discloser
    instruments = {instrument.id: instrument for instrument in facts.instruments}
    viewer = Viewer(unit_name, "", "", "", b"", {})
    return {
        "notice": facts.profiles[facts.today[unit]].notice,
        "use_limit": USE_LIMIT,
        "read_again": READ_AGAIN,
        "scope": [_scope(instruments[one], name, facts, viewer) for one in used],
    }


def _scope(instrument: Instrument, name: str, facts: Facts, viewer: Viewer) -> dict[str, Any]:
    extract = scope(instrument, name, facts, viewer)
    return extract if extract["ends"] else extract | {"ends": {"date": "none"}}
