"""Custom parameters: lines of `name=value`, variables filled in as Moodle fills them."""

from __future__ import annotations

import re

from .models import TEACHER, Enrolment, GradeItem, Group, GroupMember, Launch, Link, Person
from .store import session

Values = dict[str, str | None]


def parse(lines: str) -> dict[str, str]:
    """The parameters of a text field, one `name=value` a line; other lines are ignored."""
    pairs = (line.split("=", 1) for line in lines.splitlines() if "=" in line)
    return {name.strip(): value.strip() for name, value in pairs if name.strip()}


def to_lines(values: dict[str, object]) -> str:
    """The text field for parameters returned through deep linking."""
    return "\n".join(f"{name}={value}" for name, value in values.items())


def claim(launch: Launch, base: str, extra: dict[str, str]) -> Values:
    """The custom claim: link, then `extra`, then tool (the tool's value wins), variables replaced.

    Each name arrives twice when it is not plain lower case, and an unknown variable arrives as it is written.
    """
    known = variables(launch, base)
    given = parse(launch.link.custom) if launch.link else {}
    given |= extra | parse(launch.tool.custom)
    result: Values = {}
    for name, value in given.items():
        filled = known[value[1:]] if value.startswith("$") and value[1:] in known else value
        result[re.sub(r"[^\w]", "_", name.lower())] = filled
        result[name] = filled
    result["context_memberships_url"] = known["ToolProxyBinding.memberships.url"]
    return result


def variables(launch: Launch, base: str) -> Values:
    """Every variable this platform knows, without the dollar sign."""
    course, person, tool = launch.course, launch.person, launch.tool
    services = f"{base}/services"
    return {
        "Context.id": str(course.id),
        "Context.id.history": course.history,
        "Context.title": course.title,
        "Context.label": course.label,
        "CourseSection.sourcedId": course.idnumber,
        "User.id": str(person.id),
        "User.username": person.username,
        "Person.name.full": person.name if tool.send_name else None,
        "Person.name.given": person.given_name if tool.send_name else None,
        "Person.name.family": person.family_name if tool.send_name else None,
        "Person.email.primary": person.email if tool.send_email else None,
        "Person.sourcedId": person.sourcedid,
        "Moodle.Person.userGroupIds": ",".join(map(str, group_ids(person.id, course.id))),
        "Membership.role": _role_word(person, course.id),
        "ToolProxyBinding.memberships.url": f"{services}/CourseSection/{course.id}/bindings/{tool.id}/memberships",
        "LineItems.url": f"{services}/{course.id}/lineitems?type_id={tool.id}",
        "LineItem.url": line_item_url(base, launch.link) if launch.link else "",
    } | _link_variables(launch.link)


def _link_variables(link: Link | None) -> Values:
    return {
        "ResourceLink.id": str(link.id) if link else None,
        "ResourceLink.title": link.title if link else None,
        "ResourceLink.description": link.description if link else None,
    }


def line_item_url(base: str, link: Link) -> str:
    """Address of the link's one line item; empty when there is none or more than one."""
    items = session().query(GradeItem).filter_by(course_id=link.course_id, resource_link_id=str(link.id)).all()
    return item_url(base, items[0]) if len(items) == 1 else ""


def item_url(base: str, item: GradeItem, type_id: str | None = None) -> str:
    """Address of a column; it carries a query string, as Moodle's does."""
    query = f"?type_id={item.tool_id}" if type_id is None else f"?type_id={type_id}" * bool(type_id)
    return f"{base}/services/{item.course_id}/lineitems/{item.id}/lineitem{query}"


def group_ids(person_id: int, course_id: int) -> list[int]:
    """The groups of the course a person is in."""
    found = session().query(Group.id).join(GroupMember, GroupMember.group_id == Group.id)
    return [
        row[0]
        for row in found.filter(GroupMember.person_id == person_id, Group.course_id == course_id).order_by(Group.id)
    ]


def _role_word(person: Person, course_id: int) -> str:
    row = session().query(Enrolment).filter_by(course_id=course_id, person_id=person.id).one_or_none()
    return "Instructor" if row is None or row.role == TEACHER else "Learner"
