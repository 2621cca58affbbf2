"""Which reports a clinic still owes."""

from app.schemas.answers.base import Answer
from app.schemas.answers.disclosed import ItemPeriod


class ReportDue(Answer):
    """One window of one referral that is not wholly reported; ``case_id`` is the clinic's own."""

    patient_id: str
    referral_id: str
    case_id: str
    period: ItemPeriod
    due: str
    overdue: bool


class ReportsDue(Answer):
    """A page of the reports due, oldest first."""

    items: list[ReportDue]
    next: str | None = None
