"""What keeps one client from wearing the service out, and the doorbells that spare it from asking all the time."""

from sqlalchemy import ForeignKey, Index, Table

from app.storage.tables.columns import metadata, number, sealed, words

allowance = Table(
    "allowance",
    metadata,
    words("client_id", ForeignKey("client.id"), key=True),
    number("window"),
    number("used"),
)
webhook = Table(
    "webhook",
    metadata,
    words("id", key=True),
    words("unit_id", ForeignKey("unit.id")),
    words("client_id", ForeignKey("client.id")),
    words("role"),
    sealed("sealed"),
    number("created_at"),
    number("ended_at", null=True),
    Index("ix_webhook_client_id", "client_id", "created_at"),
)
doorbell = Table(
    "doorbell",
    metadata,
    words("webhook_id", ForeignKey("webhook.id"), key=True),
    words("digest"),
    words("ring", null=True),
    number("attempt", default="0"),
    number("next_at", null=True),
    number("rung_at", null=True),
    Index("ix_doorbell_next_at", "next_at"),
)
