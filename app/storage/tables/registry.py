"""Agencies, units, clients, keys, assignments."""

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, Table

from app.storage.tables.columns import metadata, number, words

agency = Table(
    "agency", metadata, words("id", key=True), words("kind"), words("name"), number("suspended_at", null=True)
)
unit = Table(
    "unit",
    metadata,
    words("id", key=True),
    words("agency_id", ForeignKey("agency.id")),
    words("name"),
    words("alias"),
    words("time_zone"),
    words("profile"),
    words("services"),
    words("languages"),
    words("capacity", null=True),
    words("waiting_time", null=True),
    number("suspended_at", null=True),
    number("closed_at", null=True),
    Index("ix_unit_agency_id", "agency_id"),
)
client = Table(
    "client",
    metadata,
    words("id", key=True),
    words("agency_id", ForeignKey("agency.id")),
    words("assertion_profile"),
    words("secret_hash", null=True),
    number("suspended_at", null=True),
)
client_key = Table(
    "client_key",
    metadata,
    words("thumbprint", key=True),
    words("client_id", ForeignKey("client.id")),
    words("jwk"),
    number("created_at"),
    number("retired_at", null=True),
    Index("ix_client_key_client_id", "client_id"),
)
assignment = Table(
    "assignment",
    metadata,
    words("id", key=True),
    words("client_id", ForeignKey("client.id")),
    words("unit_id", ForeignKey("unit.id")),
    words("role"),
    number("ended_at", null=True),
    Index("ix_assignment_client_id", "client_id"),
)
appointment = Table(
    "appointment",
    metadata,
    words("officer_unit", ForeignKey("unit.id")),
    words("discloser_unit", ForeignKey("unit.id")),
    PrimaryKeyConstraint("officer_unit", "discloser_unit"),
)
assertion_replay = Table(
    "assertion_replay",
    metadata,
    words("issuer"),
    words("jti"),
    number("expires_at"),
    PrimaryKeyConstraint("issuer", "jti"),
    Index("ix_assertion_replay_expires_at", "expires_at"),
)
