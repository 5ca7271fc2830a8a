"""The notices about certificates in words."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from lti_tool.people.notices.kinds import Facts, NoticeKind

ISSUED, REVOKED, RESTORED = "certificate.issued", "certificate.revoked", "certificate.restored"


def _issued(facts: Facts, _number: int) -> str:
    return str(_("You have a certificate for “%(course)s”.", course=facts["title_of_course"]))


def _revoked(facts: Facts, _number: int) -> str:
    return str(_("Your certificate for “%(course)s” was revoked.", course=facts["title_of_course"]))


def _restored(facts: Facts, _number: int) -> str:
    return str(_("Your certificate for “%(course)s” is valid again.", course=facts["title_of_course"]))


def _to_own(_facts: Facts) -> str:
    return url_for("courses.own_certificates")


def _to_it(facts: Facts) -> str:
    return url_for("courses.certificate", certificate_id=facts["certificate"])


KINDS = (
    NoticeKind(ISSUED, "award", _issued, _to_own),
    NoticeKind(REVOKED, "award", _revoked, _to_it),
    NoticeKind(RESTORED, "award", _restored, _to_it),
)
