"""Who sees an organization's own pages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.people.policy import coordinates_it, supports_it

RULES = {"school.see": (coordinates_it, supports_it)}  # an Organization
ACTS = {
    "school.see": _l("See the organization's own pages"),
}
