"""Messages as filed and their rows by element."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, text

from app.storage.tables.columns import metadata, number, sealed, words

message = Table(
    "message",
    metadata,
    words("id", key=True),
    words("patient_id", ForeignKey("patient.id")),
    words("unit_id", ForeignKey("unit.id")),
    words("kind"),
    sealed("sealed"),
    number("first_day"),
    number("last_day"),
    number("position"),
    number("created_at"),
    words("superseded_by", null=True),
    words("identifier_index", null=True),
    # One message an identifier of its sender; where there is none, NULL equals no other NULL.
    Index("uq_message_identifier_index", "unit_id", "identifier_index", unique=True),
    Index("ix_message_patient_id", "patient_id", "kind", "first_day"),
)
element_row = Table(
    "element_row",
    metadata,
    words("id", key=True),
    words("patient_id", ForeignKey("patient.id")),
    words("unit_id", ForeignKey("unit.id")),
    words("kind"),
    words("element"),
    words("case_key"),
    words("scope"),
    number("sort_key"),
    number("seq"),
    words("message_id", ForeignKey("message.id")),
    sealed("sealed"),
    Column("live", Integer, nullable=False, server_default="1"),
    # Whatever can hide a row is a key column or the key's range, never a filter after it.
    Index(
        "ux_element_row_read",
        "patient_id",
        "unit_id",
        "kind",
        "element",
        "case_key",
        "scope",
        "sort_key",
        "seq",
        "message_id",
        unique=True,
        postgresql_where=text("live = 1"),
        sqlite_where=text("live = 1"),
    ),
)
