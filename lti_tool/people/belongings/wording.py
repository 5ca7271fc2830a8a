"""What is kept about people, in words."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.people.belongings.models import FAILED, MAKING, READY, WAITING
from lti_tool.people.belongings.registry import EMPTIED, ERASED, KEPT

HAPPENED: dict[str, Any] = {
    "person.copy": _l("Copy of somebody's data asked for"),
    "person.drop_copy": _l("Copy of somebody's data removed"),
    "person.erase": _l("Person erased"),
    "person.admit": _l("Person who was kept out may come in again"),
}
"""Verbs of the audit trail."""
FATES: dict[str, Any] = {
    ERASED: _l("is erased"),
    EMPTIED: _l("stays without name and text"),
    KEPT: _l("stays as a number"),
}
COPY_STATES: dict[str, Any] = {
    WAITING: _l("waits to be made"),
    MAKING: _l("is being made"),
    READY: _l("ready"),
    FAILED: _l("could not be made"),
}
SAME: dict[str, Any] = {
    **COPY_STATES,
    "teacher": _l("teacher"),
    "learner": _l("pupil"),
    "partner": _l("external partner"),
    "coordinator": _l("coordinator"),
    "active": _l("active"),
    "inactive": _l("not active"),
    "asked": _l("asked for"),
    "confirmed": _l("confirmed"),
    "ended": _l("ended"),
    "invited": _l("invited"),
}
"""Words for states and roles that several kinds of rows share."""
