"""Screens of the question bank: find, write, try out, sort, bring in from a file and take out into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from random import Random
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.exceptions import BadRequest

from lti_tool.core.db import as_key, db
from lti_tool.core.errors import Invalid, NotFound
from lti_tool.core.versions import Outdated
from lti_tool.courses.access import Access
from lti_tool.courses.quizzes.formats import MAX_FILE_BYTES, Exported, Reading, Unreadable, write
from lti_tool.courses.quizzes.forms import QuestionForm
from lti_tool.courses.quizzes.models import BankQuestion, QuestionPool
from lti_tool.courses.quizzes.operations import arranging, bank, importing
from lti_tool.courses.quizzes.queries import (
    bank_page,
    every_question,
    newest_version,
    newest_versions,
    pools_of,
    slots_of,
    uses_of,
)
from lti_tool.courses.quizzes.questions import TYPES, Content
from lti_tool.courses.quizzes.views.desk import preview_of
from lti_tool.courses.quizzes.views.shared import pictures_for, question_for, quiz_for
from lti_tool.courses.quizzes.wording import verdict_names
from lti_tool.courses.views.base import actor, blueprint, course_for, page, page_number, takes_uploads
from lti_tool.files.forms import FORM_BYTES, picked
from lti_tool.files.kinds import ANYTHING
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules, drop, require_allowed

IMPORTED = Rules(kinds=(ANYTHING,), most=1, most_bytes=MAX_FILE_BYTES)
for _view, _rules in (("new_question", bank.PICTURE), ("edit_question", bank.PICTURE), ("import_questions", IMPORTED)):
    takes_uploads(_view, _rules.most_bytes + FORM_BYTES)


@blueprint.get("/<int:course_id>/questions")
def question_bank(course_id: int) -> Any:
    access = course_for("course.edit", course_id)
    search, kind = request.args.get("q", "").strip()[:100], request.args.get("kind", "")
    pool = request.args.get("pool", type=as_key)

    def address(number: int) -> str:
        return url_for("courses.question_bank", course_id=course_id, q=search, kind=kind, pool=pool, page=number)

    found = bank_page(course_id, search=search, pool=pool, kind=kind, number=page_number(), address=address)
    pools = pools_of(course_id)
    return page("quizzes/bank", course=access.course, found=found, pools=pools, search=search, kind=kind, pool=pool)


@blueprint.route("/<int:course_id>/questions/new/<kind>", methods=["GET", "POST"])
def new_question(course_id: int, kind: str) -> Any:
    """A new question of one type; `quiz`: the quiz it is put into at once."""
    access = course_for("course.edit", course_id)
    if kind not in TYPES:
        raise NotFound
    form = QuestionForm.sent(kind, request.form) if request.method == "POST" else QuestionForm.empty(kind)
    content = _worked_on(access, form)
    if content is not None:
        try:
            question = bank.add_question(
                actor=actor(),
                course=access.course,
                content=content,
                name=form.texts["name"],
                pool_id=form.pool_id,
                points=form.points or 1.0,
            )
        except Invalid as fault:
            form.faults = [str(sentence) for sentence in fault.errors.values()]
        else:
            return _after_adding(access, question)
    return _question_page(access, form, None)


def _after_adding(access: Access, question: BankQuestion) -> Any:
    quiz_id = request.args.get("quiz", type=as_key)
    flash(_("“%(title)s” is added.", title=question.name), "success")
    if quiz_id is None:
        return redirect(url_for("courses.question_bank", course_id=access.course.id), 303)
    quiz = quiz_for("course.edit", quiz_id)
    if quiz.course.id == access.course.id:
        arranging.add_questions(actor=actor(), activity=quiz.the_activity, questions=[question])
    return redirect(url_for("courses.activity", activity_id=quiz_id, _anchor="questions"), 303)


@blueprint.route("/questions/<int:question_id>/edit", methods=["GET", "POST"])
def edit_question(question_id: int) -> Any:
    access, question = question_for(question_id)
    if request.method == "GET":
        return _question_page(access, QuestionForm.of(question, newest_version(question)), question)
    form = QuestionForm.sent(question.kind, request.form)
    content = _worked_on(access, form)
    if content is None:
        return _question_page(access, form, question)
    try:
        bank.edit_question(
            actor=actor(),
            question=question,
            seen=form.seen,
            content=content,
            name=form.texts["name"],
            pool_id=form.pool_id,
            points=form.points or 1.0,
        )
    except Outdated:
        form.seen = question.version
        return _question_page(access, form, question, theirs=newest_version(question).content, status=409)
    except Invalid as fault:
        form.faults = [str(sentence) for sentence in fault.errors.values()]
        return _question_page(access, form, question)
    flash(_("Saved."), "success")
    return redirect(_back(access), 303)


def _back(access: Access) -> str:
    quiz_id = request.args.get("quiz", type=as_key)
    if quiz_id is not None:
        return url_for("courses.activity", activity_id=quiz_id)
    return url_for("courses.question_bank", course_id=access.course.id)


def _worked_on(access: Access, form: QuestionForm) -> Content | None:
    """What is to be saved now; None when another button was pressed, or something is wrong."""
    if request.method != "POST":
        return None
    _take_picture(access, form)
    action = request.form.get("action")
    if action == "more":
        form.more_rows()
    if action in ("more", "picture") or form.faults:
        return None
    content = form.content()
    return content if action == "save" else None


def _take_picture(access: Access, form: QuestionForm) -> None:
    """Keep a picture that came with the form, and put it at the end of the text."""
    try:
        files = picked(actor(), rules=bank.PICTURE, field="picture")
        if not files:
            return
        kept = bank.add_picture(actor=actor(), course=access.course, file=files[0])
    except Invalid as fault:
        form.faults += [str(sentence) for sentence in fault.errors.values()]
        return
    says = " ".join(request.form.get("picture_says", "").replace("[", "(").replace("]", ")").split())[:200]
    form.texts["text"] = f"{form.texts['text'].rstrip()}\n\n![{says}](picture:{kept.id})\n".lstrip()


def _question_page(
    access: Access, form: QuestionForm, question: BankQuestion | None, *, theirs: Content | None = None, status: int = 0
) -> Response:
    shown = None
    if request.method == "POST" and request.form.get("action") in ("preview", "picture", None):
        faults, content = form.faults, form.content()
        form.faults = form.faults if request.form.get("action") == "preview" else faults
        if content is not None:
            order = content.order(Random(1), shuffle=False)
            pictures = pictures_for(access.course.id, [content])
            shown = preview_of(content, 1, order, pictures, points=form.points or 1.0)
    return page(
        "quizzes/question",
        status=status or (422 if form.faults else 200),
        course=access.course,
        question=question,
        form=form,
        quiz_id=request.args.get("quiz", type=as_key),
        pools=pools_of(access.course.id),
        uses=uses_of(question.id) if question else [],
        shown=shown,
        theirs=theirs,
        picture_rules=bank.PICTURE,
    )


@blueprint.post("/questions/<int:question_id>")
def change_question(question_id: int) -> Any:
    """Duplicate it, move it to a pool, or take it out of the bank."""
    access, question = question_for(question_id)
    action = request.form.get("action")
    if action == "duplicate":
        twin = bank.duplicate_question(actor=actor(), course=access.course, question=question)
        flash(_("This is the copy: change it, then save."), "success")
        return redirect(url_for("courses.edit_question", question_id=twin.id), 303)
    if action == "move":
        bank.move_question(actor=actor(), question=question, pool_id=request.form.get("pool", type=as_key))
        flash(_("Moved."), "success")
    elif action == "delete":
        bank.delete_question(actor=actor(), question=question)
        flash(_("“%(title)s” is taken out of the bank.", title=question.name), "success")
    else:
        raise BadRequest
    return redirect(_back(access), 303)


@blueprint.post("/<int:course_id>/pools")
def change_pools(course_id: int) -> Any:
    """A new pool, or one less."""
    access = course_for("course.edit", course_id)
    if request.form.get("action") == "delete":
        pool = db.session.get(QuestionPool, request.form.get("pool", 0, type=as_key))
        if pool is not None and pool.course_id == course_id:
            bank.delete_pool(actor=actor(), pool=pool)
            flash(_("The pool is gone; its questions are still in the bank."), "success")
    else:
        try:
            bank.add_pool(actor=actor(), course=access.course, title=request.form.get("title", ""))
            flash(_("Saved."), "success")
        except Invalid as fault:
            flash(next(iter(fault.errors.values())), "danger")
    return redirect(url_for("courses.question_bank", course_id=course_id), 303)


@blueprint.route("/<int:course_id>/questions/import", methods=["GET", "POST"])
def import_questions(course_id: int) -> Any:
    """Look at a file first; then take what can be taken of it."""
    access = course_for("course.edit", course_id)
    if request.method == "GET":
        return _import_page(access)
    try:
        files = picked(actor(), rules=IMPORTED)
        require_allowed(files, IMPORTED, field="files")
        if not files:
            return _import_page(access, fault=_("Choose a file first."))
        reading = importing.read_file(files[0], request.form.get("form", ""))
    except Invalid as invalid:
        return _import_page(access, fault=next(iter(invalid.errors.values())))
    except Unreadable as reason:
        return _import_page(access, fault=str(reason))
    # taken only when it is the very file that was looked at
    if request.form.get("action") != "take" or request.form.get("seen", type=as_key) != files[0].id:
        return _import_page(access, reading=reading, files=files)
    ids = importing.take_questions(
        actor=actor(), course=access.course, reading=reading, pool_title=request.form.get("pool", "").strip()[:200]
    )
    drop(actor=actor(), file=files[0])
    flash(
        ngettext("%(num)d question is in the bank now.", "%(num)d questions are in the bank now.", len(ids)), "success"
    )
    return redirect(url_for("courses.question_bank", course_id=course_id), 303)


def _import_page(
    access: Access, *, fault: str = "", reading: Reading | None = None, files: Sequence[StoredFile] = ()
) -> Any:
    counts = {"taken": 0, "changed": 0, "refused": 0}
    for line in reading.lines if reading else []:
        counts[line.verdict] += 1
    return page(
        "quizzes/import",
        status=422 if fault else 200,
        course=access.course,
        fault=fault,
        reading=reading,
        counts=counts,
        verdicts=verdict_names(),
        files=files,
        rules=IMPORTED,
    )


@blueprint.get("/<int:course_id>/questions/export")
def export_questions(course_id: int) -> Any:
    """The bank, or one pool of it, as Moodle XML."""
    access = course_for("course.edit", course_id)
    questions = every_question(course_id, request.args.get("pool", type=as_key))
    return _export(access, [(question, question.points) for question in questions], "questions.xml")


@blueprint.get("/activities/<int:activity_id>/quiz/export")
def export_quiz(activity_id: int) -> Any:
    """A quiz's own questions as Moodle XML; of a pool that is drawn from, all."""
    access = quiz_for("course.edit", activity_id)
    found: list[tuple[BankQuestion, float]] = []
    for slot in slots_of(activity_id):
        if slot.question is not None:
            found.append((slot.question, slot.points))
        else:
            found += [(question, slot.points) for question in every_question(access.course.id, slot.pool_id)]
    return _export(access, found, f"quiz-{activity_id}.xml")


def _export(access: Access, questions: Iterable[tuple[BankQuestion, float]], name: str) -> Response:
    listed = list(questions)
    versions = newest_versions([question.id for question, _points in listed])
    rows = [
        Exported(question.name, question.pool.title if question.pool else "", points, versions[question.id].content)
        for question, points in listed
    ]
    rows.sort(key=lambda row: row.pool)
    data = write(rows, importing.picture_for_export(access.course.id))
    response = Response(data, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
