"""Who is in a course."""

from __future__ import annotations

from .models import PUPIL, ROLES, Course, Enrolment, Group, GroupMember, Person
from .site import site
from .store import session


def add_person(*, given_name: str, family_name: str, person_id: int | None = None) -> Person:
    """A new person of the school."""
    person = Person(id=person_id, username="", given_name=given_name, family_name=family_name, email="")
    person.username = f"person{session().query(Person).count() + 1:03}"
    person.email = f"{person.username}@{site().mail_domain}"
    session().add(person)
    session().flush()
    return person


def enrol(course: Course, person: Person, *, role: str | None = None, suspended: bool | None = None) -> Enrolment:
    """Put a person into a course, or change what she is there."""
    if role is not None and role not in ROLES:
        raise ValueError(f"unknown role {role}")
    row = session().query(Enrolment).filter_by(course_id=course.id, person_id=person.id).one_or_none()
    if row is None:
        row = Enrolment(course=course, person=person, role=role or PUPIL, suspended=False)
        session().add(row)
    row.role = role or row.role
    row.suspended = row.suspended if suspended is None else suspended
    session().flush()
    return row


def remove(course: Course, person: Person) -> None:
    """Take a person out of a course; grades stay in the gradebook's table, as in Moodle."""
    row = session().query(Enrolment).filter_by(course_id=course.id, person_id=person.id).one_or_none()
    if row is not None:
        session().delete(row)
        session().flush()
        session().expire(course, ["enrolments"])


def put_into_groups(person: Person, groups: list[Group]) -> None:
    """Let a person be in these groups and no others."""
    session().query(GroupMember).filter_by(person_id=person.id).delete()
    session().add_all(GroupMember(group_id=group.id, person_id=person.id) for group in groups)
