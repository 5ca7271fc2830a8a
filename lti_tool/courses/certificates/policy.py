"""Who may do what with certificates. Things are an Access of the course, or what the verb's comment says."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.courses.certificates.access import CertificateAccess
from lti_tool.courses.policy import brings_class, hosts_course, takes_course, tutors_course, writes_course
from lti_tool.people.actor import Actor


@says(_l("A teacher of the course at the host"))
def hosts_certificate(_actor: Actor, access: CertificateAccess) -> bool:
    return access.hosts


@says(_l("A teacher who sees the holder's grades in the course"))
def teaches_holder(_actor: Actor, access: CertificateAccess) -> bool:
    return access.teaches


@says(_l("The person whose certificate it is, also after the course"))
def holds_certificate(_actor: Actor, access: CertificateAccess) -> bool:
    return access.holds


RULES: dict[str, tuple[Predicate, ...]] = {
    "certificates.set": (writes_course,),
    "certificates.issue": (writes_course,),
    "certificates.list": (hosts_course, brings_class, tutors_course),
    "certificates.await": (takes_course,),
    "certificate.see": (hosts_certificate, teaches_holder, holds_certificate),  # a CertificateAccess
    "certificate.revoke": (hosts_certificate,),  # a CertificateAccess
    "certificate.show_name": (holds_certificate,),  # a CertificateAccess
}
ACTS = {
    "certificates.set": _l("Decide what a course asks for a certificate"),
    "certificates.issue": _l("Issue certificates to all who have earned one"),
    "certificates.list": _l("See who has earned a certificate, and print those of the pupils seen"),
    "certificates.await": _l("See what is asked for a certificate, and how far one has come"),
    "certificate.see": _l("Open and print a certificate"),
    "certificate.revoke": _l("Revoke a certificate and make it valid again"),
    "certificate.show_name": _l("Decide whether the public page of a certificate tells the name"),
}
