"""Who has earned a certificate: the pupil's own page, the lists of teachers, and what the host does there."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from lti_tool.core.errors import NotFound
from lti_tool.core.policy import allows
from lti_tool.courses.access import Access
from lti_tool.courses.assignments.queries import hidden_from
from lti_tool.courses.certificates import operations, wording
from lti_tool.courses.certificates.numbers import grouped
from lti_tool.courses.certificates.queries import (
    EARNED,
    certificates_of_person,
    own_progress,
    progress_page,
    ruleset_of,
    tasks_of,
)
from lti_tool.courses.queries.work import schools_in
from lti_tool.courses.views.base import actor, blueprint, course_for, page, page_number

blueprint.add_app_template_global(grouped, "grouped_number")


@blueprint.get("/certificates")
def own_certificates() -> Any:
    """Everything the reader holds, also of courses that are over."""
    if actor().identity_id is None:
        raise NotFound
    return page("certificates/own", certificates=certificates_of_person(actor().person_id))


@blueprint.get("/<int:course_id>/certificates")
def course_certificates(course_id: int) -> Any:
    """A teacher's list, or a pupil's own rules and certificate."""
    access = course_for("course.see", course_id)
    if allows(actor(), "certificates.list", access):
        return _pupils(access)
    rules = ruleset_of(course_id)
    identity_id = actor().identity_id or 0
    held = [one for one in certificates_of_person(actor().person_id) if one.course_id == course_id]
    shown: dict[str, Any] = {"access": access, "course": access.course, "held": held, "rules": rules}
    if rules is None or not rules.rule.issuing:
        return page("certificates/mine", lines=[], tasks=[], **shown)
    progress = own_progress(rules, identity_id, access.learning)
    lines = wording.lines_of(rules, progress) if progress else []
    return page("certificates/mine", lines=lines, tasks=tasks_of(rules, identity_id), **shown)


def _pupils(access: Access) -> Any:
    rules = ruleset_of(access.course.id)
    shown: dict[str, Any] = {
        "access": access,
        "course": access.course,
        "rules": rules,
        "sets": allows(actor(), "certificates.set", access),
    }
    if rules is None:
        return page("certificates/list", **shown)
    everybody, hidden = access.seen_classes is None, hidden_from(access)
    choices = wording.choice_names(rules)
    choice = request.args.get("state", "")
    school = request.args.get("school", type=int) if everybody else None
    choice = choice if choice in choices else ""
    found = progress_page(rules, access.seen_classes, page_number(), choice=choice, school=school, hidden=hidden)
    return page(
        "certificates/list",
        found=found,
        choices=choices,
        choice=choice,
        badges=wording.state_badges(),
        lines_of=lambda row: wording.lines_of(rules, row),
        sentences=wording.rule_sentences(rules),
        short_names=wording.rule_names(),
        lacks=wording.obstacles(rules),
        waits_for_release=bool(hidden & set(rules.activity_ids)),
        waiting=found.counts[EARNED] if rules.rule.issuing and school is None else 0,
        issues=allows(actor(), "certificates.issue", access),
        schools=schools_in(access.course.id) if everybody else [],
        school=school,
        **shown,
    )


@blueprint.post("/<int:course_id>/certificates/issue")
def issue_certificates(course_id: int) -> Any:
    """To everybody who has earned one."""
    access = course_for("certificates.issue", course_id)
    number = operations.issue(actor=actor(), course=access.course)
    if number:
        told = ngettext(
            "%(num)d certificate is issued, and its holder is told.",
            "%(num)d certificates are issued, and their holders are told.",
            number,
        )
        flash(told, "success")
    else:
        flash(_("Everybody who has earned a certificate has one."), "info")
    return redirect(url_for("courses.course_certificates", course_id=course_id), 303)
