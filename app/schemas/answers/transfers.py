"""Transfers of care between treating units."""

from typing import Any

from pydantic import RootModel

from app.schemas.answers.base import Answer, Open
from app.schemas.answers.disclosed import Obligations


class SentTransfer(Open):
    """The sender's own words and what became of the transmission: queued, delivered or undeliverable."""

    id: str
    direction: str
    status: str
    transmission: str
    sent_at: str


class TransferIssuer(Answer):
    """The unit that handed over."""

    unit_id: str
    unit_name: str


class ReceivedTransfer(Open):
    """What the patient currently allows this unit of a transfer, the time-critical first."""

    id: str
    direction: str
    issuer: TransferIssuer
    sent_at: str
    obligations: Obligations


class ShownTransfer(RootModel[SentTransfer | ReceivedTransfer]):
    """For the sender its own words; for the recipient what may be told now."""


class Transfers(Answer):
    """A page of transfers, oldest first."""

    items: list[dict[str, Any]]
    next: str | None = None
