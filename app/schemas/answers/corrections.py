"""What is answered to what puts something right: amendments, retractions, merges, incidents."""

from typing import Any

from app.schemas.answers.base import Answer, Open
from app.schemas.answers.cases import Receipt


class Amended(Answer):
    """An amendment was stored; the same whatever the clinic did. The receipt signs the words as they stand now."""

    id: str
    referral_id: str
    at: str
    changed: list[str]
    receipt: Receipt


class Retracted(Answer):
    """A report is entered in error: nothing of it can be read any more."""

    id: str
    patient_id: str
    status: str


class Merged(Answer):
    """Two records are of one person; the second takes nothing new."""

    patient_id: str
    merged: str


class ToReview(Answer):
    """A message that was filed on the surviving record while it stood for both."""

    id: str
    kind: str
    filed_at: str


class Unmerged(Answer):
    """Two records stand apart again; what was filed meanwhile may be of either person."""

    patient_id: str
    merged: str
    to_review: list[ToReview]


class Incident(Open):
    """A draft for a person to judge: releases that turned out to lack their basis, or (``told_outside``) what was told
    on paper or by word of mouth and has been put right since, so that its recipients have to be told by hand.
    """

    id: str
    kind: str
    discloser: str
    patient_id: str
    discovered_at: str
    created_at: str
    notify_by: str
    recipients: list[dict[str, Any]]
    assessment: dict[str, Any] | None = None


class Incidents(Answer):
    """Drafts of incidents, oldest first."""

    items: list[Incident]
    next: str | None = None
