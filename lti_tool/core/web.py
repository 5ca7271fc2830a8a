"""What every request shares: session with or without cookies, CSRF, headers, limits, one log line with a reference."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from flask import Blueprint, Flask, Response, current_app, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.http import dump_options_header
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map, ValidationError

from lti_tool.core import db, limits
from lti_tool.core.errors import NotFound
from lti_tool.core.i18n import supported
from lti_tool.core.settings import Settings, current_settings
from lti_tool.core.storage import current_storage

SESSION_LIFE = timedelta(hours=10)
"""A school day: from the last page opened, not from the launch."""
MAX_FORM_BYTES = 1_000_000
"""Everything but uploads; the upload views raise it for themselves."""

blueprint = Blueprint("web", __name__)
csrf = CSRFProtect()
log = structlog.get_logger(__name__)


class BearerSession(SecureCookieSession):
    """A session that came in, and goes out, as a header because the browser keeps no cookies for us."""


class HeaderOrCookieSessions(SecureCookieSessionInterface):
    """The same signed payload either as Flask's cookie or as `Authorization: Bearer …` / `X-Session: …`."""

    session_class = SecureCookieSession

    def __init__(self) -> None:
        self._serializers: dict[Any, URLSafeTimedSerializer | None] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Flask's own, made once for a secret."""
        if app.secret_key not in self._serializers:
            self._serializers[app.secret_key] = super().get_signing_serializer(app)
        return self._serializers[app.secret_key]

    def open_session(self, app: Flask, request: Any) -> SecureCookieSession | None:
        header = request.authorization
        if header is None or header.type != "bearer":
            return super().open_session(app, request)
        serializer = self.get_signing_serializer(app)
        assert serializer is not None
        try:
            return BearerSession(serializer.loads(header.token or "", max_age=int(SESSION_LIFE.total_seconds())))
        except BadSignature:
            return BearerSession()

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        if not isinstance(session, BearerSession):
            super().save_session(app, session, response)
        elif session:
            response.headers["X-Session"] = self.dump(app, session)
            follows = request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request")
            if follows and response.status_code in (301, 302, 303):
                # A redirect is followed unseen by the script: it would go on with the session of before.
                response.headers["HX-Location"] = response.headers.pop("Location")
                response.status_code = 200

    def dump(self, app: Flask, session: Any) -> str:
        """The session as one signed text, for a browser that keeps no cookies."""
        serializer = self.get_signing_serializer(app)
        assert serializer is not None
        return str(serializer.dumps(dict(session)))


class WholeNumber(IntegerConverter):
    """A number in an address that a database column could hold; with another one there is no such page."""

    def __init__(self, map: Map, *, signed: bool = False) -> None:  # werkzeug's name
        super().__init__(map, min=-db.LAST_KEY if signed else None, max=db.LAST_KEY, signed=signed)

    def to_python(self, value: str) -> int:
        if len(value) > len(str(-db.LAST_KEY)):  # Python refuses to read very long ones
            raise ValidationError
        return int(super().to_python(value))


def bearer_token(app: Flask) -> str:
    """The current session as a bearer; from here on this response sets no session cookie."""
    interface = app.session_interface
    assert isinstance(interface, HeaderOrCookieSessions)
    token = interface.dump(app, session)
    session.modified = False
    return token


def in_bearer_mode() -> bool:
    return request.authorization is not None and request.authorization.type == "bearer"


def init_app(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-session" if settings.https else "session",
        SESSION_COOKIE_SECURE=True,  # browsers treat loopback as secure, so this holds for a trial as well
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="None",
        SESSION_COOKIE_PARTITIONED=True,
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=SESSION_LIFE,
        SESSION_REFRESH_EACH_REQUEST=False,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),  # see static_path
        MAX_CONTENT_LENGTH=MAX_FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=MAX_FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # a form lives as long as its session: a slow writer loses nothing
        WTF_CSRF_SSL_STRICT=False,  # the token decides; some school proxies strip the Referer
    )
    app.session_interface = HeaderOrCookieSessions()
    app.url_map.converters["int"] = WholeNumber
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    csrf.init_app(app)
    limits.init_app(app, settings)
    app.before_request(_start)
    app.after_request(_headers)
    app.after_request(_log_line)
    app.register_blueprint(blueprint)


def static_path(folder: Path) -> str:
    """Address of the static files, with a digest of them all: browsers keep them for good, and a change moves them.

    Everything that one file loads by a relative address moves along.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return f"/static/{digest.hexdigest()[:12]}"


@blueprint.get("/static/favicon.svg")
def favicon() -> Response:
    """The tool's sign at an address that never changes: LMSs keep it."""
    return current_app.send_static_file("favicon.svg")


def _start() -> None:
    g.reference = secrets.token_hex(5)
    g.started = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(reference=g.reference)


def allow_framing_by(*urls: str) -> None:
    """Let the origins of these addresses show the current response in a frame (nobody may by default)."""
    g.frame_ancestors = sorted({origin(url) for url in urls})


def allow_posting_to(url: str) -> None:
    """Let a form on the current page be sent to that address's origin."""
    g.form_action = origin(url)


def allow_frames_from(url: str) -> None:
    """Let the current page show frames of that address's origin beside our own."""
    g.frame_src = origin(url)


def origin(url: str) -> str:
    """`scheme://host[:port]` of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _headers(response: Response) -> Response:
    own = g._get_current_object()  # the proxies look it up at every use
    status, headers = response.status_code, response.headers
    # a refusal holds nothing worth a click, and a frame that stays blank tells nobody what to do
    nobody = ["*"] if status >= 400 else ["'none'"]
    ancestors = " ".join(own.get("frame_ancestors") or session.get("frame_ancestors") or nobody)
    form_action = f"'self' {own.get('form_action', '')}".strip()
    frames = f"frame-src 'self' {own.get('frame_src')}; " if own.get("frame_src") else ""
    wanted = {
        "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
        f"{frames}form-action {form_action}; frame-ancestors {ancestors}",
        "Referrer-Policy": "no-referrer" if request.path.startswith("/lti/") else "same-origin",
        "X-Request-ID": own.get("reference", ""),
        **_ALWAYS,
    }
    if current_settings().https:
        wanted["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint != "static":
        wanted["Cache-Control"] = "private, no-store"
    set_already = {name.lower() for name, _value in headers}
    headers.extend([pair for pair in wanted.items() if pair[0].lower() not in set_already])
    return response


_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)",
}


def _log_line(response: Response) -> Response:
    endpoint = request.endpoint
    if endpoint not in ("static", "metrics.healthz", "metrics.metrics"):
        now = time.perf_counter()
        log.info(
            "request",
            method=request.method,
            endpoint=endpoint,
            status=response.status_code,
            ms=round((now - g.get("started", now)) * 1000, 1),
        )
    return response


@blueprint.post("/language")
def language() -> Any:
    """Switch the interface language; the person's own choice outlives the next launch."""
    if session:  # a stranger's page carries no token, so that reading it sets no cookie
        csrf.protect()
    chosen = supported(request.form.get("locale"))
    if chosen:
        session["locale"] = chosen
        for remember in _language_listeners:
            remember(chosen)
    return redirect(local_path(request.form.get("next")) or url_for("home.index"), 303)


csrf.exempt(language)
_language_listeners: list[Any] = []


def on_language_choice(callback: Any) -> None:
    """Let a feature remember the language a person chose."""
    if callback not in _language_listeners:
        _language_listeners.append(callback)


def attachment(key: str, name: str, size: int, *, part: tuple[int, int] | None = None) -> Response:
    """A stored file as a download, never shown in the page: whatever is inside cannot act as this site.

    `part`: only the bytes from the first to before the second number. Raises NotFound when the storage has lost it.
    """
    start, stop = part or (0, size)
    try:
        content = current_storage().read(key, start, stop) if part else current_storage().read(key)
    except FileNotFoundError:
        raise NotFound(_("This file is missing on our side."), _("Tell your administrator.")) from None
    response = made_attachment(content, name)
    response.headers["Content-Length"] = str(stop - start)
    if part:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def made_attachment(content: Any, name: str) -> Response:
    """Bytes as a download, never shown in the page."""
    response = Response(content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = _disposition(name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def download(content: bytes, name: str, media_type: str) -> Response:
    """Something made for this person, as a file to keep."""
    response = Response(content, content_type=media_type)
    response.headers["Content-Disposition"] = _disposition(name)
    return response


def _disposition(name: str) -> str:
    """`attachment` with the name, and an ASCII stand-in for old programs (RFC 6266, section 4.3)."""
    plain = name.encode("ascii", "replace").decode().replace("?", "_")
    names = {"filename": plain} if plain == name else {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='')}"}
    return dump_options_header("attachment", names)


def local_path(target: str | None) -> str | None:
    """`target` when it is a path of this site, else None: no redirect ever leaves the tool by a parameter."""
    if (
        not target
        or not target.startswith("/")
        or target.startswith(("//", "/\\"))
        or any(c in target for c in "\r\n\t")
    ):
        return None
    return target


__all__ = [
    "allow_frames_from",
    "allow_framing_by",
    "allow_posting_to",
    "attachment",
    "bearer_token",
    "csrf",
    "db",
    "download",
    "in_bearer_mode",
    "init_app",
    "local_path",
    "static_path",
]
