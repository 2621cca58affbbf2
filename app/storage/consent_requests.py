"""Requests for a consent: a justice unit's wish, on the list of the clinic that it referred to; never a consent."""

from sqlalchemy import bindparam, select, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.data_keys import holds
from app.storage.statement import Statement

ADD = Statement(upsert(t.consent_request).on_conflict_do_nothing())
"""Its id says referral, role and purpose: the same wish twice is one row."""

LIST = Statement(
    select(
        t.consent_request.c.id,
        t.consent_request.c.referral_id,
        t.consent_request.c.issuer_unit,
        t.consent_request.c.role,
        t.consent_request.c.purpose,
        t.consent_request.c.created_at,
        t.unit.c.name.label("unit_name"),
        t.referral.c.patient_id,
    )
    .select_from(
        t.consent_request.join(t.unit, t.unit.c.id == t.consent_request.c.issuer_unit).join(
            t.referral, t.referral.c.id == t.consent_request.c.referral_id
        )
    )
    .where(
        t.consent_request.c.recipient_unit == bindparam("unit"),
        holds(t.referral),
        tuple_(t.consent_request.c.created_at, t.consent_request.c.id)
        > tuple_(bindparam("after_at"), bindparam("after_id")),
    )
    .order_by(t.consent_request.c.created_at, t.consent_request.c.id)
    .limit(bindparam("most"))
)
