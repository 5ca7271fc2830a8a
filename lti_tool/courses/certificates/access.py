"""How an actor stands to one certificate."""

from __future__ import annotations

from dataclasses import dataclass

from lti_tool.core.db import get_or_none
from lti_tool.courses.access import course_access
from lti_tool.courses.certificates.models import Certificate
from lti_tool.courses.certificates.queries import is_among
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class CertificateAccess:
    """A certificate, as one actor stands to it."""

    certificate: Certificate
    hosts: bool
    """Teaches the course at the host."""
    teaches: bool
    """A teacher who sees the holder's grades: of the own class, or invited to the course."""
    holds: bool
    """It is the actor's own."""


def certificate_access(actor: Actor | None, certificate_id: int) -> CertificateAccess | None:
    """How `actor` stands to the certificate; None when there is none, or its holder was erased."""
    found = get_or_none(Certificate, certificate_id)
    if found is None or found.identity.erased_at is not None or actor is None or actor.identity_id is None:
        return None
    if found.identity.person_id == actor.person_id:
        return CertificateAccess(found, hosts=False, teaches=False, holds=True)
    course = course_access(actor, found.course_id)
    assert course is not None
    classes = course.seen_classes
    teaches = classes is None or (bool(classes) and is_among(found.course_id, classes, found.identity_id))
    return CertificateAccess(found, hosts=course.hosts, teaches=teaches, holds=False)
