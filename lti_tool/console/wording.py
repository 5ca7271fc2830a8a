"""The state of the installation in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import format_decimal, format_timedelta
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

DUTIES: dict[str, Any] = {
    "lti_tool.agreements.jobs.turn_agreements": _l("Begin and end agreements by their dates"),
    "lti_tool.announcements.jobs.forget_readers": _l("Forget who has put old announcements away"),
    "lti_tool.contexts.jobs.refresh_used_rosters": _l("Ask for lists of participants that have grown old"),
    "lti_tool.core.jobs.forget_dead_workers": _l("Forget workers that ended long ago"),
    "lti_tool.core.seals.seal": _l("Seal the trail of acts"),
    "lti_tool.courses.jobs.close_classes": _l("Close classes of agreements that are over"),
    "lti_tool.grades.jobs.wake_parked_scores": _l("Send grades whose obstacle is gone"),
    "lti_tool.grades.reconciliation.jobs.plan_nightly_comparisons": _l("Plan the nightly comparison of gradebooks"),
    "lti_tool.launch.jobs.forget_finished_launches": _l("Forget finished launches"),
    "lti_tool.organizations.storage.count_files": _l("Count the files of each organization"),
    "lti_tool.people.guests.jobs.forget_codes": _l("Forget codes sent by e-mail"),
    "lti_tool.people.keeping.forget_stragglers": _l("Remove names a school does not want kept"),
}
QUEUES: dict[str, Any] = {
    "doctor_report": _l("Checks of LMSs"),
    "grade_comparison": _l("Comparisons of gradebooks"),
    "mail_code": _l("Codes by e-mail"),
    "platform_move": _l("New addresses of LMSs"),
    "roster_sync": _l("Lists of participants"),
}


def duty_name(name: str) -> str:
    """A periodic duty in words; its function's name when it is a new one."""
    return str(DUTIES.get(name, name))


def queue_name(kind: str) -> str:
    """A kind of background work in words."""
    return str(QUEUES.get(kind, kind))


def interval(every: timedelta) -> str:
    """How often, in words."""
    return str(format_timedelta(every, granularity="minute", threshold=1.2))


def size(count: int) -> str:
    """A number of bytes for people."""
    amount, unit = float(count), 0
    while amount >= 1024 and unit < 4:
        amount, unit = amount / 1024, unit + 1
    units = (_("bytes"), _("KB"), _("MB"), _("GB"), _("TB"))
    return f"{format_decimal(amount, '#,##0.#')} {units[unit]}"
