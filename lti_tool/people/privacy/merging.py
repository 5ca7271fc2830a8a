"""What becomes of privacy texts and consent when two entries of one organization are merged.

Answers were given to the texts of one entry, so they do not hold for those of the other: all of it stays as history.
"""

from __future__ import annotations

from flask_babel import gettext as _

from lti_tool.core.errors import Conflict
from lti_tool.organizations import pointers
from lti_tool.people.privacy.models import PrivacyEvent, PrivacySetting, PrivacyStanding, PrivacyText
from lti_tool.people.privacy.queries import setting_of


def register() -> None:
    """Tell the merging of organizations what follows."""
    pointers.stays(PrivacySetting.organization_id, settle=refuse_to_ask_less)
    for column in (PrivacyText.organization_id, PrivacyStanding.organization_id, PrivacyEvent.organization_id):
        pointers.stays(column)


def refuse_to_ask_less(source: int, target: int) -> None:
    """Nobody who had to agree comes in unasked because of a merge. Raises Conflict."""
    before, after = setting_of(source), setting_of(target)
    if (before.requires_consent and not after.requires_consent) or (before.guardian and not after.guardian):
        raise Conflict(
            _("The entry that goes asks its people for consent, and the one that stays asks for less."),
            _("Its coordinator can choose the same under “Privacy”. Its people are then asked once more."),
        )
