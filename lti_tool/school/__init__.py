"""The coordinator's home: what waits, who the partners are, our courses and teachers, how rosters and grades do."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from lti_tool.core import policy as engine
from lti_tool.people.support.wording import open_to_support
from lti_tool.school import policy, views


def init_app(app: Flask) -> None:
    """Add this feature's rules and screens to the application."""
    engine.register(policy.RULES, policy.ACTS)
    open_to_support(
        {
            "school.home": _l("Our organization"),
            "school.partners": _l("Given and received"),
            "school.courses": _l("Courses"),
            "school.course": _l("A course in numbers"),
            "school.teachers": _l("Teachers"),
            "school.health": _l("Rosters and grades"),
            "platforms.registration": _l("Registration"),
            "platforms.report": _l("Check of the LMS"),
        }
    )
    app.register_blueprint(views.blueprint)
