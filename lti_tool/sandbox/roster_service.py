"""Names and Role Provisioning Services, with Moodle's habits.

Short role names, always Active, suspended people missing, helpers listed as learners, names HTML-escaped and
tag-stripped, a next link that forgets the role filter.
"""

from __future__ import annotations

import html
import re
from typing import Any

from flask import Blueprint, Response, request

from . import answers
from .models import TEACHER, Course, Enrolment, Link, Tool
from .names import CLAIM, RESOURCE_LINK, ROSTER_ADMINISTRATOR, ROSTER_SCOPE, ROSTER_TYPE
from .site import site
from .store import session
from .tokens import Unauthorized, bearer

bp = Blueprint("nrps", __name__)
for _kind in answers.REFUSALS:
    bp.register_error_handler(_kind, answers.refused)


@bp.route("/services/CourseSection/<course_id>/bindings/<int:tool_id>/memberships", methods=["GET", "POST"])
def memberships(course_id: str, tool_id: int) -> Response:
    """The members of a course, all at once or page by page."""
    if request.method == "POST":
        raise answers.Refusal(400, f"No handler found for {request.path}")
    answers.accepted(ROSTER_TYPE)
    tool = bearer(ROSTER_SCOPE)
    course = session().get(Course, int(course_id)) if course_id.isdigit() else None
    if course is None:
        raise answers.Refusal(404, f"Not Found: Course {course_id} doesn't exist")
    if tool.id != tool_id:
        raise Unauthorized
    members = _members(course, _link(course))
    start = request.args.get("from", 0, type=int)
    limit = request.args.get("limit", 0, type=int) or site().switches.roster_page
    end = start + limit if limit else len(members)
    body = {
        "id": request.base_url,
        "context": {"id": str(course.id), "label": course.label, "title": course.title},
        "members": [_member(row, tool) for row in members[start:end]],
    }
    headers = {"Link": _next(limit, end)} if end < len(members) else {}
    return answers.data(body, ROSTER_TYPE, headers=headers)


def _link(course: Course) -> Link | None:
    """The link whose users are asked for; 404 when there is no such link."""
    rlid = request.args.get("rlid")
    if rlid is None:
        return None
    link = session().get(Link, int(rlid)) if rlid.isdigit() else None
    if link is None or link.course_id != course.id:
        raise answers.Refusal(404, f"Not Found: LTI link {rlid} doesn't exist")
    return link


def _members(course: Course, link: Link | None) -> list[Enrolment]:
    rows = [row for row in course.enrolments if not row.suspended]
    if link is not None and link.hidden:
        rows = [row for row in rows if row.role == TEACHER]
    role = request.args.get("role", "").rpartition("#")[2]
    if role in ("Learner", "Instructor"):
        rows = [row for row in rows if (row.role == TEACHER) == (role == "Instructor")]
    return sorted(rows, key=lambda row: (row.person.family_name, row.person.given_name, row.person_id))


def _member(row: Enrolment, tool: Tool) -> dict[str, Any]:
    person = row.person
    roles = ["Instructor" if row.role == TEACHER else "Learner"]
    member: dict[str, Any] = {
        "status": "Active",
        "roles": [ROSTER_ADMINISTRATOR, *roles] if person.site_admin else roles,
        "user_id": str(person.id),
        "lis_person_sourcedid": html.escape(person.sourcedid),
    }
    if "rlid" in request.args:
        member["message"] = [{CLAIM + "message_type": RESOURCE_LINK}]
    if tool.send_name:
        member |= {
            "name": _clean(person.name),
            "given_name": _clean(person.given_name),
            "family_name": _clean(person.family_name),
            "ext_user_username": person.username,
        }
    if tool.send_email:
        member["email"] = person.email
    return member


def _clean(text: str) -> str:
    return html.escape(re.sub(r"<[^>]*>", "", text), quote=False)


def _next(limit: int, start: int) -> str:
    rlid = f"&rlid={request.args['rlid']}" if "rlid" in request.args else ""
    url = f"{request.base_url}?limit={limit}&from={start}{rlid}"
    return f"{url};rel=next" if site().switches.roster_link == "bare" else f'<{url}>; rel="next"'
