"""The disclosure ledger, read for the patient's accounting. A clinic's own look is added here, a release never.

What leaves for justice is recorded by the record function alone.
"""

from sqlalchemy import bindparam, insert, select

from app.storage import tables as t
from app.storage.data_keys import PATIENT_OF_SUBJECT, with_key
from app.storage.statement import Statement

ADD_CONSULTATION = Statement(insert(t.consultation))
ADD_DISCLOSURE = Statement(insert(t.disclosure))
"""For what was told outside this service. A release is recorded by the record function, with its gate."""

OF_REQUEST = Statement(
    select(t.consultation.c.id, t.consultation.c.at, t.consultation.c.unit_id, t.consultation.c.entry)
    .where(t.consultation.c.request_id == bindparam("request"))
    .order_by(t.consultation.c.at, t.consultation.c.id)
)
OF_CONSULTATION = Statement(
    select(t.disclosure.c.entry)
    .where(t.disclosure.c.consultation_id == bindparam("consultation"))
    .order_by(t.disclosure.c.id)
)
OF_SUBJECT = Statement(
    select(
        t.disclosure.c.id,
        t.disclosure.c.unit_id,
        t.disclosure.c.instrument_id,
        t.disclosure.c.at,
        t.disclosure.c.entry,
        with_key(t.disclosure.c.opening, PATIENT_OF_SUBJECT),
    )
    .where(
        t.disclosure.c.subject == bindparam("subject"),
        t.disclosure.c.at >= bindparam("from_at"),
        t.disclosure.c.at < bindparam("to_at"),
    )
    .order_by(t.disclosure.c.at, t.disclosure.c.id)
)
