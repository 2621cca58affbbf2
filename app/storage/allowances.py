"""What each client has used of its allowance in the window it is in; one row a client (design 6)."""

from sqlalchemy import and_, bindparam, case, not_, or_
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.statement import Statement

_LEASE = upsert(t.allowance)
_MINE, _ASKED = t.allowance.c, _LEASE.excluded
_SAME = and_(_MINE.window >= _ASKED.window, _MINE.window <= _ASKED.window + 1)
"""A worker whose clock is behind counts in the window of the others; a stored one far ahead is no clock to wait for."""

LEASE = Statement(
    _LEASE.on_conflict_do_update(
        index_elements=["client_id"],
        set_={
            "window": case((_SAME, _MINE.window), else_=_ASKED.window),
            "used": case((_SAME, _MINE.used + _ASKED.used), else_=_ASKED.used),
        },
        where=or_(not_(_SAME), _MINE.used < bindparam("most")),
    ).returning(t.allowance.c.used)
)
"""Adds ``used`` requests to the client's ``window``; no row if it had used ``most`` of them before."""
