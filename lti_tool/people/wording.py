"""How much is kept of people, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lti_tool.people.keeping import Kept, Surplus
from lti_tool.platforms.models import FULL_NAMES, NO_NAMES, SHORT_NAMES

AMOUNTS_IN_WORDS: dict[str, Any] = {
    FULL_NAMES: _l("Full names, as the LMS sends them"),
    SHORT_NAMES: _l("First name and initial: “Anna B.”"),
    NO_NAMES: _l("No names: “Participant 14, School 12”"),
}

HAPPENED: dict[str, Any] = {
    "notices.mail": _l("Agreed to a daily mail about notices"),
    "notices.no_mail": _l("Ended the daily mail about notices"),
    "coordinator.appoint": _l("Link for a coordinator made"),
    "coordinator.asked": _l("Coordinator asks to be confirmed"),
    "coordinator.confirmed": _l("Coordinator confirmed"),
    "coordinator.ended": _l("Coordinator's office ended"),
    "operator.invite": _l("Operator's sign-in link made"),
    "operator.sign_in": _l("Operator signed in"),
    "registration.choose_names": _l("What is kept of names chosen"),
    "guest.invite": _l("Person invited by name"),
    "guest.link": _l("New link for an invited person"),
    "guest.link_revoke": _l("Link of an invited person taken back"),
    "guest.enter": _l("Invited person came in"),
    "guest.end": _l("Access of an invited person ended"),
    "guest.email_set": _l("E-mail address confirmed"),
    "guest.email_removed": _l("E-mail address removed"),
    "privacy.choose": _l("Decided what people are asked for"),
    "privacy.draft": _l("Privacy text drafted"),
    "privacy.discard": _l("Draft of a privacy text thrown away"),
    "privacy.publish": _l("Privacy text published"),
    "consent.given": _l("Consent given"),
    "consent.refused": _l("Consent refused"),
    "consent.withdrawn": _l("Consent taken back"),
    "consent.guardian_confirmed": _l("Guardians' agreement confirmed"),
    "consent.guardian_revoked": _l("Guardians' agreement taken back"),
    "passkey.add": _l("Passkey added"),
    "passkey.remove": _l("Passkey removed"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {
    "person": _l("Person"),
    "coordinator": _l("Coordinator"),
    "guest": _l("Invited person"),
}


def kept_in_words(kept: Kept) -> str:
    """What a school lets the tool keep, in one line."""
    emails = _("e-mail addresses are kept") if kept.emails else _("e-mail addresses are not kept")
    names = str(AMOUNTS_IN_WORDS[kept.names])
    return f"{names[0].lower()}{names[1:]}; {emails}"


def consequences(before: Kept, after: Kept, surplus: Surplus) -> list[str]:
    """What a choice changes, for whoever has to confirm it."""
    told: list[str] = []
    if surplus.names and after.names == NO_NAMES:
        told.append(
            ngettext(
                "The name of %(num)d person is removed from the tool now.",
                "The names of %(num)d people are removed from the tool now.",
                surplus.names,
            )
        )
    elif surplus.names:
        told.append(
            ngettext(
                "The name of %(num)d person is cut to first name and initial now.",
                "The names of %(num)d people are cut to first name and initial now.",
                surplus.names,
            )
        )
    if surplus.emails:
        told.append(
            ngettext(
                "%(num)d e-mail address is removed from the tool now.",
                "%(num)d e-mail addresses are removed from the tool now.",
                surplus.emails,
            )
        )
    if after.names == NO_NAMES:
        told.append(_("Teachers see numbers instead of names here, also those of their own pupils."))
    elif after.names == SHORT_NAMES and before.names == FULL_NAMES:
        told.append(_("Teachers see “Anna B.” here, also for their own pupils."))
    if before.is_less_than(after):
        told.append(
            _("What may be kept anew comes with each person's next visit and with the next list of participants.")
        )
    told.append(_("Courses, work and grades stay as they are, and grades go on arriving in your gradebook."))
    told.append(_("Nothing changes in your LMS."))
    return told
