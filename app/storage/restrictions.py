"""Restrictions that patients asked for (42 CFR 2.26; GDPR 18): which elements, towards whom, and their state."""

from sqlalchemy import bindparam, insert, select, update

from app.storage import tables as t
from app.storage.data_keys import holds, with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.restriction))
OF_PATIENT = Statement(
    select(*with_keys(t.restriction, t.restriction.c.patient_id))
    .where(t.restriction.c.patient_id == bindparam("patient"), holds(t.restriction))
    .order_by(t.restriction.c.requested_at, t.restriction.c.id)
)
CHANGE = Statement(
    update(t.restriction)
    .where(t.restriction.c.id == bindparam("restriction"))
    .values(
        state=bindparam("new_state"),
        agreed_at=bindparam("agreed"),
        ended_at=bindparam("ended"),
        lifted_day=bindparam("lifted"),
        sealed=bindparam("said"),
    )
)
