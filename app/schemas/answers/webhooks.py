"""Where a justice client is rung."""

from app.schemas.answers.base import Answer


class Webhook(Answer):
    """One live webhook of the caller's unit and role. When it was rung is not told: the receiver knows."""

    id: str
    url: str
    created_at: str


class NewWebhook(Answer):
    """A webhook and its signing secret (Standard Webhooks, ``whsec_…``), which no other answer repeats."""

    id: str
    url: str
    created_at: str
    secret: str


class Webhooks(Answer):
    """The live webhooks of the caller's unit and role, oldest first."""

    items: list[Webhook]


class EndedWebhook(Answer):
    """A webhook that is rung no more."""

    id: str
