"""Sequencing of committed disclosures: an anti-join, not a watermark, since commit order is not insert order."""

from sqlalchemy import bindparam, insert, select

from app.storage import tables as t
from app.storage.statement import Statement

UNSEQUENCED = Statement(
    select(t.disclosure.c.id, t.disclosure.c.entry)
    .select_from(t.disclosure.outerjoin(t.ledger_leaf, t.ledger_leaf.c.disclosure_id == t.disclosure.c.id))
    .where(t.ledger_leaf.c.disclosure_id.is_(None))
    .order_by(t.disclosure.c.at, t.disclosure.c.id)
    .limit(bindparam("most"))
)
LEAVES = Statement(
    select(t.ledger_leaf.c.index, t.disclosure.c.entry)
    .select_from(t.ledger_leaf.join(t.disclosure, t.disclosure.c.id == t.ledger_leaf.c.disclosure_id))
    .where(t.ledger_leaf.c.index >= bindparam("first"))
    .order_by(t.ledger_leaf.c.index)
    .limit(bindparam("most"))
)
HEAD = Statement(select(t.chain_root).order_by(t.chain_root.c.size.desc()).limit(1))
ROOTS = Statement(select(t.chain_root).order_by(t.chain_root.c.size))
ADD_LEAF = Statement(insert(t.ledger_leaf))
ADD_ROOT = Statement(insert(t.chain_root))
