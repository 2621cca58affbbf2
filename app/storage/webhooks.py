"""Webhooks and their doorbells: one row each. What a doorbell has seen stands among the feed's own, under its name."""

from typing import Any, Final

from sqlalchemy import and_, bindparam, delete, func, insert, literal, select, text, update

from app.storage import tables as t
from app.storage.statement import Statement

_WEBHOOK: Any = bindparam("webhook")
_MINE = and_(
    t.webhook.c.client_id == bindparam("client"),
    t.webhook.c.unit_id == bindparam("unit"),
    t.webhook.c.role == bindparam("role"),
    t.webhook.c.ended_at.is_(None),
)
ADD = Statement(insert(t.webhook))
ADD_BELL = Statement(insert(t.doorbell))
OWN = Statement(
    select(t.webhook.c.id, t.webhook.c.sealed, t.webhook.c.created_at)
    .where(_MINE)
    .order_by(t.webhook.c.created_at, t.webhook.c.id)
)
COUNT = Statement(
    select(func.count().label("rows")).where(
        t.webhook.c.client_id == bindparam("client"), t.webhook.c.ended_at.is_(None)
    )
)
END = Statement(update(t.webhook).where(_MINE, t.webhook.c.id == _WEBHOOK).values(ended_at=bindparam("at")))
BELL: Final = "bell|"
"""Before a webhook's id: the name under which the memory of its bell stands among those of the feed."""

_MEMORY: Any = literal(BELL).concat(_WEBHOOK)
REMOVE_BELL = Statement(
    delete(t.doorbell).where(t.doorbell.c.webhook_id == _WEBHOOK), behind=text("SELECT wall.remove_bell(:webhook)")
)
FORGET_SEEN = Statement(
    delete(t.feed_seen).where(t.feed_seen.c.reader == _MEMORY), behind=text("SELECT wall.forget_bell_seen(:webhook)")
)
FORGET_VIEWS = Statement(
    delete(t.feed_view).where(t.feed_view.c.reader == _MEMORY), behind=text("SELECT wall.forget_bell_views(:webhook)")
)

_ASSIGNMENT = (
    select(func.min(t.assignment.c.id))
    .where(
        t.assignment.c.client_id == t.webhook.c.client_id,
        t.assignment.c.unit_id == t.webhook.c.unit_id,
        t.assignment.c.role == t.webhook.c.role,
        t.assignment.c.ended_at.is_(None),
    )
    .correlate(t.webhook)
    .scalar_subquery()
)
_KEY = (
    select(func.min(t.client_key.c.thumbprint))
    .where(t.client_key.c.client_id == t.webhook.c.client_id, t.client_key.c.retired_at.is_(None))
    .correlate(t.webhook)
    .scalar_subquery()
)
_BELLS = (
    t.webhook.join(t.doorbell, t.doorbell.c.webhook_id == t.webhook.c.id)
    .join(t.client, t.client.c.id == t.webhook.c.client_id)
    .join(t.unit, t.unit.c.id == t.webhook.c.unit_id)
    .join(t.agency, t.agency.c.id == t.unit.c.agency_id)
)
_LIVE = and_(
    t.webhook.c.ended_at.is_(None),
    t.client.c.suspended_at.is_(None),
    t.unit.c.suspended_at.is_(None),
    t.agency.c.suspended_at.is_(None),
    _ASSIGNMENT.is_not(None),
)
"""Of a client that may ask in this unit and role at this moment, as the feed itself would find."""

LISTENING = Statement(
    select(
        t.webhook.c.id,
        t.webhook.c.unit_id,
        t.webhook.c.client_id,
        t.webhook.c.role,
        t.unit.c.name.label("unit_name"),
        _ASSIGNMENT.label("assignment"),
        _KEY.label("key"),
        t.client.c.secret_hash,
    )
    .select_from(_BELLS)
    .where(_LIVE)
    .order_by(t.webhook.c.id)
)
DUE = Statement(
    select(
        t.webhook.c.id,
        t.webhook.c.unit_id,
        t.webhook.c.client_id,
        t.webhook.c.sealed,
        t.doorbell.c.ring,
        t.doorbell.c.digest,
        t.doorbell.c.attempt,
    )
    .select_from(_BELLS)
    .where(_LIVE, t.doorbell.c.ring.is_not(None), t.doorbell.c.next_at <= bindparam("now"))
    .order_by(t.doorbell.c.next_at, t.webhook.c.id)
    .limit(bindparam("most"))
)
SILENCED = Statement(
    select(t.doorbell.c.webhook_id).where(
        t.doorbell.c.ring.is_not(None),
        t.doorbell.c.webhook_id.not_in(select(t.webhook.c.id).select_from(_BELLS).where(_LIVE)),
    )
)
"""A ring is under way for a client that may ask no longer."""

HOLD = Statement(
    update(t.doorbell).where(t.doorbell.c.webhook_id == bindparam("of")).values(attempt=t.doorbell.c.attempt)
)
"""One row a webhook, so that two workers that look for the same one follow each other."""

STATE = Statement(
    select(
        t.doorbell.c.digest,
        and_(t.doorbell.c.ring.is_not(None), t.doorbell.c.next_at.is_(None)).label("unscheduled"),
    ).where(t.doorbell.c.webhook_id == _WEBHOOK)
)
"""``unscheduled``: a worker ended between finding news and setting the time."""

NEWS = Statement(
    update(t.doorbell)
    .where(t.doorbell.c.webhook_id == _WEBHOOK)
    .values(digest=bindparam("fresh"), ring=func.coalesce(t.doorbell.c.ring, bindparam("other")))
)
"""A ring that is under way stays the one that it is, on its own schedule."""

SCHEDULE = Statement(
    update(t.doorbell)
    .where(t.doorbell.c.webhook_id == _WEBHOOK, t.doorbell.c.ring.is_not(None), t.doorbell.c.next_at.is_(None))
    .values(next_at=bindparam("at"), attempt=0)
)
CLAIM = Statement(
    update(t.doorbell)
    .where(
        t.doorbell.c.webhook_id == _WEBHOOK,
        t.doorbell.c.ring == bindparam("this"),
        t.doorbell.c.attempt == bindparam("tries"),
    )
    .values(attempt=t.doorbell.c.attempt + 1, next_at=bindparam("at"))
)
"""Only one worker changes the row; whoever is killed after it has left the next try behind."""

SETTLE = Statement(
    update(t.doorbell)
    .where(
        t.doorbell.c.webhook_id == _WEBHOOK,
        t.doorbell.c.ring == bindparam("this"),
        t.doorbell.c.digest == bindparam("said"),
    )
    .values(ring=None, next_at=None, attempt=0, rung_at=bindparam("at"))
)
ANOTHER = Statement(
    update(t.doorbell)
    .where(t.doorbell.c.webhook_id == _WEBHOOK, t.doorbell.c.ring == bindparam("this"))
    .values(ring=bindparam("other"), next_at=bindparam("at"), attempt=0)
)
"""News that came after the try that was taken: whoever took it may have asked the feed before."""

SILENCE = Statement(
    update(t.doorbell).where(t.doorbell.c.webhook_id == _WEBHOOK).values(ring=None, next_at=None, attempt=0, digest="")
)
