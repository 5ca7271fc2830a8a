"""Screens of the quiz's teacher: its questions and their order, a look as a pupil, extra time."""

from __future__ import annotations

import secrets
from random import Random
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from lti_tool.core.db import as_key, db
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.access import ActivityAccess
from lti_tool.courses.forms import MomentField, parse_points
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.courses.quizzes.models import QuestionPool, QuizSlot
from lti_tool.courses.quizzes.operations import arranging
from lti_tool.courses.quizzes.queries import (
    bank_page,
    every_question,
    extras_of,
    newest_versions,
    pools_of,
    question_of,
    slots_of,
)
from lti_tool.courses.quizzes.questions import Answer, Content, Order
from lti_tool.courses.quizzes.settings import quiz_of
from lti_tool.courses.quizzes.showing import EVERYTHING, PictureUrl, Shown
from lti_tool.courses.quizzes.texts import excerpt
from lti_tool.courses.quizzes.views.shared import pictures_for, quiz_for
from lti_tool.courses.quizzes.views.taking import front
from lti_tool.courses.views.base import actor, blueprint, form_status, name_of, page, page_number

MAX_EXTRA_MINUTES = 24 * 60
MAX_EXTRA_ATTEMPTS = 20


def show(access: ActivityAccess) -> Response:
    """The quiz: for its teachers the desk, for pupils its front page."""
    if access.hosts:
        return desk(access)
    if access.learns:
        return front(access)
    quiz = quiz_of(access.the_activity)
    can_grade = allows(actor(), "course.grade", access)
    shown: dict[str, Any] = {"access": access, "course": access.course, "activity": access.the_activity, "quiz": quiz}
    return page("quizzes/about", can_grade=can_grade, **shown)


def desk(access: ActivityAccess, *, status: int = 200, faults: dict[str, Any] | None = None) -> Response:
    """The questions of the quiz, to be arranged."""
    slots = slots_of(access.the_activity.id)
    versions = newest_versions([slot.question_id for slot in slots if slot.question_id is not None])
    return page(
        "quizzes/desk",
        status=status,
        access=access,
        course=access.course,
        activity=access.the_activity,
        quiz=quiz_of(access.the_activity),
        slots=slots,
        texts={number: excerpt(version.content.text, 160) for number, version in versions.items()},
        begun=arranging.has_begun(access.the_activity),
        total=sum(slot.points * (slot.draws if slot.pool_id else 1) for slot in slots),
        faults=faults or {},
    )


@blueprint.post("/activities/<int:activity_id>/quiz/slots")
def arrange_quiz(activity_id: int) -> Any:
    """One form for order, points and taking out, so that no button loses what the others hold."""
    access = quiz_for("course.edit", activity_id)
    activity = access.the_activity
    order, points, wrong = _slots_sent()
    if wrong:
        return desk(
            access, status=422, faults={"points": _("Points: write a number such as 1 or 0.5."), "wrong": wrong}
        )
    arranging.set_points(actor=actor(), activity=activity, points=points)
    order = _moved(order)
    arranging.order_slots(actor=actor(), activity=activity, slot_ids=order)
    remove = request.form.get("remove", type=as_key)
    if remove is not None:
        arranging.remove_slot(actor=actor(), activity=activity, slot_id=remove)
    flash(_("Saved."), "success")
    moved = request.form.get("up") or request.form.get("down")
    anchor = f"slot-{moved}" if moved else None
    return redirect(url_for("courses.activity", activity_id=activity_id, _anchor=anchor), 303)


def _slots_sent() -> tuple[list[int], dict[int, float], list[int]]:
    order, points, wrong = request.form.getlist("slot", type=as_key), {}, []
    for slot_id in order:
        typed = request.form.get(f"points-{slot_id}")
        if typed is None:
            continue
        try:
            value = parse_points(typed)
        except ValueError:
            value = -1
        if 0 <= value <= 1000:
            points[slot_id] = value
        else:
            wrong.append(slot_id)
    return order, points, wrong


def _moved(order: list[int]) -> list[int]:
    """The order with one slot a place up or down."""
    for name, step in (("up", -1), ("down", 1)):
        slot_id = request.form.get(name, type=as_key)
        if slot_id in order:
            old = order.index(slot_id)
            new = old + step
            if 0 <= new < len(order):
                order[old], order[new] = order[new], order[old]
    return order


@blueprint.route("/activities/<int:activity_id>/quiz/add", methods=["GET", "POST"])
def add_to_quiz(activity_id: int) -> Any:
    """Choose questions of the bank, or draw some from a pool."""
    access = quiz_for("course.edit", activity_id)
    faults: dict[str, Any] = {}
    if request.method == "POST":
        try:
            return _add(access)
        except Invalid as fault:
            faults = fault.errors
    search, kind = request.args.get("q", "").strip()[:100], request.args.get("kind", "")
    pool = request.args.get("pool", type=as_key)

    def address(number: int) -> str:
        return url_for("courses.add_to_quiz", activity_id=activity_id, q=search, kind=kind, pool=pool, page=number)

    return page(
        "quizzes/add",
        status=422 if faults else 200,
        course=access.course,
        activity=access.the_activity,
        found=bank_page(access.course.id, search=search, pool=pool, kind=kind, number=page_number(), address=address),
        pools=pools_of(access.course.id),
        inside={slot.question_id for slot in slots_of(activity_id)},
        search=search,
        kind=kind,
        pool=pool,
        faults=faults,
    )


def _add(access: ActivityAccess) -> Any:
    activity = access.the_activity
    if request.form.get("action") == "draw":
        pool = db.session.get(QuestionPool, request.form.get("pool", 0, type=as_key))
        if pool is None or pool.course_id != access.course.id:
            raise Invalid({"pool": _("Choose a pool.")})
        draws = request.form.get("draws", 0, type=int)
        arranging.add_draw(actor=actor(), activity=activity, pool=pool, draws=draws, points=1.0)
        flash(_("The draw is added."), "success")
    else:
        chosen = [question_of(access.course.id, one) for one in request.form.getlist("chosen", type=as_key)[:200]]
        found = [question for question in chosen if question is not None]
        if not found:
            raise Invalid({"questions": _("Tick the questions first.")})
        count = arranging.add_questions(actor=actor(), activity=activity, questions=found)
        flash(ngettext("%(num)d question is added.", "%(num)d questions are added.", count), "success")
    return redirect(url_for("courses.activity", activity_id=activity.id), 303)


@blueprint.route("/activities/<int:activity_id>/quiz/preview", methods=["GET", "POST"])
def preview_quiz(activity_id: int) -> Any:
    """The quiz as a pupil would get it, all on one page; answers are marked and nothing is kept."""
    access = quiz_for("course.edit", activity_id)
    seed = request.form.get("seed", "") or secrets.token_hex(4)
    marked = request.method == "POST"
    shown = _previewed(access, seed, marked=marked)
    reached = sum(each.points or 0.0 for each in shown)
    return page(
        "quizzes/preview",
        course=access.course,
        activity=access.the_activity,
        questions=shown,
        seed=seed,
        marked=marked,
        reached=reached,
        total=sum(each.maximum for each in shown),
    )


def _previewed(access: ActivityAccess, seed: str, *, marked: bool) -> list[Shown]:
    random, quiz, found = Random(seed), quiz_of(access.the_activity), []
    slots = slots_of(access.the_activity.id)
    drawn = _drawn_for_preview(access.course.id, list(slots), random)
    versions = newest_versions([question_id for question_id, _points in drawn])
    pictures = pictures_for(access.course.id, [version.content for version in versions.values()])
    sent = {name: request.form.getlist(name) for name in request.form}
    for number, (question_id, points) in enumerate(drawn, start=1):
        content = versions[question_id].content
        order = content.order(random, quiz.shuffle_options)
        answer = content.read(f"q{number}", sent, order) if marked else None
        found.append(preview_of(content, number, order, pictures, points=points, answer=answer))
    return found


def preview_of(
    content: Content, number: int, order: Order, pictures: PictureUrl, *, points: float, answer: Answer | None = None
) -> Shown:
    """A question to try out: to be answered, or marked when there is an `answer`, an empty one too."""
    if answer is None:
        return Shown(number, content, order, [], points, pictures, open=True)
    mark = content.mark(answer)
    worth = None if mark.fraction is None else round(mark.fraction * points, 4)
    return Shown(number, content, order, answer, points, pictures, sight=EVERYTHING, points=worth)


def _drawn_for_preview(course_id: int, slots: list[QuizSlot], random: Random) -> list[tuple[int, float]]:
    drawn = []
    for slot in slots:
        if slot.question_id is not None:
            drawn.append((slot.question_id, slot.points))
        else:
            ids = [question.id for question in every_question(course_id, slot.pool_id)]
            drawn += [(one, slot.points) for one in random.sample(ids, min(slot.draws, len(ids)))]
    return drawn


class ExtraForm(FlaskForm):
    """What one pupil has beyond the others."""

    pupil = SelectField(_l("Pupil"), coerce=int)
    minutes = IntegerField(_l("More minutes"), default=0, validators=[Optional(), NumberRange(0, MAX_EXTRA_MINUTES)])
    attempts = IntegerField(_l("More attempts"), default=0, validators=[Optional(), NumberRange(0, MAX_EXTRA_ATTEMPTS)])
    closes_at = MomentField(_l("Closes later, at"))


@blueprint.route("/activities/<int:activity_id>/quiz/extras", methods=["GET", "POST"])
def quiz_extras(activity_id: int) -> Any:
    """More time or attempts for single pupils."""
    access = quiz_for("course.edit", activity_id)
    pupils = [
        (identity, participation)
        for identity, participation, _active in db.session.execute(select_pupils(pupil_places(access.course.id)))
    ]
    form = ExtraForm()
    names = {identity.id: _name(access, identity, participation) for identity, participation in pupils}
    form.pupil.choices = [SelectChoice(number, name) for number, name in names.items()]
    if request.method == "POST" and form.validate():
        if form.pupil.data not in names:
            raise NotFound
        arranging.give_extra(
            actor=actor(),
            activity=access.the_activity,
            identity_id=form.pupil.data,
            minutes=form.minutes.data or 0,
            attempts=form.attempts.data or 0,
            closes_at=form.closes_at.moment,
        )
        flash(_("Saved."), "success")
        return redirect(url_for("courses.quiz_extras", activity_id=activity_id), 303)
    return page(
        "quizzes/extras",
        access=access,
        status=form_status(form),
        course=access.course,
        activity=access.the_activity,
        form=form,
        names=names,
        extras=[extra for extra in extras_of(activity_id) if extra.identity_id in names],
    )


def _name(access: ActivityAccess, identity: Any, participation: Any) -> str:
    pupil = Pupil(identity, participation, active=True)
    return f"{name_of(pupil, access)} · {pupil.school_name}"
