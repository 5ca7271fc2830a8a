"""The blueprint of files, and what its templates may call."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask

from lti_tool.files import kinds
from lti_tool.files.operations.keeping import Rules
from lti_tool.files.wording import allowed, file_size

blueprint = Blueprint("files", __name__, url_prefix="/files")


def init_app(app: Flask, **functions: Any) -> None:
    """Give every template what the macros of `_components/files.html` need."""
    app.jinja_env.globals.update(
        file_size=file_size,
        file_shown_as=kinds.shown_as,
        file_kinds_allowed=allowed,
        file_endings=kinds.accepted,
        file_rules=Rules,
        **functions,
    )
