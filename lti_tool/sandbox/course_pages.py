"""A course: its activities, adding one by hand or from the tool, opening one, the people in it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask import session as cookie
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from . import courses, deep_linking, gradebook, launches, roster, tools
from .models import ROLES, TEACHER, Course, Draft, Enrolment, Link, Person, Tool
from .pages import course_for_member, course_for_teacher, get, me, t
from .store import session

bp = Blueprint("courses", __name__)


@bp.get("/courses/<int:course_id>")
def page(course_id: int) -> str:
    """The course page; teachers may turn editing on."""
    course = course_for_member(course_id)
    teaches = courses.may_teach(course, me())
    editing = teaches and bool(cookie.get("editing"))
    links = [link for link in course.links if teaches or not link.hidden]
    drafts = session().query(Draft).filter_by(course_id=course.id, person_id=me().id).all() if editing else []
    return render_template(
        "course.html",
        course=course,
        links=links,
        graded={item.link_id for item in gradebook.columns(course)},
        teaches=teaches,
        editing=editing,
        tools=tools.offered() if editing else [],
        drafts=drafts,
        switched=_as_pupil(course),
    )


@bp.post("/courses/<int:course_id>/editing")
def editing(course_id: int) -> Response:
    """Turn editing on or off."""
    course = course_for_teacher(course_id)
    cookie["editing"] = not cookie.get("editing")
    return _to(course)


@bp.post("/courses/<int:course_id>/role")
def switch_role(course_id: int) -> Response:
    """See the course as a pupil, and back."""
    course = course_for_teacher(course_id)
    cookie["as_pupil"] = 0 if _as_pupil(course) else course.id
    return _to(course)


@bp.post("/courses/<int:course_id>/copy")
def copy(course_id: int) -> Response:
    """Restore the course as a new one."""
    twin = courses.copy(course_for_teacher(course_id), me())
    flash(t("The copy is ready: new ids everywhere, no pupils, no grades."))
    return _to(twin)


@bp.route("/courses/<int:course_id>/links/new", methods=["GET", "POST"])
def add(course_id: int) -> str | Response:
    """Add an activity by hand."""
    course = course_for_teacher(course_id)
    if request.method == "GET":
        return render_template("link_form.html", course=course, tools=tools.offered(), values={}, problem="")
    tool = get(Tool, request.form.get("tool", 0, type=int))
    try:
        title = request.form["title"].strip() or tool.name
        deep_linking.check_form({"title": title, "line_item": _line_item()})
    except deep_linking.BadContent as error:
        values = request.form
        return render_template("link_form.html", course=course, tools=tools.offered(), values=values, problem=error)
    link = courses.add_link(course, tool, title, custom=request.form.get("custom", ""), maximum=_maximum())
    link.description = request.form.get("description", "")
    return _to(course)


@bp.post("/links/<int:link_id>/<any(hide, remove):verb>")
def change(link_id: int, verb: str) -> Response:
    """Hide or show an activity, or remove it."""
    link = get(Link, link_id)
    course = course_for_teacher(link.course_id)
    if verb == "remove":
        courses.remove_link(link)
    else:
        link.hidden = not link.hidden
    return _to(course)


@bp.get("/links/<int:link_id>")
def activity(link_id: int) -> str:
    """An activity: the tool in a frame."""
    link = _open_link(link_id)
    return render_template("activity.html", link=link, course=link.course, frame=url_for(".launch", link_id=link.id))


@bp.get("/links/<int:link_id>/launch")
def launch(link_id: int) -> str:
    """The form that takes this frame or window to the tool."""
    link = _open_link(link_id)
    container = "window" if request.args.get("container") == "window" else "iframe"
    form = launches.open_link(link, me(), container=container, as_pupil=_as_pupil(link.course))
    return render_template("post.html", form=form)


@bp.get("/storage")
def storage() -> str:
    """The frame that keeps a tool's data when cookies are blocked."""
    return render_template("storage.html", origin=request.args.get("origin", ""))


@bp.get("/courses/<int:course_id>/tools/<int:tool_id>/choose")
def choose(course_id: int, tool_id: int) -> str:
    """Choose content in the tool, in a frame or in a window."""
    course, tool = course_for_teacher(course_id), get(Tool, tool_id)
    frame = url_for(".choose_launch", course_id=course.id, tool_id=tool.id)
    return render_template("choose.html", course=course, tool=tool, frame=frame)


@bp.get("/courses/<int:course_id>/tools/<int:tool_id>/choose/launch")
def choose_launch(course_id: int, tool_id: int) -> str:
    """The form that takes the picker's frame or window to the tool."""
    form = launches.choose_content(course_for_teacher(course_id), get(Tool, tool_id), me())
    return render_template("post.html", form=form)


@bp.get("/drafts/<int:draft_id>")
def draft(draft_id: int) -> str:
    """What the tool returned: one item as a form to finish, several as a list."""
    row = _own_draft(draft_id)
    return render_template("draft.html", draft=row, course=row.course, problem="")


@bp.post("/drafts/<int:draft_id>")
def save_draft(draft_id: int) -> str | Response:
    """Save the returned items as activities, or throw them away."""
    row = _own_draft(draft_id)
    course = row.course
    if "discard" in request.form:
        session().delete(row)
        return _to(course)
    wanted = set(request.form.getlist("item", type=int))
    items: list[dict[str, Any]] = [item for number, item in enumerate(row.items) if number in wanted]
    if len(row.items) == 1:
        items = [row.items[0] | {"title": request.form.get("title", "").strip()}]
    try:
        links = deep_linking.save(row, items)
    except deep_linking.BadContent as error:
        return render_template("draft.html", draft=row, course=course, problem=str(error))
    flash(t("Activities added: {count}", count=len(links)))
    return _to(course)


@bp.route("/courses/<int:course_id>/people", methods=["GET", "POST"])
def people(course_id: int) -> str | Response:
    """The roster, and adding somebody to it."""
    course = course_for_teacher(course_id)
    if request.method == "POST":
        _add_person(course)
        return redirect(url_for(".people", course_id=course.id), 303)
    enrolled = {row.person_id for row in course.enrolments}
    others = [each for each in session().query(Person).order_by(Person.family_name) if each.id not in enrolled]
    rows = sorted(course.enrolments, key=lambda row: (row.role != TEACHER, row.person.family_name))
    return render_template("people_of_course.html", course=course, rows=rows, others=others, roles=ROLES)


@bp.post("/courses/<int:course_id>/people/<int:person_id>/<any(suspend, remove, role):verb>")
def change_person(course_id: int, person_id: int, verb: str) -> Response:
    """Suspend, bring back, remove, or give another role."""
    course, person = course_for_teacher(course_id), get(Person, person_id)
    row = session().query(Enrolment).filter_by(course_id=course.id, person_id=person.id).one_or_none()
    if row is None:
        abort(404)
    if verb == "remove":
        roster.remove(course, person)
    elif verb == "suspend":
        row.suspended = not row.suspended
    elif request.form.get("role") in ROLES:
        row.role = request.form["role"]
    return redirect(url_for(".people", course_id=course.id), 303)


def _add_person(course: Course) -> None:
    given, family = request.form.get("given_name", "").strip(), request.form.get("family_name", "").strip()
    if request.form.get("person"):
        roster.enrol(course, get(Person, request.form.get("person", 0, type=int)))
    elif given and family:
        roster.enrol(course, roster.add_person(given_name=given, family_name=family))


def _open_link(link_id: int) -> Link:
    link = get(Link, link_id)
    course = course_for_member(link.course_id)
    if link.hidden and not courses.may_teach(course, me()):
        abort(403, t("Your teacher has hidden this activity."))
    return link


def _own_draft(draft_id: int) -> Draft:
    row = get(Draft, draft_id)
    course_for_teacher(row.course_id)
    return row


def _maximum() -> float | None:
    return request.form.get("maximum", 100.0, type=float) if "graded" in request.form else None


def _line_item() -> dict[str, Any] | None:
    maximum = _maximum()
    return None if maximum is None else {"scoreMaximum": maximum}


def _as_pupil(course: Course) -> bool:
    return bool(cookie.get("as_pupil") == course.id)


def _to(course: Course) -> Response:
    return redirect(url_for("courses.page", course_id=course.id), 303)
