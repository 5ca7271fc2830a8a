"""Verbs: decide what a certificate asks for, issue certificates, revoke one and make it valid again, show the name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select

from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, run, table_of, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import step
from lti_tool.courses.certificates.models import CHOSEN, NONE, Certificate, CertificateActivity, CertificateRule
from lti_tool.courses.certificates.notices import ISSUED, RESTORED, REVOKED
from lti_tool.courses.certificates.numbers import new_number
from lti_tool.courses.certificates.queries import chosen_ids, countable, earned_without, measured_by, rule_of
from lti_tool.courses.certificates.statements import Statement
from lti_tool.courses.models import SharedCourse
from lti_tool.people.actor import Actor
from lti_tool.people.notices.operations import tell

MAX_REASON = 500
_COPIED = ("title", "which", "least_points", "least_sessions", "hours", "programme", "signed_by")


@dataclass(frozen=True)
class Wanted:
    """What the host decides; see CertificateRule."""

    issuing: bool
    title: str
    which: str
    least_points: int | None
    least_sessions: int | None
    hours: int | None
    programme: str
    signed_by: str


def set_rules(*, actor: Actor, course: SharedCourse, seen: int, wanted: Wanted, chosen: Collection[int]) -> None:
    """Decide what is asked for; what was issued stays. `chosen`: activities, where those named have to be done.

    Raises Outdated when the rules were changed since version `seen`, Invalid when nothing would be asked for.
    """
    known = {activity.id for activity in countable(course.id)}
    ids = sorted(known & set(chosen)) if wanted.which == CHOSEN else []
    if wanted.which == CHOSEN and not ids:
        raise Invalid({"activities": _("Choose at least one activity.")})
    if wanted.issuing and wanted.which == NONE and wanted.least_points is None and wanted.least_sessions is None:
        raise Invalid({"issuing": _("Set at least one rule, or pupils would get a certificate for nothing.")})
    rule = _rule(course)
    values = asdict(wanted)
    if chosen_ids(rule) == ids and all(getattr(rule, name) == value for name, value in values.items()):
        return
    step(rule, seen, **values)
    execute(delete(CertificateActivity).where(CertificateActivity.rule_id == rule.id))
    db.session.add_all(CertificateActivity(rule_id=rule.id, activity_id=one) for one in ids)
    audit.record(actor, "certificate_rules", "course", course.id, issuing=wanted.issuing)


def _rule(course: SharedCourse) -> CertificateRule:
    """Made at the first saving, as version 0: what a form says that was opened before there was anything."""
    nothing = {"issuing": False, "title": "", "which": NONE, "programme": "", "signed_by": "", "version": 0}
    insert_if_absent(CertificateRule, {"course_id": course.id, "created_at": utcnow(), **nothing})
    found = rule_of(course.id)
    assert found is not None
    return found


def issue(*, actor: Actor, course: SharedCourse) -> int:
    """Give a certificate to everybody who has earned one and has none; how many. Each is told.

    Raises Conflict while the course issues none.
    """
    held = select(CertificateRule).where(CertificateRule.course_id == course.id).with_for_update()
    rule = db.session.scalar(held.execution_options(populate_existing=True))
    if rule is None or not rule.issuing:
        raise Conflict(_("This course issues no certificates."), _("Switch them on in the rules first."))
    rules, now = measured_by(rule), utcnow()
    people = earned_without(rules)
    if not people:
        return 0
    same = {
        "course_id": course.id,
        "created_at": now,
        "issued_on": _today(course),
        "issued_by_id": actor.identity_id,
        "stated": Statement.of(course, rules).to_keep(),
        **{"shows_name": False, "revoked_reason": "", "holder_erased": False},
    }
    rows = [
        {"identity_id": identity_id, "participation_id": participation_id, "number": new_number(), **same}
        for identity_id, participation_id in people
    ]
    run(insert(table_of(Certificate)), rows)
    given = select(Certificate.identity_id).where(Certificate.course_id == course.id, Certificate.created_at == now)
    tell(given, ISSUED, f"certificates:{course.id}", {"title_of_course": course.title})
    audit.record(actor, "issue_certificates", "course", course.id, number=len(rows))
    return len(rows)


def _today(course: SharedCourse) -> date:
    return utcnow().astimezone(ZoneInfo(course.organization.time_zone)).date()


def revoke(*, actor: Actor, certificate: Certificate, reason: str) -> None:
    """It holds no more, and whoever checks it is told since when. Twice is once. Raises Invalid without a reason."""
    reason = reason.strip()
    if not reason:
        raise Invalid({"reason": _("Write why: the pupil and the own teachers read it.")})
    if len(reason) > MAX_REASON:
        raise Invalid({"reason": _("Make it shorter: at most %(limit)d characters.", limit=MAX_REASON)})
    if certificate.revoked_on is not None:
        return
    certificate.revoked_on, certificate.revoked_by_id = _today(certificate.course), actor.identity_id
    certificate.revoked_reason = reason
    _tell_holder(certificate, REVOKED)
    audit.record(actor, "revoke_certificate", "certificate", certificate.id, course=certificate.course_id)


def restore(*, actor: Actor, certificate: Certificate) -> None:
    """A revoked certificate holds again. Twice is once."""
    if certificate.revoked_on is None:
        return
    certificate.revoked_on, certificate.revoked_by_id, certificate.revoked_reason = None, None, ""
    _tell_holder(certificate, RESTORED)
    audit.record(actor, "restore_certificate", "certificate", certificate.id, course=certificate.course_id)


def _tell_holder(certificate: Certificate, kind: str) -> None:
    facts = {"certificate": certificate.id, "title_of_course": Statement.kept(certificate.stated).course}
    tell([certificate.identity_id], kind, f"certificate:{certificate.id}", facts)


def show_name(*, actor: Actor, certificate: Certificate, shown: bool) -> None:
    """The holder decides whether whoever has the number reads the name as well."""
    if certificate.shows_name != shown:
        certificate.shows_name = shown
        audit.record(actor, "show_name_on_certificate", "certificate", certificate.id, shown=shown)


def copy_rules(source: SharedCourse, target: SharedCourse, activities: Mapping[int, int]) -> None:
    """The same rules for a course made from another, not switched on; `activities`: the new id by the old one."""
    rule = rule_of(source.id)
    if rule is None:
        return
    made = CertificateRule(course_id=target.id, **{name: getattr(rule, name) for name in _COPIED})
    db.session.add(made)
    db.session.flush()
    kept = [activities[one] for one in chosen_ids(rule) if one in activities]
    db.session.add_all(CertificateActivity(rule_id=made.id, activity_id=one) for one in kept)
