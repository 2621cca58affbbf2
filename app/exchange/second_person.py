"""Who acts, as it is kept with what they did, and the rule that somebody else decides."""

from collections.abc import Mapping
from typing import Any

from app.errors import Conflict, Flaw, Invalid
from app.exchange.authenticate import Caller


def actor(caller: Caller) -> dict[str, str]:
    """The unit and, if a member of staff is named, who: JSON, to be sealed."""
    found = {"unit": caller.unit}
    found |= {"id": caller.person} if caller.person is not None else {}
    return found | ({"name": caller.person_name} if caller.person_name is not None else {})


def require_person(caller: Caller, why: str) -> None:
    """Refuse a call that names no member of staff.

    Raises:
        Invalid: there is no ``Acting-User``.
    """
    if caller.person is None:
        raise Invalid((Flaw("", "acting_user_missing", f"{why} Send the staff id in Acting-User."),))


def require_another(caller: Caller, first: Mapping[str, Any]) -> None:
    """Refuse whoever acted first, and whoever cannot be told apart from them.

    Within one unit both must be named and differ; the privacy office that the clinic appointed is another unit.

    Raises:
        Invalid: the caller names no member of staff.
        Conflict: it may be the same person.
    """
    require_person(caller, "A second person decides this.")
    if caller.unit != first["unit"]:
        return
    if "id" not in first or str(first["id"]).casefold() == (caller.person or "").casefold():
        detail = "Another member of staff than the first decides this; if the first is not known, the privacy office."
        raise Conflict("second_person_required", detail)
