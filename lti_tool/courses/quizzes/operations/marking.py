"""Marks that a person gives."""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.core import audit
from lti_tool.core.db import db
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import Outdated
from lti_tool.courses.quizzes.models import DONE, FINISHED, QuizResponse
from lti_tool.courses.quizzes.operations.attempting import hold
from lti_tool.courses.quizzes.operations.settling import settle
from lti_tool.people.actor import Actor

MAX_COMMENT = 5_000


def give_mark(*, actor: Actor, response: QuizResponse, points: float, comment: str, seen: int) -> None:
    """A person's mark for one answer, of whatever type; the grade follows. The same mark again changes nothing.

    Raises Invalid when the points are out of bounds, Outdated when somebody marked it since version `seen`.
    """
    submission = hold(response.attempt)
    db.session.refresh(response)
    if response.attempt.state != FINISHED:
        raise Conflict(_("This attempt is not handed in yet."))
    if not 0 <= points <= response.maximum:
        raise Invalid({"points": _("Give 0 to %(maximum)s points.", maximum=f"{response.maximum:g}")})
    if len(comment) > MAX_COMMENT:
        raise Invalid({"comment": _("This text is too long.")})
    fraction = round(points / response.maximum, 6) if response.maximum else 0.0
    if response.to_mark == DONE and (response.fraction, response.comment) == (fraction, comment):
        return
    if response.mark_version != seen:
        raise Outdated
    response.fraction, response.comment, response.to_mark = fraction, comment, DONE
    response.marked_by_id = actor.identity_id
    response.mark_version += 1
    db.session.flush()
    audit.record(actor, "quiz.mark", "quiz_attempt", response.attempt_id, response=response.id)
    settle(submission=submission)
