"""Background work on registrations: the doctor, check by check, so that a screen can follow."""

from __future__ import annotations

from dataclasses import asdict

import structlog
from sqlalchemy import update

from lti_tool.core import jobs
from lti_tool.core.db import db, end_reading, execute, unit_of_work, utcnow
from lti_tool.platforms.access import platform_by_id
from lti_tool.platforms.doctor import FAILED, Check, Patient, examine, place_of, worst
from lti_tool.platforms.models import DoctorReport

GIVE_UP_AFTER = 3
"""Times that a check may be cut off before it ends."""

log = structlog.get_logger(__name__)


@jobs.task("platforms.examine_registration")
def examine_registration(report_id: int) -> None:
    """Check every service of one registration and keep what was found, each finding as soon as it is there."""
    with unit_of_work():
        mine = jobs.claim(DoctorReport, report_id)
    patient = _patient(report_id) if mine else None
    if patient is None:
        return
    found: list[Check] = []
    for check in examine(patient):
        found.append(check)
        with unit_of_work():
            _note(report_id, found)
    verdict = worst(found)
    with unit_of_work():
        _note(report_id, found, state="done", finished_at=utcnow(), verdict=verdict, leased_until=None, leased_by=None)
    log.info("registration checked", registration=patient.platform.id, verdict=verdict)


def _patient(report_id: int) -> Patient | None:
    """What is to be examined, as values; None when the check was cut off so often that it is given up."""
    report = db.session.get_one(DoctorReport, report_id)
    registration = report.registration
    ident, scopes, last_launch_at = registration.id, tuple(registration.scopes), registration.last_launch_at
    tries = report.attempts
    place = place_of(ident)
    platform = platform_by_id(ident)
    end_reading()
    if tries > GIVE_UP_AFTER:
        with unit_of_work():
            _note(
                report_id,
                [Check("registration", FAILED, "cut_off")],
                state="done",
                finished_at=utcnow(),
                verdict=FAILED,
            )
        return None
    return None if platform is None else Patient(platform, scopes, place, last_launch_at)


def _note(report_id: int, found: list[Check], **more: object) -> None:
    """Write what is known so far; the row stays ours for another while."""
    values = {"checks": [asdict(check) for check in found], "leased_until": utcnow() + jobs.LEASE, **more}
    statement = update(DoctorReport).where(DoctorReport.id == report_id).values(**values)
    execute(statement.execution_options(synchronize_session=False))
