"""Groups in words."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.courses.groups.models import AT_RANDOM, BY_CHOICE, BY_HAND, FROM_HOME

HAPPENED: dict[str, Any] = {
    "make_groups": _l("Groups made"),
    "change_groups": _l("Groups changed"),
    "remove_groups": _l("Groups removed"),
    "place_in_group": _l("Pupil put into a group"),
    "choose_group": _l("Group chosen by a pupil"),
    "deal_rest": _l("Pupils without a group dealt out"),
    "use_groups": _l("Groups of an activity decided"),
}


def way_names() -> dict[str, str]:
    """The ways groups come about, as they are offered."""
    return {
        BY_HAND: _("By hand: I place pupils myself"),
        AT_RANDOM: _("At random, evenly by school and size"),
        FROM_HOME: _("As the groups of the pupils' LMS courses"),
        BY_CHOICE: _("Pupils choose themselves"),
    }
