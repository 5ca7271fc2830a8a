"""First page: sign in as anybody with one click, then the courses of that person."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask import session as cookie
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from .models import ASSISTANT, PUPIL, TEACHER, Course, Enrolment, Person
from .pages import get, signed_in
from .store import session

bp = Blueprint("entry", __name__)


@bp.get("/")
def home() -> str:
    """The courses of the signed-in person, or everybody to choose from."""
    person = signed_in()
    if person is None:
        assistants = {row.person_id for row in session().query(Enrolment).filter_by(role=ASSISTANT)}
        onward = _onward(request.args.get("next", ""))
        return render_template("people.html", groups=_groups(), assistants=assistants, onward=onward)
    rows = session().query(Enrolment).filter_by(person_id=person.id, suspended=False)
    roles = {row.course_id: row.role for row in rows}
    courses = [each for each in session().query(Course).order_by(Course.id) if person.site_admin or each.id in roles]
    return render_template("courses.html", courses=courses, roles=roles)


@bp.post("/enter/<int:person_id>")
def enter(person_id: int) -> Response:
    """Sign in as a person, without a password."""
    cookie.clear()
    cookie["person_id"] = get(Person, person_id).id
    return redirect(_onward(request.form.get("next", "")) or url_for("entry.home"), 303)


@bp.post("/leave")
def leave() -> Response:
    """Sign out."""
    cookie.clear()
    return redirect(url_for("entry.home"), 303)


def _onward(path: str) -> str:
    """A path of this site to go on to, or nothing."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else ""


def _groups() -> list[tuple[str, list[Person]]]:
    """People by what they are somewhere in the school."""
    roles = {(row.person_id, row.role) for row in session().query(Enrolment)}
    people = session().query(Person).order_by(Person.family_name, Person.given_name).all()
    kinds = [("Teachers", (TEACHER, ASSISTANT)), ("Pupils", (PUPIL,))]
    groups = [
        (label, [each for each in people if any((each.id, role) in roles for role in wanted)])
        for label, wanted in kinds
    ]
    listed = {each.id for _, members in groups for each in members}
    rest = [each for each in people if each.id not in listed]
    return [*groups, ("Others", rest)]
