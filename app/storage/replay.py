"""What a past decision was made of: rows that are dated or only ever added, read together with their dates.

A consultation names the case only by the asking unit's own words, sealed; from them on everything is found here.
"""

from sqlalchemy import and_, bindparam, func, or_, select

from app.storage import tables as t
from app.storage.data_keys import PATIENT_OF_SUBJECT, with_key
from app.storage.statement import Statement

CONSULTATION = Statement(select(t.consultation).where(t.consultation.c.id == bindparam("consultation")))
CONSULTATION_OF = Statement(
    select(t.disclosure.c.consultation_id, t.disclosure.c.subject, t.disclosure.c.unit_id, t.disclosure.c.entry).where(
        t.disclosure.c.id == bindparam("disclosure")
    )
)
TOLD = Statement(
    select(
        t.disclosure.c.id,
        t.disclosure.c.subject,
        t.disclosure.c.instrument_id,
        t.disclosure.c.entry,
        with_key(t.disclosure.c.opening, PATIENT_OF_SUBJECT),
    )
    .where(t.disclosure.c.consultation_id == bindparam("consultation"))
    .order_by(t.disclosure.c.id)
)
VIEW = Statement(
    select(t.case_view.c.case_key, t.case_view.c.since, t.case_view.c.sealed).where(
        t.case_view.c.unit_id == bindparam("unit"), t.case_view.c.case_id == bindparam("case_id")
    )
)
INSTRUMENTS = Statement(
    select(
        t.consent.c.id,
        t.consent.c.patient_id,
        t.consent.c.unit_id,
        t.consent.c.facts,
        t.consent.c.version,
        t.consent.c.activated_at,
        t.consent.c.superseded_at,
        t.consent.c.entered_in_error,
        t.consent_recipient.c.closed_at,
        t.court_order.c.ended_at,
        t.ledger_subject.c.pseudonym,
        t.referral_subject.c.ref,
        t.unit.c.closed_at.label("discloser_closed_at"),
    )
    .select_from(
        t.consent_recipient.join(t.consent, t.consent.c.id == t.consent_recipient.c.consent_id)
        .join(t.unit, t.unit.c.id == t.consent.c.unit_id)
        .join(t.ledger_subject, t.ledger_subject.c.patient_id == t.consent.c.patient_id)
        .outerjoin(t.court_order, t.court_order.c.consent_id == t.consent.c.id)
        .outerjoin(
            t.referral_subject,
            and_(
                t.referral_subject.c.referral_id == t.consent.c.referral_id,
                t.referral_subject.c.unit_id == t.consent_recipient.c.unit_id,
            ),
        )
    )
    .where(
        t.consent_recipient.c.unit_id == bindparam("unit"),
        t.consent_recipient.c.case_key == bindparam("key"),
        t.consent.c.created_at >= bindparam("since"),
        t.consent.c.activated_at.is_not(None),
    )
    .order_by(t.consent.c.id)
)
"""Everything that names the unit in the case, recipients that are closed by now included."""

SUSPENSIONS = Statement(
    select(t.suspension.c.cause, t.suspension.c.from_at, t.suspension.c.until_at, t.review.c.closed_at)
    .select_from(
        t.suspension.outerjoin(
            t.review, and_(t.review.c.subject_id == t.suspension.c.id, t.review.c.closed_at.is_not(None))
        )
    )
    .where(t.suspension.c.consent_id == bindparam("consent"))
    .order_by(t.suspension.c.from_at, t.suspension.c.id)
)
"""When a consent was suspended, and when somebody decided the review of that."""

ASSIGNMENTS = Statement(
    select(t.case_assignment.c.person, t.case_assignment.c.from_at, t.case_assignment.c.until_at)
    .where(t.case_assignment.c.unit_id == bindparam("unit"), t.case_assignment.c.case_key == bindparam("key"))
    .order_by(t.case_assignment.c.from_at, t.case_assignment.c.id)
)
_FIRST = select(func.min(t.unit_profile.c.since)).where(t.unit_profile.c.unit_id == bindparam("unit"))
PROFILES = Statement(
    select(t.unit_profile.c.profile, t.unit_profile.c.since)
    .where(
        t.unit_profile.c.unit_id == bindparam("unit"),
        or_(t.unit_profile.c.since <= bindparam("at"), t.unit_profile.c.since == _FIRST.scalar_subquery()),
    )
    .order_by(t.unit_profile.c.since)
)
"""Under which profiles a unit stood until an instant, oldest first; the first of all stands for any time before."""
