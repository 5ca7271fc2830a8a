"""Schools Together: an LTI 1.3 Advantage tool that lets schools work together through the LMSs they already have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from lti_tool import (
    agreements,
    announcements,
    console,
    contexts,
    courses,
    discussions,
    exchange,
    files,
    grades,
    launch,
    organizations,
    people,
    platforms,
    school,
)
from lti_tool.core import audit, cli, db, discarding, errors, http, i18n, jobs, logs, metrics, settings, storage, web


class Tool(Flask):
    """Flask without asynchronous views, so that it need not look for them at every call."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(config: settings.Settings | None = None, *, testing: bool = False) -> Flask:
    """Assemble the tool. `config` defaults to the LTI_TOOL_* environment; raises SettingsError when that is wrong."""
    config = config or settings.load()
    logs.configure(config)
    app = Tool(
        __name__,
        static_url_path=web.static_path(Path(__file__).with_name("static")),
        template_folder=str(settings.PROJECT_DIR / "templates"),
        instance_path=str(config.instance_dir),
    )
    app.config.update(SQLALCHEMY_DATABASE_URI=config.database_url, TESTING=testing)
    app.extensions["settings"] = config
    app.extensions["http"] = http.guarded_session(config.platform_allow)
    app.extensions["open_http"] = http.guarded_session()  # for addresses that people name: only the public web
    for part in (db, i18n, errors, metrics):
        part.init_app(app)
    web.init_app(app, config)
    storage.init_app(app, config.storage_url)
    jobs.init_app(app, config)
    discarding.init_app(app)
    for commands in (cli.jobs, cli.audit, cli.mail, cli.backup, cli.restore):
        app.cli.add_command(commands)
    for feature in (
        organizations,
        platforms,
        people,
        files,
        contexts,
        agreements,
        discussions,
        grades,
        console,
        exchange,
        announcements,
        courses,
        school,
        launch,
    ):
        feature.init_app(app)
    return app


__all__ = ["audit", "create_app"]
