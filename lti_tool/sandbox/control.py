"""A JSON interface for tests and for the runner, without sign-in: the sandbox listens on loopback only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, jsonify, request
from flask import session as cookie

from . import courses, deep_linking, gradebook, keys, launches, registration, roster, tools
from .custom import item_url
from .models import ACTIVE, Base, Course, Draft, GradeItem, Group, Link, Person, Tool
from .names import DEEP_LINKING, RESOURCE_LINK, SUBMISSION_REVIEW
from .site import Fault, site
from .store import session

bp = Blueprint("control", __name__, url_prefix="/sandbox")

Row = TypeVar("Row", bound=Base)


@bp.get("/state")
def state() -> Response:
    """Who and what is here."""
    people = [{"id": each.id, "name": each.name, "admin": each.site_admin} for each in session().query(Person)]
    return jsonify(
        name=site().name,
        url=site().url,
        language=site().language,
        people=people,
        courses=[{"id": each.id, "title": each.title} for each in session().query(Course)],
        tools=[_tool(each) for each in session().query(Tool)],
    )


@bp.post("/login")
def log_in() -> Response:
    """Sign this browser in as `person`."""
    cookie["person_id"] = _get(Person, _body()["person"]).id
    return jsonify(ok=True)


@bp.post("/registrations")
def begin_registration() -> Response:
    """The two parameters that an administrator's browser hands to the tool."""
    return jsonify(
        openid_configuration=f"{site().url}/lti/openid-configuration", registration_token=registration.new_token()
    )


@bp.post("/tools")
def add_tool() -> Response:
    """Manual registration."""
    return jsonify(_tool(tools.add_by_hand(**_body())))


@bp.patch("/tools/<int:tool_id>")
def change_tool(tool_id: int) -> Response:
    """Change a tool; `state: active` offers it in the chooser as well."""
    tool, body = _get(Tool, tool_id), _body()
    if body.pop("state", None) == ACTIVE:
        tools.activate(tool)
    for name in body.keys() & {"send_name", "send_email", "custom", "scopes", "in_chooser", "jwks_uri"}:
        setattr(tool, name, body[name])
    return jsonify(_tool(tool))


@bp.post("/courses/<int:course_id>/links")
def add_link(course_id: int) -> Response:
    """A new activity; `maximum` null leaves it ungraded."""
    body = _body()
    custom = "\n".join(f"{name}={value}" for name, value in (body.get("custom") or {}).items())
    link = courses.add_link(
        _get(Course, course_id),
        _get(Tool, body["tool"]),
        body["title"],
        maximum=body.get("maximum"),
        custom=custom,
        url=body.get("url", ""),
    )
    return jsonify(id=link.id, title=link.title)


@bp.get("/courses/<int:course_id>/links")
def list_links(course_id: int) -> Response:
    """The activities of a course."""
    links = _get(Course, course_id).links
    return jsonify(
        [{"id": each.id, "title": each.title, "custom": each.custom, "tool": each.tool_id} for each in links]
    )


@bp.delete("/links/<int:link_id>")
def remove_link(link_id: int) -> Response:
    """Remove an activity with its own column."""
    courses.remove_link(_get(Link, link_id))
    return jsonify(ok=True)


@bp.post("/courses/<int:course_id>/copy")
def copy_course(course_id: int) -> Response:
    """Restore the course as a new one, taught by `person`."""
    twin = courses.copy(_get(Course, course_id), _get(Person, _body()["person"]))
    return jsonify(id=twin.id, links=[link.id for link in twin.links])


@bp.post("/launches")
def begin_launch() -> Response:
    """The login form of a launch: `person`, and `link` or `course` + `tool`, by `message`."""
    body = _body()
    person, message = _get(Person, body["person"]), body.get("message", RESOURCE_LINK)
    if message == DEEP_LINKING:
        form = launches.choose_content(_get(Course, body["course"]), _get(Tool, body["tool"]), person)
    elif message == SUBMISSION_REVIEW:
        form = launches.review(_get(Link, body["link"]), person, body["pupil"])
    else:
        options = {name: body[name] for name in ("container", "as_pupil") if name in body}
        form = launches.open_link(_get(Link, body["link"]), person, message=message, **options)
    return jsonify(asdict(form))


@bp.get("/drafts/<int:draft_id>")
def read_draft(draft_id: int) -> Response:
    """What a tool returned and nobody saved yet."""
    draft = _get(Draft, draft_id)
    return jsonify(id=draft.id, items=draft.items, message=draft.message, error=draft.error)


@bp.post("/drafts/<int:draft_id>/save")
def save_draft(draft_id: int) -> Response:
    """Save all items of a draft; 400 with the form's complaint."""
    draft = _get(Draft, draft_id)
    try:
        links = deep_linking.save(draft, draft.items)
    except deep_linking.BadContent as error:
        abort(400, str(error))
    return jsonify(links=[link.id for link in links])


@bp.get("/courses/<int:course_id>/grades")
def read_grades(course_id: int) -> Response:
    """The whole gradebook of a course."""
    return jsonify([_column(item) for item in gradebook.columns(_get(Course, course_id))])


@bp.get("/links/<int:link_id>/grades")
def read_link_grades(link_id: int) -> Response:
    """The columns that belong to one activity."""
    link = _get(Link, link_id)
    items = gradebook.columns(link.course)
    return jsonify([_column(item) for item in items if str(link.id) in (item.resource_link_id, str(item.link_id))])


@bp.put("/items/<int:item_id>/grades/<int:person_id>")
def override(item_id: int, person_id: int) -> Response:
    """A teacher's own grade; null takes it back, `empty` takes every grade away."""
    body, item = _body(), _get(GradeItem, item_id)
    if body.get("empty"):
        gradebook.empty(item, person_id, body.get("comment", ""), site().now())
    else:
        gradebook.override(item, person_id, body["value"], body.get("comment", ""), site().now())
    return jsonify(ok=True)


@bp.patch("/items/<int:item_id>")
def change_item(item_id: int) -> Response:
    """Lock or unlock a column, or change its maximum."""
    item, body = _get(GradeItem, item_id), _body()
    item.locked = body.get("locked", item.locked)
    gradebook.change_maximum(item, body.get("maximum", item.maximum), site().now())
    return jsonify(_column(item))


@bp.delete("/items/<int:item_id>")
def delete_item(item_id: int) -> Response:
    """Delete a column with its grades."""
    session().delete(_get(GradeItem, item_id))
    return jsonify(ok=True)


@bp.post("/people")
def add_person() -> Response:
    """A new person: `given_name`, `family_name`, optionally `person_id`."""
    return jsonify(id=roster.add_person(**_body()).id)


@bp.put("/courses/<int:course_id>/people/<int:person_id>")
def enrol(course_id: int, person_id: int) -> Response:
    """Put a person into a course, or change `role` and `suspended`."""
    roster.enrol(_get(Course, course_id), _get(Person, person_id), **_body())
    return jsonify(ok=True)


@bp.delete("/courses/<int:course_id>/people/<int:person_id>")
def remove_person(course_id: int, person_id: int) -> Response:
    """Take a person out of a course."""
    roster.remove(_get(Course, course_id), _get(Person, person_id))
    return jsonify(ok=True)


@bp.put("/people/<int:person_id>/groups")
def set_groups(person_id: int) -> Response:
    """Put a person into the groups with the ids `groups`, and out of all others."""
    roster.put_into_groups(_get(Person, person_id), [_get(Group, group_id) for group_id in _body()["groups"]])
    return jsonify(ok=True)


@bp.put("/faults/<service>")
def set_fault(service: str) -> Response:
    """Let a service misbehave: `kind`, `percent`, `seconds`, `times`."""
    site().fault(session(), service, Fault(**_body()))
    return jsonify(ok=True)


@bp.patch("/switches")
def set_switches() -> Response:
    """Change differences between LMSs."""
    site().switch(session(), **_body())
    return jsonify(asdict(site().switches))


@bp.post("/keys")
def rotate_keys() -> Response:
    """Sign with a new key; `keep_old` says whether the old ones stay published."""
    key = keys.rotate(session(), keep_old=_body().get("keep_old", True))
    return jsonify(kid=key.kid)


@bp.get("/keys")
def read_key() -> Response:
    """The private key that signs, for tests that forge messages."""
    key = keys.current_key(session())
    return jsonify(kid=key.kid, pem=key.pem)


@bp.get("/calls")
def calls() -> Response:
    """The latest calls of services, oldest first."""
    return jsonify(list(site().calls))


def _body() -> dict[str, Any]:
    body = request.get_json(silent=True) or {}
    assert isinstance(body, dict)
    return body


def _get(kind: type[Row], row_id: int) -> Row:
    row = session().get(kind, row_id)
    if row is None:
        abort(404)
    return row


def _tool(tool: Tool) -> dict[str, Any]:
    url = site().url
    return {
        "id": tool.id,
        "name": tool.name,
        "state": tool.state,
        "in_chooser": tool.in_chooser,
        "client_id": tool.client_id,
        "deployment_id": str(tool.id),
        "issuer": url,
        "auth_url": f"{url}/lti/auth",
        "token_url": f"{url}/lti/token",
        "jwks_url": f"{url}/lti/certs",
        "custom": tool.custom,
        "scopes": tool.scopes,
    }


def _column(item: GradeItem) -> dict[str, Any]:
    grades = {
        str(grade.person_id): {
            "score": grade.final,
            "raw": grade.raw,
            "comment": grade.comment,
            "overridden": grade.overridden,
            "modified_at": grade.modified_at,
        }
        for grade in item.grades
    }
    return {
        "id": item.id,
        "url": item_url(site().url, item),
        "label": item.label,
        "maximum": item.maximum,
        "resource_id": item.resource_id,
        "tag": item.tag,
        "resource_link_id": item.resource_link_id,
        "own": item.link_id is not None,
        "locked": item.locked,
        "grades": grades,
    }
