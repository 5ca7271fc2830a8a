"""Content that a tool returns: the signed answer is checked and kept as drafts until the teacher saves them."""

from __future__ import annotations

from typing import Any

import jwt
import requests
from flask import Blueprint, abort, render_template, request, url_for
from itsdangerous import BadData

from . import gradebook, keys, launches
from .custom import to_lines
from .models import ACTIVE, Course, Draft, Link, Tool, UsedOnce
from .names import CLAIM, DEEP_LINK_CLAIM, DEEP_LINKING_RESPONSE
from .site import site
from .store import session

bp = Blueprint("deep_linking", __name__)

LONGEST_TITLE = 255
HIGHEST_MAXIMUM = 100


class BadContent(Exception):
    """The answer cannot be used; the text says why."""


@bp.post("/lti/deep-link-return")
def returned() -> str:
    """Take the tool's answer and lead the teacher back to the course."""
    try:
        person_id, course_id, tool_id = launches.read_return_key(request.args.get("sesskey", ""))
    except BadData:
        abort(404, "Invalid session key")
    tool = session().get(Tool, tool_id)
    course = session().get(Course, course_id)
    if tool is None or course is None or tool.state != ACTIVE:
        abort(404, "Invalid request")
    try:
        claims = _verified(tool, request.form.get("JWT", ""))
        items = [_item(each) for each in claims.get(DEEP_LINK_CLAIM + "content_items") or []]
    except BadContent as error:
        abort(404, f"Exception - {error}")
    draft = Draft(
        course=course,
        tool=tool,
        person_id=person_id,
        items=items,
        message=str(claims.get(DEEP_LINK_CLAIM + "msg") or ""),
        error=str(claims.get(DEEP_LINK_CLAIM + "errormsg") or ""),
    )
    session().add(draft)
    session().flush()
    return render_template("chosen.html", target=url_for("courses.draft", draft_id=draft.id), draft=draft)


def _verified(tool: Tool, token: str) -> dict[str, Any]:
    try:
        kid = jwt.get_unverified_header(token).get("kid", "")
        key = keys.tool_key(site(), tool.jwks_uri, kid)
        if key is None:
            raise BadContent("the key is not in the tool's key set")
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=tool.client_id,
            audience=site().url,
            options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "nonce"]},
        )
    except (jwt.PyJWTError, requests.RequestException, ValueError, KeyError) as error:
        raise BadContent(f"the signed answer is not valid: {error}") from error
    _check(tool, claims)
    return claims


def _check(tool: Tool, claims: dict[str, Any]) -> None:
    now = site().now()
    if claims["exp"] <= now or claims["iat"] > now + 60:
        raise BadContent("Expired token")
    fixed = {"message_type": DEEP_LINKING_RESPONSE, "version": "1.3.0", "deployment_id": str(tool.id)}
    for name, value in fixed.items():
        if claims.get(CLAIM + name) != value:
            raise BadContent(f"{name} is not {value}")
    if (claims.get(DEEP_LINK_CLAIM + "data") or "") != site().switches.deep_link_data:
        raise BadContent("data was not returned unchanged")
    used = f"deep linking {tool.id} {claims['nonce']}"
    if session().get(UsedOnce, used) is not None:
        raise BadContent("the nonce was used before")
    session().add(UsedOnce(value=used, used_at=now))


def _item(item: object) -> dict[str, Any]:
    """A content item as the form needs it; what makes Moodle crash is refused here."""
    if not isinstance(item, dict):
        raise BadContent("a content item is not an object")
    return {
        "title": str(item.get("title") or ""),
        "description": str(item.get("text") or item.get("html") or ""),
        "url": str(item.get("url") or ""),
        "custom": to_lines(_custom(item)),
        "line_item": item.get("lineItem"),
    }


def _custom(item: dict[str, Any]) -> dict[str, object]:
    if "custom" not in item:
        return {}
    custom = item["custom"]
    if not isinstance(custom, dict) or all(name.isdigit() for name in custom):
        raise BadContent("params_to_string(): Argument #1 ($params) must be of type object, array given")
    if any(isinstance(value, dict | list) for value in custom.values()):
        raise BadContent("Object of class stdClass could not be converted to string")
    return dict(custom)


def save(draft: Draft, chosen: list[dict[str, Any]]) -> list[Link]:
    """Turn items of a draft into activities; raises BadContent with the form's complaint and saves none."""
    for item in chosen:
        check_form(item)
    links = [_link(draft, item) for item in chosen]
    session().delete(draft)
    return links


def check_form(item: dict[str, Any]) -> None:
    """Refuse a title or a maximum that the activity form refuses; raises BadContent."""
    if len(item["title"]) > LONGEST_TITLE:
        raise BadContent(f"Maximum of {LONGEST_TITLE} characters")
    if item["line_item"] is not None:
        maximum = item["line_item"].get("scoreMaximum")
        whole = isinstance(maximum, int | float) and float(maximum).is_integer()
        if not whole or not 1 <= maximum <= HIGHEST_MAXIMUM:
            raise BadContent("Invalid grade value. This must be an integer between 1 and 100")


def _link(draft: Draft, item: dict[str, Any]) -> Link:
    link = Link(
        course=draft.course,
        tool=draft.tool,
        title=item["title"] or draft.tool.name,
        description=item["description"],
        url=item["url"],
        custom=item["custom"],
    )
    session().add(link)
    session().flush()
    if item["line_item"] is not None:
        gradebook.add_column(link, float(item["line_item"]["scoreMaximum"]), item["line_item"])
    return link
