"""Assignment and Grade Services, with Moodle's rules: exact media types, whole seconds, forgetful PUT, 500 when locked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, request

from . import answers, gradebook
from .custom import item_url
from .models import Course, Grade, GradeItem, Link, Tool
from .names import (
    LINEITEM_READ_SCOPE,
    LINEITEM_SCOPE,
    LINEITEM_TYPE,
    LINEITEMS_TYPE,
    RESULT_SCOPE,
    RESULTS_TYPE,
    SCORE_SCOPE,
    SCORE_TYPE,
)
from .site import site
from .store import session
from .tokens import Unauthorized, bearer

bp = Blueprint("ags", __name__, url_prefix="/services/<int:course_id>/lineitems")
for _kind in answers.REFUSALS:
    bp.register_error_handler(_kind, answers.refused)


@bp.get("")
def list_items(course_id: int) -> Response:
    """The tool's columns of a course."""
    answers.accepted(LINEITEMS_TYPE)
    tool = _caller(LINEITEM_SCOPE, LINEITEM_READ_SCOPE)
    course = _course(course_id)
    filters = {"resource_link_id": "resource_link_id", "resource_id": "resource_id", "tag": "tag"}
    wanted = {column: request.args[name] for name, column in filters.items() if request.args.get(name)}
    rows = [item for item in gradebook.columns(course) if item.tool_id == tool.id]
    rows = [item for item in rows if all(getattr(item, column) == value for column, value in wanted.items())]
    start, limit = request.args.get("from", 0, type=int), request.args.get("limit", 0, type=int)
    page = rows[start : start + limit] if limit else rows
    headers = {"Link": _links(limit, start, len(rows))} if limit else {}
    return answers.data([_shown(item) for item in page], LINEITEMS_TYPE, headers=headers)


@bp.post("")
def create_item(course_id: int) -> Response:
    """A new column; two with the same marks are allowed."""
    body = answers.sent(LINEITEM_TYPE)
    tool = _caller(LINEITEM_SCOPE)
    course = _course(course_id)
    if not body.get("label") or body.get("scoreMaximum") is None:
        raise answers.Refusal(400, "No label or Score Maximum")
    item = GradeItem(course_id=course.id, tool_id=tool.id)
    _fill(item, body)
    session().add(item)
    session().flush()
    return answers.data(body | {"id": item_url(site().url, item)}, LINEITEM_TYPE, 201)


@bp.get("/<int:item_id>/lineitem")
def read_item(course_id: int, item_id: int) -> Response:
    """One column."""
    answers.accepted(LINEITEM_TYPE)
    return answers.data(_shown(_item(course_id, item_id, LINEITEM_SCOPE, LINEITEM_READ_SCOPE)), LINEITEM_TYPE)


@bp.put("/<int:item_id>/lineitem")
def write_item(course_id: int, item_id: int) -> Response:
    """Replace a column's facts; what the body leaves out is forgotten."""
    body = answers.sent(LINEITEM_TYPE)
    item = _item(course_id, item_id, LINEITEM_SCOPE)
    if not body.get("label") or body.get("scoreMaximum") is None:
        raise answers.Refusal(400, "No label or Score Maximum")
    _fill(item, body)
    return answers.data(body | {"id": item_url(site().url, item)}, LINEITEM_TYPE)


@bp.delete("/<int:item_id>/lineitem")
def delete_item(course_id: int, item_id: int) -> Response:
    """Remove a column with all grades in it, an activity's own column too."""
    session().delete(_item(course_id, item_id, LINEITEM_SCOPE))
    return Response(status=204, content_type="text/html; charset=utf-8")


@bp.post("/<int:item_id>/lineitem/scores")
def post_score(course_id: int, item_id: int) -> Response:
    """Take a score."""
    body = answers.sent(SCORE_TYPE)
    item = _item(course_id, item_id, SCORE_SCOPE)
    wrong = answers.Refusal(400, f"Incorrect score received{request.get_data(as_text=True)[:500]}", SCORE_TYPE)
    score = _score(body)
    if score is None:
        raise wrong
    try:
        gradebook.receive(item, str(body["userId"]), score)
    except gradebook.NotGradable as error:
        raise wrong from error
    except gradebook.TooOld as error:
        reason = f"Refusing score with an earlier timestamp for item {item.id} and user {body['userId']}"
        raise answers.Refusal(409, reason, SCORE_TYPE) from error
    except gradebook.Locked as error:
        raise answers.Refusal(500, "Internal Server Error") from error
    return answers.data("", SCORE_TYPE)


@bp.get("/<int:item_id>/lineitem/results")
def read_results(course_id: int, item_id: int) -> Response:
    """The grades that the gradebook shows; asking for pages ends in an error page."""
    answers.accepted(RESULTS_TYPE)
    item = _item(course_id, item_id, RESULT_SCOPE)
    if "limit" in request.args:
        abort(404)
    rows = item.grades
    if request.args.get("user_id"):
        rows = [grade for grade in rows if str(grade.person_id) == request.args["user_id"]]
    return answers.data([_result(item, grade) for grade in rows], RESULTS_TYPE)


def _caller(*scopes: str) -> Tool:
    tool = bearer(*scopes)
    if request.args.get("type_id", str(tool.id)) != str(tool.id):
        raise Unauthorized
    return tool


def _course(course_id: int) -> Course:
    course = session().get(Course, course_id)
    if course is None:
        raise answers.Refusal(404, f"Not Found: Course {course_id} doesn't exist")
    return course


def _item(course_id: int, item_id: int, *scopes: str) -> GradeItem:
    tool = _caller(*scopes)
    item = session().get(GradeItem, item_id)
    if item is None or item.course_id != _course(course_id).id:
        raise answers.Refusal(404, f"Not Found: Grade item {item_id} doesn't exist")
    if item.tool_id != tool.id:
        raise Unauthorized
    return item


def _fill(item: GradeItem, body: dict[str, Any]) -> None:
    """Take label, maximum and the marks of a line item; a link of another course or tool is refused."""
    link_id = str(body.get("resourceLinkId") or "")
    if link_id:
        link = session().get(Link, int(link_id)) if link_id.isdigit() else None
        if link is None or link.course_id != item.course_id or link.tool_id != item.tool_id:
            raise answers.Refusal(403, "Forbidden")
    item.label = body["label"]
    item.resource_link_id = link_id
    item.resource_id = str(body.get("resourceId") or "")
    item.tag = str(body.get("tag") or "")
    item.review = body.get("submissionReview")
    if item.maximum is None:
        item.maximum = float(body["scoreMaximum"])
    gradebook.change_maximum(item, float(body["scoreMaximum"]), site().now())


def _shown(item: GradeItem) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": item_url(site().url, item, request.args.get("type_id", "")),
        "label": item.label,
        "scoreMaximum": _number(item.maximum),
        "resourceId": item.resource_id,
        "tag": item.tag,
    }
    if item.resource_link_id:
        shown |= {"resourceLinkId": item.resource_link_id, "ltiLinkId": item.resource_link_id}
    if item.review:
        shown["submissionReview"] = {key: item.review[key] for key in ("url", "custom") if item.review.get(key)}
    return shown


def _score(body: dict[str, Any]) -> gradebook.Score | None:
    """The score of a request body; None when a required field is missing or wrong."""
    required = ("userId", "timestamp", "activityProgress", "gradingProgress")
    given, maximum = body.get("scoreGiven"), body.get("scoreMaximum")
    if any(not body.get(name) for name in required) or (given is not None and maximum is None):
        return None
    try:
        at = gradebook.seconds(body["timestamp"])
        final = given is not None and body["gradingProgress"] == "FullyGraded"
        value = float(given) if final and given is not None else None
        return gradebook.Score(value, float(maximum or 0), str(body.get("comment") or ""), at)
    except (TypeError, ValueError):
        return None


def _result(item: GradeItem, grade: Grade) -> dict[str, Any]:
    own = item_url(site().url, item, request.args.get("type_id", ""))
    address, _, query = own.partition("?")
    query = f"{query}&" if query else ""
    result: dict[str, Any] = {
        "id": f"{address}/results?{query}user_id={grade.person_id}",
        "userId": str(grade.person_id),
    }
    if grade.final is None:
        return result
    result |= {"resultScore": _number(grade.final), "resultMaximum": _number(item.maximum)}
    if grade.comment:
        result["comment"] = grade.comment
    at = datetime.fromtimestamp(grade.modified_at, UTC).isoformat()
    return result | {"scoreOf": own, "timestamp": at}


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


def _links(limit: int, start: int, total: int) -> str:
    """Moodle's paging header: HTML-escaped addresses and curly quotes."""
    pages = {"first": 0, "canonical": start}
    if start + limit < total:
        pages["next"] = start + limit
    if start > 0:
        pages["prev"] = max(0, start - limit)
    pages["last"] = (total - 1) // limit * limit if total else 0
    type_id = request.args.get("type_id", "")
    parts = [
        f"<{request.base_url}?type_id={type_id}&amp;limit={limit}&amp;from={first}>; rel=“{name}”"
        for name, first in pages.items()
    ]
    return ", ".join(parts).encode().decode("latin-1")
