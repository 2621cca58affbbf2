"""Whom a justice unit assigned to a case, by keyed name; what it says of its own staff is read by nobody else."""

from sqlalchemy import Text, bindparam, insert, or_, select, text, update

from app.storage import tables as t
from app.storage.statement import Statement

_OWN = (t.case_assignment.c.unit_id == bindparam("unit"), t.case_assignment.c.case_key == bindparam("key"))

OF_CASE = Statement(
    select(t.case_assignment.c.person, t.case_assignment.c.until_at)
    .where(*_OWN)
    .order_by(t.case_assignment.c.from_at, t.case_assignment.c.id),
    behind=text("SELECT person, until_at FROM wall.assigned(:key)"),
)
ADD = Statement(
    insert(t.case_assignment).values(
        id=bindparam("id"),
        unit_id=bindparam("unit"),
        case_key=bindparam("key"),
        person=bindparam("person"),
        from_at=bindparam("from_at"),
        until_at=bindparam("until_at"),
    ),
    behind=text("SELECT wall.assign(:key, :person, :from_at, :until_at, :id)"),
)
_PERSON = bindparam("person", type_=Text)
_MEANT = or_(_PERSON.is_(None), t.case_assignment.c.person == _PERSON)
END = Statement(
    update(t.case_assignment)
    .where(*_OWN, t.case_assignment.c.until_at.is_(None), _MEANT)
    .values(until_at=bindparam("at")),
    behind=text("SELECT wall.end_assignment(:key, :person, :at)"),
)
"""End the assignment of one person, or (``person`` NULL) of everybody."""
