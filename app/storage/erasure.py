"""Statements of an erasure: keys destroyed, sealed bytes overwritten where rows may change, links and indexes cut."""

from sqlalchemy import BindParameter, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage import tables as t
from app.storage.statement import Statement

_OF: BindParameter[str] = bindparam("of")
_CONSENTS = select(t.consent.c.id).where(t.consent.c.patient_id == _OF)

UNIT_OF = Statement(select(t.patient.c.unit_id).where(t.patient.c.id == _OF, t.patient.c.erased_at.is_(None)))
LOCK = Statement(update(t.patient).where(t.patient.c.id == _OF).values(created_at=t.patient.c.created_at))
TRANSFERS = Statement(select(t.transfer.c.id, t.transfer.c.recipient_unit).where(t.transfer.c.patient_id == _OF))
DESTROYED = Statement(select(t.data_key.c.owner).where(t.data_key.c.destroyed_at.is_not(None)))

_KEY = upsert(t.data_key)
DESTROY_KEY = Statement(
    # Of an owner without a key as well: what it has is of before, and no key may be made for it any more.
    _KEY.on_conflict_do_update(
        index_elements=["owner"],
        set_={
            "wrapped": None,
            "wrapped_by": "",
            "destroyed_at": func.coalesce(t.data_key.c.destroyed_at, _KEY.excluded.destroyed_at),
        },
    )
)
PATIENT = Statement(
    update(t.patient)
    .where(t.patient.c.id == _OF)
    .values(
        sealed=b"",
        name_index=bindparam("nobody"),
        birth_index=bindparam("nobody"),
        erased_at=func.coalesce(t.patient.c.erased_at, bindparam("at")),
    )
)
ROWS = Statement(update(t.element_row).where(t.element_row.c.patient_id == _OF).values(sealed=b"", live=0))
MESSAGES = Statement(update(t.message).where(t.message.c.patient_id == _OF).values(sealed=b"", identifier_index=None))
RECIPIENTS = Statement(delete(t.consent_recipient).where(t.consent_recipient.c.consent_id.in_(_CONSENTS)))
CONSENTS = Statement(
    update(t.consent)
    .where(t.consent.c.patient_id == _OF)
    .values(sealed=b"", facts=None, case_key=None, referral_id=None)
)
TRANSFERRED = Statement(
    update(t.transfer).where(t.transfer.c.patient_id == _OF).values(sealed=b"", identifier_index=None)
)
UNMERGE = Statement(
    # Else a record that is not erased with it would be found no more: merged into nobody.
    update(t.patient_merge)
    .where(
        or_(t.patient_merge.c.survivor_id == _OF, t.patient_merge.c.merged_id == _OF),
        t.patient_merge.c.undone_at.is_(None),
    )
    .values(undone_at=bindparam("at"))
)
REVIEWS = Statement(update(t.review).where(t.review.c.patient_id == _OF).values(sealed=b""))
DOUBTS = Statement(update(t.suspension).where(t.suspension.c.consent_id.in_(_CONSENTS)).values(sealed=b""))
RESTRICTIONS = Statement(
    update(t.restriction).where(t.restriction.c.patient_id == _OF).values(sealed=b"", elements="[]", state="ended")
)
SUSPENSIONS = Statement(
    update(t.accounting_suspension).where(t.accounting_suspension.c.patient_id == _OF).values(sealed=b"")
)
REQUESTS = Statement(update(t.subject_request).where(t.subject_request.c.patient_id == _OF).values(sealed=b""))
ORDERS = Statement(update(t.court_order).where(t.court_order.c.patient_id == _OF).values(sealed=b""))
EMERGENCIES = Statement(update(t.emergency_access).where(t.emergency_access.c.patient_id == _OF).values(sealed=b""))
HOLDS = Statement(update(t.legal_hold).where(t.legal_hold.c.patient_id == _OF).values(sealed=b""))
UNMATCH = Statement(update(t.referral).where(t.referral.c.patient_id == _OF).values(patient_id=None, answered_at=None))
UNLINK = Statement(delete(t.ledger_subject).where(t.ledger_subject.c.patient_id == _OF))
KEPT_UNREADABLE = Statement(
    select(
        select(func.count())
        .where(t.consent_signature.c.consent_id.in_(_CONSENTS))
        .scalar_subquery()
        .label("signatures"),
        select(func.count()).where(t.incident.c.patient_id == _OF).scalar_subquery().label("incidents"),
        select(func.count())
        .select_from(t.disclosure.join(t.ledger_subject, t.ledger_subject.c.pseudonym == t.disclosure.c.subject))
        .where(t.ledger_subject.c.patient_id == _OF)
        .scalar_subquery()
        .label("openings"),
    )
)
"""Rows that nobody may change, so that their key alone is destroyed."""

SENT = Statement(
    select(t.referral.c.patient_id, t.patient.c.unit_id)
    .select_from(t.referral.outerjoin(t.patient, t.patient.c.id == t.referral.c.patient_id))
    .where(t.referral.c.id == _OF, func.length(t.referral.c.sealed) > 0)
)
"""A referral that is readable still, with the record that it was matched to and that record's clinic, if any."""
REFERRAL = Statement(
    update(t.referral).where(t.referral.c.id == _OF).values(sealed=b"", receipt=b"", identifier_index=None)
)
AMENDMENTS = Statement(select(func.count().label("amendments")).where(t.referral_amendment.c.referral_id == _OF))
_NAMED = t.referral_subject.alias("named")
FORGET_PERSON = Statement(
    # The reference stays, since consents are read under it; by name and birth date it is found no more.
    update(t.subject_ref)
    .where(
        t.subject_ref.c.ref.in_(select(t.referral_subject.c.ref).where(t.referral_subject.c.referral_id == _OF)),
        ~select(_NAMED.c.ref)
        .where(_NAMED.c.ref == t.subject_ref.c.ref, _NAMED.c.referral_id != _OF)
        .correlate(t.subject_ref)
        .exists(),
    )
    .values(person_index=bindparam("nobody"))
)
