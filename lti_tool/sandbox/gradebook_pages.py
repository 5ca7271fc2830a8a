"""The gradebook page: pupils × columns, the teacher's own grades, locks, and a look at a pupil's work."""

from __future__ import annotations

from flask import Blueprint, abort, flash, render_template, request, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from . import gradebook, launches
from .courses import may_teach
from .models import GradeItem, Link
from .pages import course_for_member, course_for_teacher, get, me, t
from .site import site
from .store import session

bp = Blueprint("gradebook", __name__)


@bp.get("/courses/<int:course_id>/grades")
def page(course_id: int) -> str:
    """All grades for a teacher, their own ones for a pupil."""
    course = course_for_member(course_id)
    teaches = may_teach(course, me())
    rows = gradebook.pupils(course)
    if not teaches:
        rows = [row for row in rows if row.person_id == me().id]
    columns = gradebook.columns(course)
    cells = {(item.id, grade.person_id): grade for item in columns for grade in item.grades}
    return render_template("gradebook.html", course=course, rows=rows, columns=columns, cells=cells, teaches=teaches)


@bp.route("/items/<int:item_id>/people/<int:person_id>", methods=["GET", "POST"])
def cell(item_id: int, person_id: int) -> str | Response:
    """One cell: what the tool sent, what is shown, and the teacher's own grade."""
    item = get(GradeItem, item_id)
    course = course_for_teacher(item.course_id)
    row = next((each for each in gradebook.pupils(course) if each.person_id == person_id), None)
    if row is None:
        abort(404)
    if request.method == "GET":
        grade = gradebook.cell(item, person_id)
        return render_template("cell.html", course=course, item=item, pupil=row.person, grade=grade)
    own, comment = "own" in request.form, request.form.get("comment", "")
    value = request.form.get("value", type=float) if own else None
    if own and value is None:
        gradebook.empty(item, person_id, comment, site().now())
    else:
        gradebook.override(item, person_id, value, comment, site().now())
    return _to(item)


@bp.post("/items/<int:item_id>/<any(lock, delete):verb>")
def change(item_id: int, verb: str) -> Response:
    """Lock or unlock a column, or delete it with its grades."""
    item = get(GradeItem, item_id)
    course_for_teacher(item.course_id)
    if verb == "lock":
        item.locked = not item.locked
    else:
        session().delete(item)
        flash(t("The column is deleted."))
    return _to(item)


@bp.get("/links/<int:link_id>/review/<int:person_id>")
def review(link_id: int, person_id: int) -> str:
    """A pupil's work in the tool, in a frame."""
    link = get(Link, link_id)
    course = course_for_teacher(link.course_id)
    frame = url_for(".review_launch", link_id=link.id, person_id=person_id)
    return render_template("activity.html", link=link, course=course, frame=frame)


@bp.get("/links/<int:link_id>/review/<int:person_id>/launch")
def review_launch(link_id: int, person_id: int) -> str:
    """The form that takes the frame to the pupil's work."""
    link = get(Link, link_id)
    course_for_teacher(link.course_id)
    return render_template("post.html", form=launches.review(link, me(), person_id))


def _to(item: GradeItem) -> Response:
    return redirect(url_for("gradebook.page", course_id=item.course_id), 303)
