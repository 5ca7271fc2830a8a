"""One frozen Settings, read once from the LTI_TOOL_* environment."""

from __future__ import annotations

import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import current_app

PROJECT_DIR = Path(__file__).resolve().parents[2]
LOCALES = ("ru", "en")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_HOST = re.compile(r"^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:\d{1,5})?$")

_MAIL_ADDRESS = re.compile(r"^[^@\s<>,;]+@[^@\s<>,;]+$")
_SMTP_EXAMPLE = "smtp://user:password@mail.example.org:587"


class SettingsError(Exception):
    """A variable of the environment cannot be used; the text says which, why, and shows a right example."""

    def __init__(self, variable: str, fault: str, example: str) -> None:
        self.variable = variable
        super().__init__(f"{variable}: {fault}. Example: {variable}={example}")


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in, and from whom it comes."""

    host: str
    port: int
    sender: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    tls_at_once: bool = False
    """smtps: encrypted from the first byte; else STARTTLS, which only a server on this machine may lack."""

    @property
    def is_local(self) -> bool:
        return self.host in _LOOPBACK


@dataclass(frozen=True)
class BigBlueButton:
    """Where rooms for live sessions are opened."""

    url: str
    """Up to and without `/api`."""
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """What an installation decides. Secrets are kept out of repr, and so out of logs."""

    base_url: str
    """Public address of the tool, without a trailing slash; https except on loopback."""
    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    broker_url: str = field(repr=False)
    """A Celery broker; `memory://` runs the worker inside this process."""
    storage_url: str
    keys_dir: Path
    instance_dir: Path
    platform_allow: tuple[str, ...] = ()
    """host[:port] or CIDR that may be contacted although private or plain http."""
    proxy_hops: int = 0
    default_locale: str = "ru"
    log_format: str = "text"
    mail: MailServer | None = field(default=None, repr=False)
    """None: this installation sends no mail, and no page promises any."""
    clamd_url: str = ""
    """tcp://host:port or unix:/path of clamd; empty: nobody looks for viruses."""

    bigbluebutton: BigBlueButton | None = field(default=None, repr=False)
    jitsi_url: str = ""

    @property
    def https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def embedded_worker(self) -> bool:
        return self.broker_url.startswith("memory:")


def current_settings() -> Settings:
    """The running application's settings."""
    settings: Settings = current_app.extensions["settings"]
    return settings


def load(environ: Mapping[str, str] = os.environ, instance_dir: Path = PROJECT_DIR / "instance") -> Settings:
    """Read and check every variable. Raises SettingsError for the first that is wrong."""
    env = {name: value.strip() for name, value in environ.items() if name.startswith("LTI_TOOL_") and value.strip()}
    base_url = _base_url(env.get("LTI_TOOL_BASE_URL", "http://localhost:8080"))
    return Settings(
        base_url=base_url,
        secret_key=env.get("LTI_TOOL_SECRET_KEY") or _development_secret(base_url, instance_dir),
        database_url=_database_url(env, instance_dir),
        broker_url=_one_of_schemes(
            "LTI_TOOL_BROKER_URL",
            env.get("LTI_TOOL_BROKER_URL", "memory://"),
            ("memory", "redis", "rediss", "amqp", "amqps"),
            "redis://localhost:6379/0",
        ),
        storage_url=_one_of_schemes(
            "LTI_TOOL_STORAGE_URL",
            env.get("LTI_TOOL_STORAGE_URL", f"file:{instance_dir / 'files'}"),
            ("file", "s3"),
            "s3://bucket/prefix",
        ),
        keys_dir=Path(env.get("LTI_TOOL_KEYS_DIR", PROJECT_DIR / "keys")),
        instance_dir=instance_dir,
        platform_allow=tuple(
            _allow_entry(entry) for entry in env.get("LTI_TOOL_PLATFORM_ALLOW", "").split(",") if entry.strip()
        ),
        proxy_hops=_proxy_hops(env.get("LTI_TOOL_PROXY_HOPS", "0")),
        default_locale=_choice("LTI_TOOL_DEFAULT_LOCALE", env.get("LTI_TOOL_DEFAULT_LOCALE", "ru"), LOCALES),
        log_format=_choice("LTI_TOOL_LOG_FORMAT", env.get("LTI_TOOL_LOG_FORMAT", "text"), ("text", "json")),
        bigbluebutton=_bigbluebutton(env.get("LTI_TOOL_BBB_URL"), env.get("LTI_TOOL_BBB_SECRET")),
        jitsi_url=_web_address("LTI_TOOL_JITSI_URL", env.get("LTI_TOOL_JITSI_URL"), "https://meet.example.org"),
        mail=_mail(env.get("LTI_TOOL_SMTP_URL"), env.get("LTI_TOOL_MAIL_FROM")),
        clamd_url=_clamd_url(env.get("LTI_TOOL_CLAMD_URL", "")),
    )


def _base_url(value: str) -> str:
    example = "https://together.example.org"
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise SettingsError("LTI_TOOL_BASE_URL", f"{value!r} is not an address", example) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError("LTI_TOOL_BASE_URL", f"{value!r} is not an http(s) address", example)
    if parts.path.strip("/") or parts.query or parts.fragment or parts.username:
        raise SettingsError("LTI_TOOL_BASE_URL", f"{value!r} must be an origin only, with no path", example)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SettingsError(
            "LTI_TOOL_BASE_URL",
            f"{value!r} must use https: browsers keep no cookies in an LMS frame without it",
            example,
        )
    return f"{parts.scheme}://{parts.netloc}"


def _database_url(env: Mapping[str, str], instance_dir: Path) -> str:
    value = env.get("LTI_TOOL_DATABASE_URL", f"sqlite:///{instance_dir / 'lti_tool.sqlite'}")
    example = "postgresql+psycopg://user:password@localhost/lti_tool"
    scheme = value.partition(":")[0]
    if scheme in ("postgres", "postgresql"):
        value = "postgresql+psycopg" + value[len(scheme) :]
    elif scheme not in ("sqlite", "postgresql+psycopg"):
        raise SettingsError("LTI_TOOL_DATABASE_URL", f"{scheme!r} is not a supported database", example)
    return value


def _development_secret(base_url: str, instance_dir: Path) -> str:
    if urlsplit(base_url).hostname not in _LOOPBACK:
        raise SettingsError(
            "LTI_TOOL_SECRET_KEY", "is required when the tool has a public address", secrets.token_urlsafe(32)
        )
    path = instance_dir / "secret_key"
    if not path.exists():
        instance_dir.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
        except FileExistsError:
            pass  # another process of the same start was quicker
    return path.read_text().strip()


def _one_of_schemes(variable: str, value: str, schemes: tuple[str, ...], example: str) -> str:
    if value.partition(":")[0] not in schemes or ":" not in value:
        raise SettingsError(variable, f"must start with one of {', '.join(s + ':' for s in schemes)}", example)
    return value


def _choice(variable: str, value: str, choices: tuple[str, ...]) -> str:
    if value not in choices:
        raise SettingsError(variable, f"{value!r} is none of {', '.join(choices)}", choices[0])
    return value


def _proxy_hops(value: str) -> int:
    if not value.isdigit() or int(value) > 10:
        raise SettingsError("LTI_TOOL_PROXY_HOPS", f"{value!r} is not a number of proxies from 0 to 10", "1")
    return int(value)


def _mail(url: str | None, sender: str | None) -> MailServer | None:
    """Both variables or neither; a fault never repeats the address, which may hold a password."""
    if url is None and sender is None:
        return None
    if url is None:
        raise SettingsError("LTI_TOOL_SMTP_URL", "is needed with LTI_TOOL_MAIL_FROM", _SMTP_EXAMPLE)
    if sender is None or not _MAIL_ADDRESS.match(sender):
        raise SettingsError(
            "LTI_TOOL_MAIL_FROM", "must be one e-mail address when LTI_TOOL_SMTP_URL is set", "together@example.org"
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SettingsError("LTI_TOOL_SMTP_URL", "is not an address", _SMTP_EXAMPLE) from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingsError("LTI_TOOL_SMTP_URL", "is not smtp(s)://[user:password@]host[:port]", _SMTP_EXAMPLE)
    at_once = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname,
        port=port or (465 if at_once else 587),
        sender=sender,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls_at_once=at_once,
    )


def _clamd_url(value: str) -> str:
    example = "tcp://localhost:3310"
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise SettingsError("LTI_TOOL_CLAMD_URL", f"{value!r} is not an address", example) from None
    if value and not (parts.scheme == "tcp" and host and port) and not (parts.scheme == "unix" and parts.path):
        raise SettingsError("LTI_TOOL_CLAMD_URL", f"{value!r} is neither tcp://host:port nor unix:/path", example)
    return value


def _bigbluebutton(url: str | None, secret: str | None) -> BigBlueButton | None:
    """Both variables or neither."""
    if url is None and secret is None:
        return None
    example = "https://bbb.example.org/bigbluebutton"
    if url is None:
        raise SettingsError("LTI_TOOL_BBB_URL", "is needed with LTI_TOOL_BBB_SECRET", example)
    if secret is None:
        raise SettingsError("LTI_TOOL_BBB_SECRET", "is needed with LTI_TOOL_BBB_URL", "what `bbb-conf --secret` prints")
    return BigBlueButton(_web_address("LTI_TOOL_BBB_URL", url, example).removesuffix("/api"), secret)


def _web_address(variable: str, value: str | None, example: str) -> str:
    """Without a slash at the end; empty when it is not set."""
    if value is None:
        return ""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise SettingsError(variable, f"{value!r} is not an address", example) from None
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(variable, f"{value!r} is not an http(s) address", example)
    return value.rstrip("/")


def _allow_entry(entry: str) -> str:
    entry = entry.strip()
    try:
        return str(ipaddress.ip_network(entry, strict=False)) if "/" in entry else _checked_host(entry)
    except ValueError:
        raise SettingsError(
            "LTI_TOOL_PLATFORM_ALLOW",
            f"{entry!r} is neither host[:port] nor a network",
            "127.0.0.0/8,moodle.local:8443",
        ) from None


def _checked_host(entry: str) -> str:
    if not _HOST.match(entry):
        raise ValueError(entry)
    return entry.lower()
