"""Request bodies about consents that are not consents."""

from dataclasses import dataclass
from typing import Any, ClassVar

from app.schemas.requests import STRICT
from app.vocabulary import Purpose


@dataclass(frozen=True)
class ConsentWish:
    """That the clinic ask the patient of the sender's own referral for a consent to this unit, role and purpose."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    referral_id: str
    purpose: Purpose
