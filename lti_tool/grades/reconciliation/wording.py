"""Differences and troubles of a comparison in words: what is so and what to do."""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.grades.reconciliation.models import CHANGED, KEEP_THEIRS, MISSING, Difference


def difference_name(kind: str) -> str:
    """A kind of difference in a few words."""
    names = {CHANGED: _("changed in the LMS"), MISSING: _("not in the LMS any more")}
    return str(names.get(kind) or _("only in the LMS"))


def explain_difference(difference: Difference) -> str:
    """What is so about one difference, in a sentence; empty when its name says it all."""
    if difference.kind == CHANGED and difference.decided_at is not None and difference.decision == "open":
        return str(
            _(
                "It was sent once more, and the LMS still shows another grade. The school's teacher has put in a grade by hand there: it has to be taken out there."
            )
        )
    if difference.kind == CHANGED:
        return str(_("Somebody put another grade into the school's gradebook."))
    if difference.kind == MISSING:
        return str(_("It was delivered, and the school's gradebook shows no grade now."))
    return str(_("The school's gradebook has a grade, and none was given here."))


def decision_name(decision: str) -> str:
    """What a teacher chose."""
    return str(_("the LMS's grade stays") if decision == KEEP_THEIRS else _("ours is sent once more"))


def comparison_trouble(code: str) -> tuple[str, str]:
    """(what is wrong, what to do) for a code of Comparison.error."""
    later = _("It will be tried again by itself.")
    administrator = _("The school's LMS administrator should open the tool's check page.")
    known = {
        "not_offered": (
            _("The LMS does not let the tool read its gradebook."),
            _(
                "In Moodle the administrator allows grade sync in the tool's services; then the activity is opened once from the LMS course."
            ),
        ),
        "suspended": (_("The school's registration is suspended."), _("It can be compared once it is active again.")),
        "column_gone": (
            _("The column has been deleted from the school's gradebook."),
            _("“Send ours once more” has a new one made. Or the school's teacher adds the activity again."),
        ),
        "timeout": (_("The LMS did not answer in time."), later),
        "unreachable": (_("The LMS could not be reached."), later),
        "status_401": (_("The LMS did not accept the tool's key."), administrator),
        "status_403": (_("The LMS does not let the tool read this column."), administrator),
    }
    fallback = (_("The gradebook could not be read (%(code)s).", code=code), later)
    what, todo = known.get(code, fallback)
    return str(what), str(todo)
