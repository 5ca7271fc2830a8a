"""Beginning a launch: the form a browser posts to the tool's login address."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from flask import current_app
from itsdangerous import URLSafeTimedSerializer

from .models import Course, Launch, Link, Person, Tool
from .names import DEEP_LINKING, RESOURCE_LINK, SUBMISSION_REVIEW
from .site import site
from .store import session

LAUNCH_LIFETIME = 300
"""Seconds within which the tool has to answer with its authorization request."""
RETURN_LIFETIME = 7200
"""Seconds a teacher may spend choosing content in the tool."""


@dataclass(frozen=True)
class Form:
    """A form that the browser posts by itself."""

    action: str
    fields: dict[str, str]


def open_link(
    link: Link, person: Person, *, container: str = "iframe", as_pupil: bool = False, message: str = RESOURCE_LINK
) -> Form:
    """Open an activity."""
    target = link.url or link.tool.target_link_uri
    launch = _launch(message, person, link.course, link.tool, target=target, container=container)
    launch.link, launch.as_pupil = link, as_pupil
    return _login_form(launch)


def choose_content(course: Course, tool: Tool, person: Person) -> Form:
    """Ask the tool for content to put into the course."""
    target = tool.deep_link_uri or tool.target_link_uri
    return _login_form(_launch(DEEP_LINKING, person, course, tool, target=target, container="iframe"))


def review(link: Link, person: Person, pupil_id: int) -> Form:
    """Look at what one pupil handed in, from the gradebook."""
    review_urls = [item.review["url"] for item in link.own_items if item.review and item.review.get("url")]
    target = review_urls[0] if review_urls else link.url or link.tool.target_link_uri
    launch = _launch(SUBMISSION_REVIEW, person, link.course, link.tool, target=target, container="iframe")
    launch.link, launch.for_user_id = link, pupil_id
    return _login_form(launch)


def _launch(message: str, person: Person, course: Course, tool: Tool, *, target: str, container: str) -> Launch:
    launch = Launch(
        id=secrets.token_urlsafe(18),
        message=message,
        person=person,
        course=course,
        tool=tool,
        target=target,
        container=container,
        began_at=site().now(),
    )
    session().query(Launch).filter(Launch.began_at < launch.began_at - LAUNCH_LIFETIME).delete()
    return launch


def _login_form(launch: Launch) -> Form:
    """The hint holds an unguessable record, so that the flow works when the frame gets no cookie of the LMS."""
    session().add(launch)
    session().flush()
    hint: dict[str, object] = {"cmid": launch.link.id} if launch.link else {}
    hint["launchid"] = f"ltilaunch{launch.link_id or '_ContentItemSelectionRequest'}_{launch.id}"
    fields = {
        "iss": site().url,
        "target_link_uri": launch.target,
        "login_hint": str(launch.person_id),
        "lti_message_hint": json.dumps(hint, separators=(",", ":")),
        "client_id": launch.tool.client_id,
        "lti_deployment_id": str(launch.tool_id),
    }
    if site().switches.storage != "off":
        fields["lti_storage_target"] = {"parent": "_parent", "frame": "lti_storage"}[site().switches.storage]
    return Form(launch.tool.initiate_login_uri, fields)


def return_key(launch: Launch) -> str:
    """A signed value in the deep linking return address: who chooses, for which course and tool."""
    return _signer().dumps([launch.person_id, launch.course_id, launch.tool_id])


def read_return_key(value: str) -> tuple[int, int, int]:
    """Person, course and tool of a return key; raises itsdangerous.BadData."""
    person_id, course_id, tool_id = _signer().loads(value, max_age=RETURN_LIFETIME)
    return person_id, course_id, tool_id


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="deep-link-return")
