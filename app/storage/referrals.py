"""Referrals: the sender's own words sealed, the clinic's match and answer beside them, apart."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    bindparam,
    func,
    insert,
    literal_column,
    select,
    text,
    tuple_,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.data_keys import holds, with_key, with_own_key
from app.storage.merges import SAME, SAME_TOGETHER
from app.storage.statement import Statement

_SEALED = with_key(t.referral.c.sealed, t.referral.c.id)
_OWN_SEALED = with_own_key(t.referral.c.sealed, t.referral.c.id)
_SHOWN = (
    t.referral.c.id,
    t.referral.c.issuer_unit,
    t.referral.c.recipient_unit,
    t.referral.c.case_key,
    t.referral.c.case_id,
    t.referral.c.patient_id,
    t.referral.c.scope,
    _SEALED,
    t.referral.c.receipt,
    t.referral.c.created_at,
    t.referral.c.cancelled_at,
    t.referral.c.delivered_at,
    func.coalesce(t.unit.c.suspended_at, t.agency.c.suspended_at).label("recipient_suspended_at"),
)
_FROM = t.referral.join(t.unit, t.unit.c.id == t.referral.c.recipient_unit).join(
    t.agency, t.agency.c.id == t.unit.c.agency_id
)
_HELD = holds(t.referral)
_AFTER = tuple_(t.referral.c.created_at, t.referral.c.id) > tuple_(bindparam("after_at"), bindparam("after_id"))

ADD = Statement(insert(t.referral))


def _sent(*which: ColumnElement[bool], order: bool = True) -> Statement:
    """Of the sender's own referrals. Behind the wall without what the clinic did: whose they are, and when it came."""
    told = [column for column in _SHOWN if column.name not in ("patient_id", "delivered_at", "sealed")]
    told.append(_OWN_SEALED)
    told.append(func.wall.delivery(t.referral.c.id).label("delivered_at"))
    found: list[Select[Any]] = []
    for columns in (_SHOWN, told):
        asked = select(*columns).select_from(_FROM).where(t.referral.c.issuer_unit == bindparam("unit"), _HELD, *which)
        page = asked.where(_AFTER).order_by(t.referral.c.created_at, t.referral.c.id).limit(bindparam("most"))
        found.append(page if order else asked)
    return Statement(found[0], behind=found[1])


SENT = _sent(t.referral.c.id == bindparam("referral"), order=False)
_IDENTIFIED = (t.referral.c.issuer_unit == bindparam("unit"), t.referral.c.identifier_index == bindparam("index"))
OF_IDENTIFIER = Statement(
    select(t.referral.c.id, _SEALED, t.referral.c.receipt).where(*_IDENTIFIED),
    behind=select(t.referral.c.id, _OWN_SEALED, t.referral.c.receipt).where(*_IDENTIFIED),
)
RECEIVED = Statement(
    select(*_SHOWN)
    .select_from(_FROM)
    .where(t.referral.c.id == bindparam("referral"), t.referral.c.recipient_unit == bindparam("unit"), _HELD)
)
LIST_SENT = _sent()
LIST_SENT_OPEN = _sent(t.referral.c.cancelled_at.is_(None))
LIST_SENT_CANCELLED = _sent(t.referral.c.cancelled_at.is_not(None))
LIST_RECEIVED = Statement(
    select(*_SHOWN)
    .select_from(_FROM)
    .where(t.referral.c.recipient_unit == bindparam("unit"), _HELD, _AFTER)
    .order_by(t.referral.c.created_at, t.referral.c.id)
    .limit(bindparam("most"))
)
DELIVER = Statement(
    update(t.referral)
    .where(
        t.referral.c.recipient_unit == bindparam("unit"),
        t.referral.c.delivered_at.is_(None),
        tuple_(t.referral.c.created_at, t.referral.c.id) <= tuple_(bindparam("to_at"), bindparam("to_id")),
    )
    .values(delivered_at=bindparam("at"))
)
CANCEL = Statement(
    update(t.referral)
    .where(t.referral.c.id == bindparam("referral"), t.referral.c.cancelled_at.is_(None))
    .values(cancelled_at=bindparam("at"))
)
MATCH = Statement(
    update(t.referral)
    .where(t.referral.c.id == bindparam("referral"), t.referral.c.patient_id.is_(None))
    .values(patient_id=bindparam("patient"))
)
ANSWER = Statement(
    update(t.referral).where(t.referral.c.id == bindparam("referral")).values(answered_at=bindparam("at"))
)
LOCK_SENT = Statement(
    # Serialises the amendments of one referral. The sender's acts touch this row alone, never the patient's.
    update(t.referral)
    .where(t.referral.c.id == bindparam("referral"), t.referral.c.issuer_unit == bindparam("unit"))
    .values(created_at=t.referral.c.created_at),
    behind=select(t.referral.c.id)
    .where(t.referral.c.id == bindparam("referral"), t.referral.c.issuer_unit == bindparam("unit"))
    .with_for_update(),
)
AMEND = Statement(update(t.referral).where(t.referral.c.id == bindparam("referral")).values(sealed=bindparam("words")))
ADD_AMENDMENT = Statement(insert(t.referral_amendment))
ADD_FRAME = Statement(upsert(t.referral_frame).on_conflict_do_nothing())
# A patient's referrals are few and a clinic's are not: SQLite, without statistics, would read all of the clinic's.
_OF_UNIT = t.referral.c.recipient_unit.concat(literal_column("''")) == bindparam("unit")
_THEIRS = (t.referral.c.patient_id.in_(select(SAME.c.id)), _OF_UNIT)
FRAMES = Statement(
    union(
        select(t.referral.c.case_key, t.referral.c.scope).where(*_THEIRS),
        select(t.referral.c.case_key, t.referral_frame.c.scope)
        .select_from(t.referral_frame.join(t.referral, t.referral.c.id == t.referral_frame.c.referral_id))
        .where(*_THEIRS),
    )
)
"""Every frame of the referrals of a patient's records to this clinic: the first of each and those of amendments."""

_OF_EACH = SAME_TOGETHER.join(t.referral, t.referral.c.patient_id == SAME_TOGETHER.c.id)
FRAMES_TOGETHER = Statement(
    union(
        select(SAME_TOGETHER.c.asked, t.referral.c.case_key, t.referral.c.scope).select_from(_OF_EACH).where(_OF_UNIT),
        select(SAME_TOGETHER.c.asked, t.referral.c.case_key, t.referral_frame.c.scope)
        .select_from(_OF_EACH.join(t.referral_frame, t.referral_frame.c.referral_id == t.referral.c.id))
        .where(_OF_UNIT),
    )
)
"""The same of many patients, each row with the one ``asked`` about."""

OF_PATIENT = Statement(
    select(t.referral.c.id, t.referral.c.case_key, t.referral.c.scope).where(
        t.referral.c.patient_id == bindparam("patient"), t.referral.c.recipient_unit == bindparam("unit")
    )
)
ADD_SUBJECT_REF = Statement(
    upsert(t.subject_ref).on_conflict_do_nothing(),
    behind=text("SELECT wall.add_subject_ref(:unit_id, :case_key, :person_index, :ref)"),
)
ADD_REFERRAL_SUBJECT = Statement(
    upsert(t.referral_subject)
    .from_select(
        ["referral_id", "unit_id", "ref"],
        select(bindparam("referral", type_=Text), t.subject_ref.c.unit_id, t.subject_ref.c.ref).where(
            t.subject_ref.c.unit_id == bindparam("unit_id"),
            t.subject_ref.c.case_key == bindparam("case_key"),
            t.subject_ref.c.person_index == bindparam("person_index"),
        ),
    )
    .on_conflict_do_nothing(),
    behind=text("SELECT wall.add_referral_subject(:referral, :unit_id, :case_key, :person_index)"),
)
"""The unit's reference of the person becomes that of this referral, if there is one."""
