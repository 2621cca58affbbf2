"""What a clinic's accepted referrals ask to be reported, and which days it has reported: days only, nothing opened."""

from sqlalchemy import bindparam, literal_column, select

from app.storage import tables as t
from app.storage.data_keys import holds, with_key
from app.storage.statement import Statement

ENDS_CASE = (
    "final_disposition",
    "release_ended",
    "treatment_ended",
    "sentence_completed",
    "case_dismissed",
)
"""Events after which nothing more is reported in a case; that an officer's assignment ended is none of them."""

ANSWERED = Statement(
    select(
        t.referral.c.id,
        t.referral.c.case_key,
        t.referral.c.patient_id,
        t.referral.c.scope,
        with_key(t.referral.c.sealed, t.referral.c.id),
        t.referral.c.answered_at,
    ).where(
        t.referral.c.recipient_unit == bindparam("unit"),
        t.referral.c.patient_id.is_not(None),
        t.referral.c.answered_at.is_not(None),
        t.referral.c.cancelled_at.is_(None),
        holds(t.referral),
        ~select(t.case_event.c.id)
        .where(
            t.case_event.c.case_key == t.referral.c.case_key,
            t.case_event.c.effective == 1,
            t.case_event.c.code.in_([literal_column(f"'{code}'") for code in ENDS_CASE]),
        )
        .exists(),
    )
)
"""Referrals that this clinic answered, not cancelled, of cases that still run."""

DECISIONS = Statement(
    select(
        t.element_row.c.scope,
        t.element_row.c.patient_id,
        t.element_row.c.message_id,
        with_key(t.element_row.c.sealed, t.element_row.c.patient_id),
    )
    .select_from(t.patient.join(t.element_row, t.element_row.c.patient_id == t.patient.c.id))
    .where(
        t.patient.c.unit_id == bindparam("unit"),
        t.element_row.c.unit_id == bindparam("unit"),
        t.element_row.c.kind == "referral",
        t.element_row.c.element == "referral.decision",
        t.element_row.c.live == literal_column("1"),
    )
)
"""The answer in force to each referral; ``scope`` is the referral."""

REPORTED = Statement(
    select(t.message.c.id, t.message.c.patient_id, t.message.c.first_day, t.message.c.last_day)
    .select_from(t.patient.join(t.message, t.message.c.patient_id == t.patient.c.id))
    .where(
        t.patient.c.unit_id == bindparam("unit"),
        t.message.c.unit_id == bindparam("unit"),
        t.message.c.kind == "treatment_status",
        t.message.c.superseded_by.is_(None),
        t.message.c.first_day > 0,
        holds(t.message),
    )
    .order_by(t.message.c.last_day)
)
MERGES = Statement(
    select(t.patient_merge.c.merged_id, t.patient_merge.c.survivor_id).where(
        t.patient_merge.c.unit_id == bindparam("unit"), t.patient_merge.c.undone_at.is_(None)
    )
)
WORDS = Statement(
    select(with_key(t.message.c.sealed, t.message.c.patient_id)).where(
        t.message.c.id == bindparam("message"), t.message.c.unit_id == bindparam("unit")
    )
)
