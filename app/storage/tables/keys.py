"""The keys that content is sealed with, each wrapped by a key that lives outside the database (design 8)."""

from sqlalchemy import Index, Table

from app.storage.tables.columns import metadata, number, sealed, words

data_key = Table(
    "data_key",
    metadata,
    words("owner", key=True),
    sealed("wrapped", null=True),
    words("wrapped_by"),
    number("created_at"),
    number("destroyed_at", null=True),
    Index("ix_data_key_wrapped_by", "wrapped_by"),
)
"""One key of 256 bits for whoever the content is about (a patient, a referral, a transfer), by that one's id. Of a
destroyed key the row stays, without the key: what it sealed stays unreadable and no new key is made in its place."""
