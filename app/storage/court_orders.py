"""Court orders as a discloser entered them: words sealed. What an approved one grants stands as an instrument."""

from typing import Any, Final

from sqlalchemy import bindparam, insert, literal_column, or_, select, update

from app.storage import tables as t
from app.storage.data_keys import holds, with_keys
from app.storage.statement import Statement

ADD = Statement(insert(t.court_order))
_OWN = or_(
    t.court_order.c.unit_id == bindparam("unit"),
    t.court_order.c.unit_id.in_(
        select(t.appointment.c.discloser_unit).where(t.appointment.c.officer_unit == bindparam("unit"))
    ),
)
"""Those of the unit itself and, for a privacy office, of the disclosers that appointed it."""
_WAITING: Final[tuple[Any, ...]] = (literal_column("'held'"), literal_column("'authorised_not_compelled'"))
_COLUMNS = with_keys(t.court_order, t.court_order.c.patient_id)

OWN = Statement(select(*_COLUMNS).where(t.court_order.c.id == bindparam("order"), _OWN, holds(t.court_order)))
OF_PATIENT = Statement(
    select(*_COLUMNS)
    .where(t.court_order.c.patient_id == bindparam("patient"), holds(t.court_order))
    .order_by(t.court_order.c.created_at, t.court_order.c.id)
)
COMPEL = Statement(
    update(t.court_order)
    .where(t.court_order.c.id == bindparam("order"), t.court_order.c.state == "authorised_not_compelled")
    .values(state="held", sealed=bindparam("sealed_"))
)
"""Its mandate came: now it waits for the second person. One row if nobody was faster."""
DECIDE = Statement(
    update(t.court_order)
    .where(t.court_order.c.id == bindparam("order"), t.court_order.c.state.in_(_WAITING))
    .values(
        state=bindparam("state_"),
        consent_id=bindparam("instrument"),
        decided_at=bindparam("at"),
        sealed=bindparam("sealed_"),
    )
)
END = Statement(
    update(t.court_order)
    .where(
        t.court_order.c.id == bindparam("order"),
        t.court_order.c.state.in_((*_WAITING, literal_column("'approved'"))),
    )
    .values(state="vacated", ended_at=bindparam("at"), sealed=bindparam("sealed_"))
)
UNSEAT = Statement(
    update(t.court_order)
    .where(t.court_order.c.id == bindparam("order"), t.court_order.c.state == "approved")
    .values(state="vacated", ended_at=bindparam("at"))
)
"""Two records turned out to be of two persons, and the order was entered for the one in a case of the other."""
STANDING = Statement(
    select(t.court_order.c.id, t.consent.c.referral_id)
    .select_from(t.court_order.join(t.consent, t.consent.c.id == t.court_order.c.consent_id))
    .where(t.court_order.c.patient_id == bindparam("patient"), t.court_order.c.state == "approved")
    .order_by(t.court_order.c.id)
)
"""The approved orders of one record, each with the referral whose case it is of."""
