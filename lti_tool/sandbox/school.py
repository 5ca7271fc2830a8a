"""create_school: one small LMS as a Flask application."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask, request
from sqlalchemy.orm import Session
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as BaseResponse

from . import (
    admin_pages,
    control,
    course_pages,
    deep_linking,
    entry,
    faults,
    grade_service,
    gradebook_pages,
    keys,
    pages,
    platform,
    registration,
    roster_service,
    seed,
    tokens,
)
from .models import Person, Setting, SigningKey
from .site import Clock, Site
from .store import MEMORY, Store

SERVICE_BLUEPRINTS = (platform.jwks_bp, tokens.bp, roster_service.bp, grade_service.bp)
OTHER_BLUEPRINTS = (
    platform.bp,
    registration.bp,
    deep_linking.bp,
    control.bp,
    entry.bp,
    course_pages.bp,
    gradebook_pages.bp,
    admin_pages.bp,
)


def create_school(
    *,
    name: str,
    url: str,
    language: str = "en",
    people: int = 30,
    database: str = MEMORY,
    clock: Clock = time.time,
    sleep: Callable[[float], None] = time.sleep,
    tool_url: str = "",
) -> Flask:
    """A school's LMS with `people` pupils, reachable at `url` (its issuer).

    `clock` gives seconds since 1970, `sleep` is what slow and hanging services do, `tool_url` is only shown.
    """
    app = Flask("lti_tool.sandbox")
    site = Site(name=name, url=url.rstrip("/"), language=language, store=Store(database), clock=clock, sleep=sleep)
    site.http.trust_env = False
    site.tool_url = tool_url
    with site.store.session() as session:
        _prepare(session, site, people=people, in_memory=database == MEMORY)
        secret = session.get(Setting, "secret")
        assert secret is not None
        app.secret_key = secret.value["key"]
    app.extensions["sandbox"] = site
    _configure(app, site)
    return app


def _prepare(session: Session, site: Site, *, people: int, in_memory: bool) -> None:
    """Fill an empty database; a second start finds everything as it was left."""
    if session.get(Setting, "secret") is None:
        session.add(Setting(name="secret", value={"key": secrets.token_urlsafe(32)}))
    if session.query(SigningKey).count() == 0:
        keys.add_key(session, keys.throwaway_pem(site.url) if in_memory else keys.new_pem())
    if session.query(Person).count() == 0:
        seed.fill(session, language=site.language, pupils=people, host=site.mail_domain)
    session.flush()
    site.load(session)


def _configure(app: Flask, site: Site) -> None:
    host = urlsplit(site.url).netloc
    app.config.update(
        SESSION_COOKIE_NAME="school_" + "".join(sign if sign.isalnum() else "_" for sign in host),
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=1_000_000,
    )
    faults.attach(app, site)

    @app.before_request
    def canonical() -> BaseResponse | None:
        """Cookies belong to one host name, so a page asked for under another one moves to the right one."""
        if request.host == urlsplit(site.url).netloc or request.blueprint in faults.SERVICES:
            return None
        return redirect(site.url + request.full_path.rstrip("?"), 307)

    site.store.attach(app)
    pages.attach(app)
    for blueprint in (*SERVICE_BLUEPRINTS, *OTHER_BLUEPRINTS):
        app.register_blueprint(blueprint)
