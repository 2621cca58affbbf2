"""Suspensions of consents and errors found in them: what makes an instrument deny at once."""

from sqlalchemy import bindparam, exists, insert, select, update

from app.storage import tables as t
from app.storage.data_keys import with_key
from app.storage.statement import Statement

DISCLOSER = Statement(select(t.consent.c.unit_id).where(t.consent.c.id == bindparam("consent")))
ADD = Statement(insert(t.suspension))
SUSPEND = Statement(
    update(t.consent).where(t.consent.c.id == bindparam("consent")).values(suspended=1, version=t.consent.c.version + 1)
)
END = Statement(
    update(t.suspension)
    .where(t.suspension.c.id == bindparam("suspension"), t.suspension.c.until_at.is_(None))
    .values(until_at=bindparam("at"), sealed=bindparam("sealed_"))
)
_OPEN = exists().where(t.suspension.c.consent_id == t.consent.c.id, t.suspension.c.until_at.is_(None))
RESUME = Statement(
    update(t.consent)
    .where(t.consent.c.id == bindparam("consent"), ~_OPEN)
    .values(suspended=0, version=t.consent.c.version + 1)
)
"""The last open suspension was lifted; while another one is open nothing changes."""
ENTER_IN_ERROR = Statement(
    update(t.consent)
    .where(t.consent.c.id == bindparam("consent"))
    .values(entered_in_error=1, version=t.consent.c.version + 1)
)
_PATIENT = (
    select(t.consent.c.patient_id)
    .where(t.consent.c.id == t.suspension.c.consent_id)
    .correlate(t.suspension)
    .scalar_subquery()
)
OF_CONSENT = Statement(
    select(
        t.suspension.c.id,
        t.suspension.c.cause,
        t.suspension.c.from_at,
        t.suspension.c.until_at,
        with_key(t.suspension.c.sealed, _PATIENT),
    )
    .where(t.suspension.c.consent_id == bindparam("consent"))
    .order_by(t.suspension.c.from_at, t.suspension.c.id)
)
