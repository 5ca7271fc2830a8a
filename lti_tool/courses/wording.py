"""Scales, their values and what became of a proposal, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.courses.forms import show_points
from lti_tool.courses.gradebook.models import BROUGHT, HAND, MANY, QUIZ, RELEASED, SCALE, UNDONE
from lti_tool.courses.models import AGREED, DECLINED, PROPOSED, REPLACED, Grade, Participation, ScaleTreaty
from lti_tool.courses.queries.narrowing import EXCUSED, HELD, KEPT_BACK, LATE, MISSING, ON_THE_WAY, TO_GRADE
from lti_tool.grades.scales import BEST_MARK, EXACT, FIVE, KINDS, PASS_FAIL, PERCENT, ROUNDINGS, Scale

HAPPENED: dict[str, Any] = {
    "calendar.renew": _l("Secret address of the own calendar made"),
    "calendar.end": _l("Own calendar ended"),
    "create": _l("Course created"),
    "edit": _l("Course changed"),
    "publish": _l("Course published"),
    "unpublish": _l("Course withdrawn"),
    "renew_code": _l("Join code renewed"),
    "offer": _l("Course offered to organizations"),
    "visibility": _l("Who may take part decided"),
    "add_activity": _l("Activity added"),
    "edit_activity": _l("Activity changed"),
    "move_activity": _l("Activity moved"),
    "delete_activity": _l("Activity deleted"),
    "add_unit": _l("Unit added"),
    "edit_unit": _l("Unit changed"),
    "delete_unit": _l("Unit deleted"),
    "arrange": _l("Order of a course changed"),
    "copy_activity": _l("Activity copied"),
    "copy_unit": _l("Unit copied"),
    "copy_course": _l("Course copied"),
    "import_course": _l("Course imported"),
    "archive": _l("Course archived"),
    "bring_back": _l("Course taken out of the archive"),
    "read": _l("Read and done"),
    "attach": _l("Files attached to an activity"),
    "detach": _l("Files of an activity taken out"),
    "join": _l("Class joined a course"),
    "leave": _l("Class left a course"),
    "full_names": _l("Showing of full names decided"),
    "after_agreement": _l("Decided what happens after the agreement"),
    "close_after_agreement": _l("Class closed at the end of the agreement"),
    "propose": _l("Scale proposed"),
    "withdrawn": _l("Scale withdrawn"),
    "agreed": _l("Scale agreed"),
    "declined": _l("Scale declined"),
    "hand_in": _l("Work handed in"),
    "check_in": _l("Checked in to a live session"),
    "note_attendance": _l("Attendance noted"),
    "grade": _l("Grade given"),
    "grade_many": _l("Same grade given to many"),
    "undo_grades": _l("Grades given to many taken back"),
    "comment_many": _l("Comment added for many"),
    "excuse": _l("Pupils excused from an activity"),
    "end_excuse": _l("Excuse ended"),
    "mark": _l("Mark given, not told yet"),
    "release_grades": _l("Grades released"),
    "return_work": _l("Work returned to be improved"),
    "rubric": _l("Rubric changed"),
    "extend": _l("More time given"),
    "take_back_extension": _l("More time taken back"),
    "comment_work": _l("Comment on a work"),
    "uncomment_work": _l("Comment on a work taken back"),
    "comment_passage": _l("Passage of a text commented"),
    "uncomment_passage": _l("Comment on a passage taken back"),
    "give_files": _l("Feedback files given"),
    "take_file_back": _l("Feedback file taken back"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {
    "course": _l("Shared course"),
    "participation": _l("Participation"),
    "scale_treaty": _l("Scale of grades"),
    "activity": _l("Activity"),
    "submission": _l("Submission"),
}


def scale_names() -> dict[str, str]:
    """The kinds of scales, as they are offered."""
    names = (_("Points, as they are given"), _("Percent"), _("Marks up to 5"), _("Passed or not passed"))
    return dict(zip(KINDS, names, strict=True))


def rounding_names() -> dict[str, str]:
    """The ways to round, as they are offered."""
    names = (_("not at all"), _("to one decimal"), _("to whole numbers"), _("down to whole numbers"))
    return dict(zip(ROUNDINGS, names, strict=True))


def explain_scale(scale: Scale) -> str:
    """What becomes of a grade, in one line."""
    if scale.kind == FIVE:
        steps = zip(range(BEST_MARK, scale.lowest, -1), reversed(scale.thresholds), strict=True)
        marks = [_("%(mark)d from %(percent)s %%", mark=mark, percent=show_points(float(edge))) for mark, edge in steps]
        return str(_("Marks: %(marks)s, else %(lowest)d", marks=", ".join(marks), lowest=scale.lowest))
    if scale.kind == PASS_FAIL:
        return str(_("Passed from %(percent)s %%", percent=show_points(float(scale.thresholds[0]))))
    name = scale_names()[scale.kind]
    if scale.rounding == EXACT:
        return name
    return str(_("%(scale)s, rounded %(how)s", scale=name, how=rounding_names()[scale.rounding]))


def scale_value(kind: str, value: float, maximum: float) -> str:
    """A value as it reads in the gradebook."""
    if kind == PASS_FAIL:
        return str(_("passed") if value else _("not passed"))
    if kind == PERCENT:
        return f"{show_points(value)} %"
    if kind == FIVE:
        return show_points(value)
    return str(_("%(points)s of %(maximum)s", points=show_points(value), maximum=show_points(maximum)))


def home_value(grade: Grade) -> str:
    """The value in the school's own gradebook, where a scale is agreed and it reads differently; else nothing."""
    if grade.treaty is None or grade.home_value is None or grade.home_maximum is None:
        return ""
    if (grade.home_value, grade.home_maximum) == (grade.points, grade.activity.points):
        return ""
    return scale_value(grade.treaty.kind, grade.home_value, grade.home_maximum)


def treaty_state(treaty: ScaleTreaty) -> tuple[str, str]:
    """(word, kind of badge) for what became of a proposal."""
    states = {
        PROPOSED: (_("proposed"), "warning"),
        AGREED: (_("in force"), "success"),
        DECLINED: (_("declined"), "danger"),
        REPLACED: (_("was in force"), "secondary"),
    }
    return states.get(treaty.state, (_("withdrawn"), "secondary"))


def proposer(treaty: ScaleTreaty, participation: Participation) -> str:
    """The organization whose side proposed it."""
    context = participation.context
    return participation.course.organization.name if treaty.by_host else context.registration.organization.name


def cell_states(*, marks: bool) -> dict[str, str]:
    """What a row of the gradebook can be looked for by; `marks`: by who may grade."""
    kept_back = {KEPT_BACK: _("a grade kept back")} if marks else {}
    return {
        TO_GRADE: _("something to grade"),
        **kept_back,
        MISSING: _("something missing"),
        LATE: _("something late"),
        ON_THE_WAY: _("a grade not delivered yet"),
        HELD: _("a grade refused or on hold"),
        EXCUSED: _("excused from something"),
    }


def way_of_change(way: str) -> str:
    """How a grade came to change."""
    ways = {
        HAND: _("by hand"),
        MANY: _("together with others"),
        BROUGHT: _("from a file"),
        QUIZ: _("reckoned by the quiz"),
        SCALE: _("by a new scale"),
        UNDONE: _("taken back"),
        RELEASED: _("released"),
    }
    return str(ways.get(way, way))
