"""Uploads in pieces, and the serving of files that features have judged."""

from __future__ import annotations

from lti_tool.files.views import uploading
from lti_tool.files.views.base import blueprint
from lti_tool.files.views.serving import preview_address, serve

__all__ = ["blueprint", "preview_address", "serve", "uploading"]
