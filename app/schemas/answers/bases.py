"""What is answered about court orders, emergencies and notices."""

from typing import Any

from app.schemas.answers.base import Answer, Open
from app.schemas.answers.disclosed import Value


class ShownCourtOrder(Open):
    """A court order as its clinic entered it, and what became of it; ``state`` is computed at this moment."""

    id: str
    state: str
    discloser: str
    created_at: str
    entered_by: list[dict[str, str]]
    decided_at: str | None = None
    decided_by: dict[str, str] | None = None
    ended_at: str | None = None


class CourtOrders(Answer):
    """The orders about one patient, oldest first."""

    items: list[ShownCourtOrder]


class EmergencyValue(Value):
    """One element's newest value, and the day it speaks of if there is one."""

    day: str | None = None


class EmergencyObligations(Answer):
    """What binds who receives: ``no_further_use_requested`` where the patient had its use restricted."""

    notice: str
    use_limit: str
    no_further_use_requested: str | None = None


class EmergencyItem(Answer):
    """What is held of the person of one kind: ``fields`` of the newest transfer, ``elements`` of any other kind."""

    kind: str
    obligations: EmergencyObligations
    elements: dict[str, EmergencyValue] | None = None
    sent_at: str | None = None
    fields: dict[str, Any] | None = None


class EmergencyAnswer(Answer):
    """What the discloser holds of exactly that person; of any other, the same with no item."""

    id: str
    discloser: str
    at: str
    items: list[EmergencyItem]
    meaning: str


class RecordedNotice(Answer):
    """A notice stands in the log, and waits for a second look."""

    id: str
    patient_id: str
    at: str
    basis: str
    channel: str
    review_id: str
