"""Request bodies about a referral that was sent before: its amendment."""

from dataclasses import field, fields, make_dataclass
from typing import Any, Final, get_type_hints

import orjson
from pydantic import TypeAdapter

from app.exchange.amendments import FIXED
from app.messages.referral import Referral
from app.schemas.requests import STRICT


def _amendment() -> type[Any]:
    """The members of a referral that can be amended, each optional: a new member of it is amendable the same day."""
    hints = get_type_hints(Referral, include_extras=True)
    free = [
        (one.name, hints[one.name] | None, field(default=None)) for one in fields(Referral) if one.name not in FIXED
    ]
    words = "What changes of a referral. Each member given takes the place of the whole member as it was sent."
    return make_dataclass("Amendment", free, frozen=True, namespace={"__pydantic_config__": STRICT, "__doc__": words})


Amendment: Final = _amendment()
AMENDMENT_BODY: Final[TypeAdapter[Any]] = TypeAdapter(Amendment)


def changes(body: object) -> dict[str, Any]:
    """The members that an amendment names, as JSON."""
    named: dict[str, Any] = orjson.loads(AMENDMENT_BODY.dump_json(body, exclude_none=True))
    return named
