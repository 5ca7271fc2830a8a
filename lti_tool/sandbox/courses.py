"""What teachers do with a course: activities and a copy of the whole."""

from __future__ import annotations

from . import gradebook
from .models import TEACHER, Course, Enrolment, GradeItem, Link, Person, Tool
from .site import site
from .store import session


def add_link(
    course: Course, tool: Tool, title: str, *, maximum: float | None = None, custom: str = "", url: str = ""
) -> Link:
    """Add an external tool activity; with `maximum` it gets a column in the gradebook."""
    link = Link(course=course, tool=tool, title=title, custom=custom, url=url)
    session().add(link)
    session().flush()
    if maximum is not None:
        gradebook.add_column(link, maximum)
    return link


def remove_link(link: Link) -> None:
    """Remove an activity and its own column."""
    for item in link.own_items:
        session().delete(item)
    session().delete(link)


def copy(course: Course, teacher: Person) -> Course:
    """A restored copy: new ids everywhere, parameters and marks of columns kept, no pupils and no grades."""
    number = session().query(Course).count()
    history = ",".join(part for part in (str(course.id), course.history) if part)
    twin = Course(
        label=f"{course.label}_{number}",
        title=f"{course.title} ({number})",
        started_at=site().now(),
        history=history,
    )
    twin.enrolments.append(Enrolment(person=teacher, role=TEACHER))
    session().add(twin)
    session().flush()
    for link in course.links:
        _copy_link(link, twin)
    return twin


def _copy_link(link: Link, course: Course) -> None:
    twin = Link(
        course=course,
        tool=link.tool,
        title=link.title,
        description=link.description,
        url=link.url,
        custom=link.custom,
        hidden=link.hidden,
    )
    session().add(twin)
    session().flush()
    for item in session().query(GradeItem).filter_by(link_id=link.id):
        marks = {"resourceId": item.resource_id, "tag": item.tag, "submissionReview": item.review}
        gradebook.add_column(twin, item.maximum, marks)


def may_teach(course: Course, person: Person) -> bool:
    """Editing teachers of the course and the site administrator."""
    return person.site_admin or any(
        row.person_id == person.id and row.role == TEACHER and not row.suspended for row in course.enrolments
    )


def may_see(course: Course, person: Person) -> bool:
    """People of the course who are not suspended, and the site administrator."""
    return person.site_admin or any(row.person_id == person.id and not row.suspended for row in course.enrolments)
