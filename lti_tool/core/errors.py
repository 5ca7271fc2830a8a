"""What can go wrong, as exceptions a feature raises, and the only error handlers (HTML and JSON)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, InternalServerError

log = structlog.get_logger(__name__)
_NEVER_KEPT = ("csrf_token", "id_token", "state", "password", "token", "credential", "code")


class DomainError(Exception):
    """Base of everything a person can be told about. `message` says what happened, `todo` what to do."""

    status = 400
    message: Any = _l("This cannot be done.")
    todo: tuple[Any, ...] = ()

    ways: Sequence[tuple[str, Any, bool]] = ()
    """Links on: (address, text, in a new window)."""

    def __init__(self, message: Any = None, *todo: Any, ways: Sequence[tuple[str, Any, bool]] = ()) -> None:
        super().__init__(str(type(self).__name__))
        self.ways = ways
        if message is not None:
            self.message = message
        if todo:
            self.todo = todo


class SignInNeeded(DomainError):
    """Nobody is signed in, or the session is over."""

    status = 401
    message = _l("Your session is over.")
    todo = (_l("Return to your course and open the link once more: you will come back to this place."),)


class NotAllowed(DomainError):
    """The actor may see the thing but not do this to it."""

    status = 403
    message = _l("You may not do this.")
    todo = (_l("If you think you should be able to, ask the teacher or the coordinator of your organization."),)


class NotFound(DomainError):
    """There is no such thing, or none the actor may know about."""

    status = 404
    message = _l("There is no such page, or it is not open to you.")
    todo = (_l("Check the address, or open the page again from your course."),)


class Conflict(DomainError):
    """Someone else changed the thing meanwhile, or its state does not allow the act."""

    status = 409
    message = _l("Someone changed this meanwhile.")
    todo = (_l("Reload the page to see the change, then repeat yours."),)


@dataclass
class Invalid(DomainError):
    """Input that cannot be accepted: `errors` maps a field's name to a sentence for the person."""

    errors: dict[str, Any] = field(default_factory=dict)
    status = 422

    def __post_init__(self) -> None:
        super().__init__(next(iter(self.errors.values()), _l("Please correct the input.")))


def init_app(app: Flask) -> None:
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, title: Any, what: Any, todo: tuple[Any, ...] = (), **more: Any) -> Response:
    """The one page (or JSON answer) every refusal ends in; `more` goes to the template."""
    reference = g.get("reference", "")
    if _wants_json():
        response = jsonify(error=str(what), todo=[str(item) for item in todo], reference=reference)
    else:
        page = render_template(
            "errors/page.html", title=title, what=what, todo=todo, reference=reference, status=status, **more
        )
        response = make_response(page)
    response.status_code = status
    return response


def _wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and not request.headers.get("HX-Request")


def _domain_error(error: DomainError) -> Response:
    log.info("refused", reason=type(error).__name__, status=error.status)
    kept = _typed_text() if error.status in (401, 403, 409) else []
    return error_page(error.status, _title(error.status), error.message, error.todo, kept=kept, ways=error.ways)


def _csrf_error(_error: CSRFError) -> Response:
    log.info("refused", reason="csrf", status=403)
    what = _("This form is too old, or was opened under another sign-in. Nothing was changed.")
    todo = (_("Open the page again from your course and send the form once more."),)
    return error_page(403, _title(403), what, todo, kept=_typed_text())


def _http_error(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or 500
    messages = {
        400: _("The request could not be understood."),
        403: NotAllowed.message,
        404: NotFound.message,
        405: _("This address does not take such a request."),
        413: _("This is too large to be accepted."),
        429: _("Too many requests came from your address in a short time."),
    }
    todo = {
        404: NotFound.todo,
        413: (_("Choose a smaller file, or split it."),),
        429: (_("Wait a minute and try again."),),
    }
    kept = _typed_text() if status in (403, 429) else []
    what = messages.get(status) or _("The request could not be carried out.")
    response = error_page(status, _title(status), what, todo.get(status, ()), kept=kept)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _database_down(error: OperationalError) -> Response:
    log.error("database unavailable", error=type(error.orig).__name__)
    what = _("The tool cannot reach its data right now. Nothing was changed.")
    return error_page(503, _title(503), what, (_("Try again in a minute."),), kept=_typed_text())


def _unexpected(error: Exception) -> Response:
    log.error("unexpected error", exc_info=error)
    what = _("Something went wrong on our side. Nothing was changed.")
    todo = (_("Try again. If it happens once more, tell your administrator the reference code below."),)
    return error_page(InternalServerError.code, _title(500), what, todo, kept=_typed_text())


def _title(status: int) -> str:
    titles = {
        401: _("Please come in again"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Changed meanwhile"),
        413: _("Too large"),
        422: _("Please correct the input"),
        429: _("A little slower, please"),
        500: _("Something went wrong"),
        503: _("Unavailable for a moment"),
    }
    return str(titles.get(status)) if status in titles else _("This did not work")


def _typed_text() -> list[tuple[str, str]]:
    """What the person typed into the refused form, so that it can be copied and not lost."""
    if request.method != "POST" or request.path.startswith("/lti/"):
        return []
    return [(name, text) for name, text in request.form.items() if name not in _NEVER_KEPT and len(text.strip()) > 20]
