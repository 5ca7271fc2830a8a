"""What all pages share: language, the signed-in person, error pages."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Flask, abort, g, render_template, request, url_for
from flask import session as cookie
from werkzeug.exceptions import HTTPException
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from .courses import may_see, may_teach
from .models import Base, Course, Person
from .site import site
from .store import session
from .words import translator

Row = TypeVar("Row", bound=Base)


def attach(app: Flask) -> None:
    """Give templates their words and turn errors into pages."""

    @app.context_processor
    def shared() -> dict[str, Any]:
        return {"t": translator(site().language), "language": site().language, "site": site(), "person": signed_in()}

    @app.errorhandler(SignInFirst)
    def sign_in(_error: SignInFirst) -> Response:
        onward = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(url_for("entry.home", next=onward or None), 303)

    @app.errorhandler(HTTPException)
    def problem(error: HTTPException) -> tuple[str, int]:
        return render_template("error.html", reason=error.description), error.code or 500


def t(text: str, **places: object) -> str:
    """`text` in the school's language."""
    return translator(site().language)(text, **places)


def signed_in() -> Person | None:
    """The person this browser is signed in as."""
    person_id = cookie.get("person_id")
    if person_id is None or "session" not in g:
        return None
    return session().get(Person, person_id)


class SignInFirst(Exception):
    """Nobody is signed in."""


def me() -> Person:
    """The signed-in person; others are sent to the first page."""
    person = signed_in()
    if person is None:
        raise SignInFirst
    return person


def get(kind: type[Row], row_id: int) -> Row:
    """A row, or 404."""
    row = session().get(kind, row_id)
    if row is None:
        abort(404, t("This is not here any more."))
    return row


def course_for_member(course_id: int) -> Course:
    """A course the signed-in person may see."""
    course = get(Course, course_id)
    if not may_see(course, me()):
        abort(403, t("You are not in this course."))
    return course


def course_for_teacher(course_id: int) -> Course:
    """A course the signed-in person may change."""
    course = get(Course, course_id)
    if not may_teach(course, me()):
        abort(403, t("Only teachers of this course can do this."))
    return course


def admin() -> Person:
    """The signed-in site administrator."""
    person = me()
    if not person.site_admin:
        abort(403, t("Only the site administrator can do this."))
    return person
