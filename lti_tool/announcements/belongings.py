"""What this feature holds about a person: which announcements they put away."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.announcements.models import Dismissal
from lti_tool.people.belongings.registry import holds


def register() -> None:
    """Tell what is held."""
    holds(Dismissal.person_id, _l("Announcements put away"))
