"""What is held about whoever has a certificate, and for how long."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from lti_tool.contexts.models import Context
from lti_tool.courses.certificates.models import Certificate
from lti_tool.courses.certificates.numbers import grouped
from lti_tool.courses.models import Participation, SharedCourse
from lti_tool.people.belongings.own import ACTS
from lti_tool.people.belongings.registry import EMPTIED, holds, mentions
from lti_tool.people.retention.registry import Period, keep
from lti_tool.platforms.models import Registration

CERTIFICATES = Period(
    "certificates",
    _l("Certificates of completion; afterwards nobody can check them any more"),
    _l("since the certificate was issued"),
    days=3650,
    least=1095,
)


def register() -> None:
    """Tell what is held. The paper stays in the holder's hands, so that its number goes on being answered."""
    course = select(SharedCourse.title).where(SharedCourse.id == Certificate.course_id).scalar_subquery()
    holds(
        Certificate.identity_id,
        _l("Certificates"),
        fate=EMPTIED,
        why=_l(
            "The number can still be checked, so that the paper keeps its worth: course, school, date and hours stay, "
            "and whose it was is forgotten."
        ),
        told=select(
            course.label("course"), Certificate.number, Certificate.issued_on, Certificate.shows_name
        ).add_columns(Certificate.revoked_on, Certificate.revoked_reason),
        words={
            "course": _l("Course"),
            "number": _l("Number"),
            "issued_on": _l("Issued"),
            "shows_name": _l("Name on the public page"),
            "revoked_on": _l("Revoked"),
            "revoked_reason": _l("Reason"),
        },
        said={"number": grouped},
        emptied={"shows_name": False, "revoked_reason": "", "holder_erased": True},
    )
    mentions(Certificate.issued_by_id, _l("Certificates the person issued"), ACTS)
    mentions(Certificate.revoked_by_id, _l("Certificates the person revoked"), ACTS)
    keep(CERTIFICATES, Certificate, _old)


def _old(before: datetime, organization_id: int | None) -> Select[tuple[int]]:
    statement = select(Certificate.id).where(Certificate.created_at < before).order_by(Certificate.id)
    if organization_id is None:
        return statement
    home = (
        select(Participation.id)
        .join(Context, Context.id == Participation.context_id)
        .join(Registration, Registration.id == Context.registration_id)
        .where(Registration.organization_id == organization_id)
    )
    return statement.where(Certificate.participation_id.in_(home))
