"""Request bodies that put right what was filed: retractions, merges of records."""

from dataclasses import dataclass
from typing import Any, ClassVar

from app.exchange.retractions import RetractionReason
from app.schemas.requests import STRICT


@dataclass(frozen=True)
class Retraction:
    """Why a report is taken back whole. With ``wrong_patient`` the clinic finds a draft of an incident as well."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    reason: RetractionReason


@dataclass(frozen=True)
class Merge:
    """The record that is of the same person and takes nothing new from now on; or that turned out not to be."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    merged: str
