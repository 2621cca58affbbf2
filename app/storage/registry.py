"""Agencies, units, clients, keys and assignments: the only source of who may act as what."""

from typing import Any

from sqlalchemy import Text, and_, bindparam, case, delete, func, insert, literal_column, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from app.storage import tables as t
from app.storage.statement import Statement
from app.vocabulary import JUSTICE


class _Proof(GenericFunction[str]):
    """The pass of a unit and client, which only the database can make (migration 0006)."""

    type = Text()
    name = "proof"
    inherit_cache = True


@compiles(_Proof)
def _no_wall(element: Any, compiler: Any, **_: Any) -> str:
    return "NULL"


@compiles(_Proof, "postgresql")
def _mint(element: Any, compiler: Any, **more: Any) -> str:
    return f"wall.mint{compiler.process(element.clause_expr, **more)}"


_JUSTICE = t.agency.c.kind.in_([literal_column(f"'{kind.value}'") for kind in sorted(JUSTICE)])

LIVE_ASSIGNMENT = Statement(
    select(
        t.assignment.c.role,
        t.unit.c.id.label("unit_id"),
        t.unit.c.name,
        t.unit.c.time_zone,
        t.unit.c.profile,
        t.agency.c.id.label("agency_id"),
        t.agency.c.kind,
        case((_JUSTICE, _Proof(t.unit.c.id, t.client.c.id))).label("proof"),
    )
    .select_from(
        t.assignment.join(t.client, t.client.c.id == t.assignment.c.client_id)
        .join(t.unit, t.unit.c.id == t.assignment.c.unit_id)
        .join(t.agency, t.agency.c.id == t.unit.c.agency_id)
        .outerjoin(t.client_key, t.client_key.c.thumbprint == bindparam("key"))
    )
    .where(
        t.assignment.c.id == bindparam("assignment"),
        t.assignment.c.client_id == bindparam("client"),
        t.assignment.c.ended_at.is_(None),
        t.client.c.suspended_at.is_(None),
        t.unit.c.suspended_at.is_(None),
        t.agency.c.suspended_at.is_(None),
        or_(
            and_(bindparam("key") == "secret", t.client.c.secret_hash.is_not(None)),
            and_(t.client_key.c.client_id == t.client.c.id, t.client_key.c.retired_at.is_(None)),
        ),
    )
)
"""One row if client, its key (thumbprint, or "secret" in the sandbox), assignment, unit and agency are all live; for a
justice unit with the ``proof`` by which PostgreSQL knows it for the next half a minute."""

CLIENT = Statement(
    select(t.client.c.id, t.client.c.assertion_profile, t.client.c.secret_hash)
    .select_from(t.client.join(t.agency, t.agency.c.id == t.client.c.agency_id))
    .where(t.client.c.id == bindparam("client"), t.client.c.suspended_at.is_(None), t.agency.c.suspended_at.is_(None))
)
CLIENT_KEYS = Statement(
    select(t.client_key.c.thumbprint, t.client_key.c.jwk).where(
        t.client_key.c.client_id == bindparam("client"), t.client_key.c.retired_at.is_(None)
    )
)
ASSIGNMENTS = Statement(
    select(t.assignment.c.id, t.assignment.c.unit_id, t.assignment.c.role, t.unit.c.name)
    .select_from(t.assignment.join(t.unit, t.unit.c.id == t.assignment.c.unit_id))
    .where(
        t.assignment.c.client_id == bindparam("client"),
        t.assignment.c.ended_at.is_(None),
        t.unit.c.suspended_at.is_(None),
    )
    .order_by(t.assignment.c.id),
    behind=text("SELECT id, unit_id, role, name FROM wall.assignments()"),
)
UNITS = Statement(
    select(
        t.unit.c.id,
        t.unit.c.name,
        t.unit.c.services,
        t.unit.c.languages,
        t.unit.c.capacity,
        t.unit.c.waiting_time,
        t.unit.c.time_zone,
        t.agency.c.id.label("agency_id"),
        t.agency.c.name.label("agency_name"),
        t.agency.c.kind,
    )
    .select_from(t.unit.join(t.agency, t.agency.c.id == t.unit.c.agency_id))
    .where(t.unit.c.suspended_at.is_(None), t.agency.c.suspended_at.is_(None))
    .order_by(t.unit.c.id)
)
_PUBLIC = (
    select(
        t.unit.c.id,
        t.unit.c.name,
        t.unit.c.time_zone,
        t.unit.c.suspended_at,
        t.unit.c.agency_id,
        t.agency.c.name.label("agency_name"),
        t.agency.c.kind,
        t.agency.c.suspended_at.label("agency_suspended_at"),
    )
    .select_from(t.unit.join(t.agency, t.agency.c.id == t.unit.c.agency_id))
    .where(t.unit.c.id == bindparam("unit"))
)
UNIT = Statement(_PUBLIC.add_columns(t.unit.c.alias, t.unit.c.profile), behind=_PUBLIC)
DESCRIBE = Statement(
    update(t.unit)
    .where(t.unit.c.id == bindparam("id_"))
    .values(
        {
            column: func.coalesce(bindparam(f"said_{column.name}", type_=Text), column)
            for column in (t.unit.c.services, t.unit.c.languages, t.unit.c.capacity, t.unit.c.waiting_time)
        }
    )
)
ADD_AGENCY = Statement(insert(t.agency))
ADD_UNIT = Statement(insert(t.unit))
ADD_CLIENT = Statement(insert(t.client))
ADD_KEY = Statement(upsert(t.client_key).on_conflict_do_nothing())
ADD_ASSIGNMENT = Statement(insert(t.assignment))
ADD_APPOINTMENT = Statement(insert(t.appointment))
APPOINTED = Statement(
    select(t.appointment.c.discloser_unit).where(t.appointment.c.officer_unit == bindparam("officer"))
)
KEY_KNOWN = Statement(select(t.client_key.c.client_id).where(t.client_key.c.thumbprint == bindparam("key")))
ASSIGNMENT = Statement(select(t.assignment.c.client_id).where(t.assignment.c.id == bindparam("assignment")))
END_ASSIGNMENT = Statement(
    update(t.assignment)
    .where(t.assignment.c.id == bindparam("assignment"), t.assignment.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"))
)
RETIRE_KEY = Statement(
    update(t.client_key)
    .where(
        t.client_key.c.client_id == bindparam("client"),
        t.client_key.c.thumbprint == bindparam("key"),
        t.client_key.c.retired_at.is_(None),
    )
    .values(retired_at=bindparam("at"))
)
SUSPEND_CLIENT = Statement(
    update(t.client).where(t.client.c.id == bindparam("id_")).values(suspended_at=bindparam("at"))
)
SUSPEND_UNIT = Statement(update(t.unit).where(t.unit.c.id == bindparam("id_")).values(suspended_at=bindparam("at")))
SUSPEND_AGENCY = Statement(
    update(t.agency).where(t.agency.c.id == bindparam("id_")).values(suspended_at=bindparam("at"))
)
STANDING = Statement(select(t.unit.c.closed_at, t.unit.c.profile).where(t.unit.c.id == bindparam("unit")))
"""Whether a unit closed, and the law it works under."""

CLOSE_UNIT = Statement(
    update(t.unit)
    .where(t.unit.c.id == bindparam("id_"), t.unit.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"), suspended_at=func.coalesce(t.unit.c.suspended_at, bindparam("at")))
)
"""Closed for good, and suspended with it: everything that a suspended unit cannot do, a closed one cannot."""

RENAME_UNIT = Statement(update(t.unit).where(t.unit.c.id == bindparam("id_")).values(name=bindparam("new_name")))
SET_PROFILE = Statement(update(t.unit).where(t.unit.c.id == bindparam("id_")).values(profile=bindparam("new_profile")))
PROFILES = Statement(select(t.unit.c.profile).where(t.unit.c.closed_at.is_(None)).distinct().order_by(t.unit.c.profile))
ADD_PROFILE = Statement(insert(t.unit_profile))
"""From when on a unit works under a profile."""

GIVEN_BY_UNIT = Statement(
    select(t.consent.c.patient_id, t.consent_recipient.c.unit_id)
    .select_from(t.consent.join(t.consent_recipient, t.consent_recipient.c.consent_id == t.consent.c.id))
    .where(t.consent.c.unit_id == bindparam("unit"), t.consent_recipient.c.closed_at.is_(None))
    .distinct()
)
"""Of whom who may be reading by the leave of this discloser's patients."""

UNITS_OF_AGENCY = Statement(select(t.unit.c.id).where(t.unit.c.agency_id == bindparam("agency")).order_by(t.unit.c.id))
REPLAY = Statement(upsert(t.assertion_replay).on_conflict_do_nothing())
FORGET_REPLAYS = Statement(delete(t.assertion_replay).where(t.assertion_replay.c.expires_at < bindparam("now")))
AGENCY_OF_UNIT = Statement(select(t.unit.c.agency_id).where(t.unit.c.id == bindparam("unit")))
AGENCY_OF_CLIENT = Statement(select(t.client.c.agency_id).where(t.client.c.id == bindparam("client")))
ALL_UNITS = Statement(
    select(t.unit.c.id, t.unit.c.name, t.agency.c.name.label("agency_name")).select_from(
        t.unit.join(t.agency, t.agency.c.id == t.unit.c.agency_id)
    )
)
