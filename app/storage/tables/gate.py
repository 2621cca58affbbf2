"""Gate epochs, the clock floor, the append-only record, the tree, kept answers."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table

from app.storage.tables.columns import metadata, number, sealed, words

gate = Table("gate", metadata, words("key", key=True), number("epoch"))
clock_floor = Table("clock_floor", metadata, Column("id", Integer, primary_key=True), number("at"))
ledger_subject = Table(
    "ledger_subject",
    metadata,
    words("patient_id", ForeignKey("patient.id"), key=True),
    words("pseudonym"),
    Index("ux_ledger_subject_pseudonym", "pseudonym", unique=True),
)
consultation = Table(
    "consultation",
    metadata,
    words("id", key=True),
    number("at"),
    words("unit_id"),
    sealed("entry"),
    words("request_id", null=True),
    Index("ix_consultation_unit_id", "unit_id", "at"),
    Index("ix_consultation_request_id", "request_id"),
)
disclosure = Table(
    "disclosure",
    metadata,
    words("id", key=True),
    words("consultation_id", ForeignKey("consultation.id")),
    words("subject"),
    words("unit_id"),
    words("instrument_id"),
    number("at"),
    sealed("entry"),
    sealed("opening"),
    Index("ix_disclosure_subject", "subject", "at"),
    Index("ix_disclosure_consultation_id", "consultation_id"),
)
ledger_leaf = Table(
    "ledger_leaf",
    metadata,
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    words("disclosure_id", ForeignKey("disclosure.id")),
    Index("ux_ledger_leaf_disclosure_id", "disclosure_id", unique=True),
)
chain_root = Table(
    "chain_root",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    sealed("root"),
    number("at"),
    sealed("signature"),
)
idempotency = Table(
    "idempotency",
    metadata,
    words("scope", key=True),
    words("fingerprint"),
    number("status"),
    words("noun", null=True),
    sealed("sealed"),
    number("created_at"),
    Index("ix_idempotency_created_at", "created_at"),
)
