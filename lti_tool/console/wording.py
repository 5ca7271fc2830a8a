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
    "lti_tool.courses.endings.jobs.tell_endings": _l("Write mails about agreements that end soon"),
    "lti_tool.courses.groups.jobs.place_all_newcomers": _l("Put newcomers into groups"),
    "lti_tool.courses.quizzes.jobs.close_overdue": _l("Close attempts at quizzes whose time is over"),
    "lti_tool.courses.seats.jobs.settle_places": _l("Give places in courses by rosters and dates"),
    "lti_tool.courses.telling.jobs.tell_of_activities": _l("Tell of openings and due dates"),
    "lti_tool.exchange.health.jobs.plan_checks": _l("Plan checks of what was published in the exchange"),
    "lti_tool.files.jobs.give_up_uploads": _l("Give up uploads that rest"),
    "lti_tool.files.jobs.sweep_untaken": _l("Remove files that nobody handed in"),
    "lti_tool.grades.jobs.wake_parked_scores": _l("Send grades whose obstacle is gone"),
    "lti_tool.grades.reconciliation.jobs.plan_nightly_comparisons": _l("Plan the nightly comparison of gradebooks"),
    "lti_tool.launch.jobs.forget_finished_launches": _l("Forget finished launches"),
    "lti_tool.organizations.storage.count_files": _l("Count the files of each organization"),
    "lti_tool.people.belongings.jobs.forget_copies": _l("Remove old copies of personal data"),
    "lti_tool.people.guests.jobs.forget_codes": _l("Forget codes sent by e-mail"),
    "lti_tool.people.keeping.forget_stragglers": _l("Remove names a school does not want kept"),
    "lti_tool.people.retention.jobs.apply_periods": _l("Remove what was kept long enough"),
}
QUEUES: dict[str, Any] = {
    "course_total": _l("Totals of courses for gradebooks"),
    "discarded_file": _l("Files to remove from the storage"),
    "doctor_report": _l("Checks of LMSs"),
    "ending_mail": _l("Mails about agreements that end"),
    "grade_comparison": _l("Comparisons of gradebooks"),
    "harvest_source": _l("Catalogues to gather"),
    "mail_code": _l("Codes by e-mail"),
    "notice_digest": _l("Mails with notices"),
    "person_copy": _l("Copies of personal data"),
    "platform_move": _l("New addresses of LMSs"),
    "resource_check": _l("Checks of resources in the exchange"),
    "resource_import": _l("Imports of resources"),
    "roster_sync": _l("Lists of participants"),
    "virus_check": _l("Checks of files for viruses"),
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
