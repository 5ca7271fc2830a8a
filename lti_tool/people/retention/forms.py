"""The periods as a form: one field each."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from lti_tool.core.errors import Invalid
from lti_tool.people.retention.registry import periods


def read_days(typed: Mapping[str, str]) -> dict[str, int]:
    """Days by the name of the period. Raises Invalid for what is no number."""
    faults, days = {}, {}
    for each in periods():
        text = typed.get(each.name, "").strip()
        if text.isdecimal() and len(text) <= 5:
            days[each.name] = int(text)
        else:
            faults[each.name] = _("Choose %(least)d to %(most)d days.", least=each.least, most=each.most)
    if faults:
        raise Invalid(faults)
    return days
