"""Platforms: registrations, deployments, invitations and the doctor."""

from __future__ import annotations

from flask import Flask

from lti_tool.platforms import access


def init_app(app: Flask) -> None:
    """Add this feature's rules, screens, commands and jobs to the application."""
    access.init_app(app)
