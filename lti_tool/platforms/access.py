"""Platforms as the lti package sees them: who may be meant by a login, their key sets, tokens and services."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, current_app
from sqlalchemy import ColumnElement, bindparam, delete, or_, select, update
from sqlalchemy.sql import Executable

from lti_tool.core import db as core_db
from lti_tool.core.db import db, execute, insert_if_absent, run, table_of, unit_of_work, utcnow
from lti_tool.core.http import GuardedSession
from lti_tool.lti.jwks import PlatformKeys, StoredKeys
from lti_tool.lti.keys import KeyRing
from lti_tool.lti.platform import origin
from lti_tool.lti.services import EARLY, AccessTokens, AssignmentAndGrades, NamesAndRoles, ServiceToken
from lti_tool.organizations.models import Organization
from lti_tool.platforms.models import ACTIVE, AccessToken, Deployment, Registration

LAUNCH_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class KnownPlatform:
    """A registration as a plain value, with its deployments: an lti Platform that outlives the transaction."""

    id: int
    organization_id: int
    issuer: str
    client_id: str
    auth_url: str
    token_url: str
    token_audience: str | None
    jwks_url: str
    state: str
    last_launch_at: datetime | None = None
    time_zone: str = "UTC"
    """The organization's."""
    deployments: dict[str, tuple[int, str]] = field(default_factory=dict)
    """LTI deployment id → (primary key, state)."""

    @property
    def is_active(self) -> bool:
        return self.state == ACTIVE

    @property
    def frame_origins(self) -> list[str]:
        """Origins of the LMS's pages, which may show the tool in a frame."""
        return sorted({found for url in (self.issuer, self.auth_url) if (found := origin(url)) is not None})


_COLUMNS = (
    Registration.id,
    Registration.organization_id,
    Registration.issuer,
    Registration.client_id,
    Registration.auth_url,
    Registration.token_url,
    Registration.token_audience,
    Registration.jwks_url,
    Registration.state,
    Registration.last_launch_at,
)


_PLATFORMS = (
    select(*_COLUMNS, Organization.time_zone, Deployment.deployment_id, Deployment.id, Deployment.state)
    .join(Organization, Organization.id == Registration.organization_id)
    .outerjoin(Deployment, Deployment.registration_id == Registration.id)
    .order_by(Registration.id)
)
_BY_ID = _PLATFORMS.where(Registration.id == bindparam("registration_id"))
_BY_ISSUER = _PLATFORMS.where(Registration.issuer == bindparam("issuer"))
_BY_CLIENT = _BY_ISSUER.where(Registration.client_id == bindparam("client_id"))


def _platforms(statement: Executable, values: dict[str, Any]) -> list[KnownPlatform]:
    found: dict[int, KnownPlatform] = {}
    for *columns, deployment_id, deployment_pk, state in run(statement, values):
        known = found.setdefault(columns[0], KnownPlatform(*columns))
        if deployment_id is not None:
            known.deployments[deployment_id] = (deployment_pk, state)
    return list(found.values())


def find_platforms(issuer: str, client_id: str | None) -> list[KnownPlatform]:
    """The registrations a login may mean, whatever their state; one statement."""
    if client_id is None:
        return _platforms(_BY_ISSUER, {"issuer": issuer})
    return _platforms(_BY_CLIENT, {"issuer": issuer, "client_id": client_id})


def platform_by_id(registration_id: int) -> KnownPlatform | None:
    """One registration, whatever its state."""
    found = _platforms(_BY_ID, {"registration_id": registration_id})
    return found[0] if found else None


def platform_of(registration: Registration) -> KnownPlatform:
    """A loaded registration as the lti package wants it (its deployments are left out)."""
    values = {column.key: getattr(registration, column.key) for column in _COLUMNS}
    return KnownPlatform(**values, time_zone=registration.organization.time_zone)


class KeyStore:
    """Key sets in the registration's own row, so that all processes share them.

    Looking one up ends the transaction, so that none is open while a key set may be fetched.
    """

    def get(self, platform_id: int) -> StoredKeys | None:
        statement = select(Registration.jwks, Registration.jwks_fetched_at).where(Registration.id == platform_id)
        row = db.session.execute(statement).first()
        core_db.end_reading()
        return StoredKeys(row[0], row[1]) if row and row[0] and row[1] else None

    def put(self, platform_id: int, keys: StoredKeys) -> None:
        with unit_of_work():
            values = {"jwks": dict(keys.document), "jwks_fetched_at": keys.fetched_at}
            execute(update(Registration).where(Registration.id == platform_id).values(**values))


class TokenStore:
    """Service tokens in a table, with a lock per (registration, scopes) that one worker can take."""

    def get(self, platform_id: int, scopes: str) -> ServiceToken | None:
        statement = select(AccessToken.token, AccessToken.expires_at, AccessToken.granted).where(
            *_token(platform_id, scopes)
        )
        row = db.session.execute(statement).first()
        core_db.end_reading()
        if row is None or not row[0] or row[1] is None or row[1] <= utcnow():
            return None
        return ServiceToken(row[0], row[1], frozenset(row[2].split()))

    def put(self, platform_id: int, scopes: str, token: ServiceToken) -> None:
        self._set(
            platform_id,
            scopes,
            token=token.value,
            expires_at=token.expires_at,
            granted=" ".join(sorted(token.scopes)),
            fetched_at=utcnow(),
            lock_until=None,
        )

    def drop(self, platform_id: int, scopes: str, value: str) -> None:
        with unit_of_work():
            statement = update(AccessToken).where(*_token(platform_id, scopes), AccessToken.token == value)
            execute(statement.values(token=None, expires_at=None))

    def lock(self, platform_id: int, scopes: str, seconds: int) -> bool:
        now = utcnow()
        free = or_(AccessToken.lock_until.is_(None), AccessToken.lock_until < now)
        with unit_of_work():
            insert_if_absent(AccessToken, {"registration_id": platform_id, "scopes": scopes, "granted": ""})
            statement = update(AccessToken).where(*_token(platform_id, scopes), free)
            return execute(statement.values(lock_until=now + timedelta(seconds=seconds))).rowcount == 1

    def unlock(self, platform_id: int, scopes: str) -> None:
        self._set(platform_id, scopes, lock_until=None)

    def _set(self, platform_id: int, scopes: str, **values: Any) -> None:
        with unit_of_work():
            insert_if_absent(AccessToken, {"registration_id": platform_id, "scopes": scopes, "granted": ""})
            execute(update(AccessToken).where(*_token(platform_id, scopes)).values(**values))


class TokensInHand(TokenStore):
    """The same for a worker with many calls to make: a token is looked up once, and its threads need no application
    context of their own."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._held: dict[tuple[int, str], ServiceToken] = {}

    def get(self, platform_id: int, scopes: str) -> ServiceToken | None:
        held = self._held.get((platform_id, scopes))
        if held is not None and held.expires_at - EARLY > utcnow():
            return held
        with self._app.app_context():
            found = super().get(platform_id, scopes)
        if found is not None:
            self._held[platform_id, scopes] = found
        return found

    def drop(self, platform_id: int, scopes: str, value: str) -> None:
        held = self._held.get((platform_id, scopes))
        if held is not None and held.value == value:
            self._held.pop((platform_id, scopes), None)
        with self._app.app_context():
            super().drop(platform_id, scopes, value)

    def lock(self, platform_id: int, scopes: str, seconds: int) -> bool:
        with self._app.app_context():
            return super().lock(platform_id, scopes, seconds)

    def _set(self, platform_id: int, scopes: str, **values: Any) -> None:
        with self._app.app_context():
            super()._set(platform_id, scopes, **values)


def _token(platform_id: int, scopes: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return AccessToken.registration_id == platform_id, AccessToken.scopes == scopes


def forget_tokens(registration_id: int) -> None:
    """Drop every cached token of a registration (its credentials or state changed)."""
    execute(delete(AccessToken).where(AccessToken.registration_id == registration_id))


def http() -> GuardedSession:
    return cast("GuardedSession", current_app.extensions["http"])


def key_ring() -> KeyRing:
    """The tool's own signing keys, parsed once per process."""
    return cast("KeyRing", current_app.extensions["key_ring"])


def platform_keys() -> PlatformKeys:
    """The public keys of all platforms, cached in this process and in the database."""
    return cast("PlatformKeys", current_app.extensions["platform_keys"])


def access_tokens(platform: KnownPlatform) -> AccessTokens:
    return AccessTokens(platform, http=http(), keyring=key_ring(), store=TokenStore())


def names_and_roles(platform: KnownPlatform) -> NamesAndRoles:
    """The roster service of a platform. Call it outside a transaction."""
    return NamesAndRoles(platform, http=http(), tokens=access_tokens(platform))


def tokens_in_hand(app: Flask, platform: KnownPlatform) -> AccessTokens:
    """Access tokens for the threads of a worker."""
    return AccessTokens(platform, http=http(), keyring=key_ring(), store=TokensInHand(app))


def grade_service(
    platform: KnownPlatform, scopes: Collection[str], *, tokens: AccessTokens | None = None
) -> AssignmentAndGrades:
    """The grade service of a platform with the scopes a context was given. Call it outside a transaction."""
    return AssignmentAndGrades(platform, http=http(), tokens=tokens or access_tokens(platform), scopes=scopes)


def note_launch(platform: KnownPlatform, now: datetime) -> None:
    """Remember when people last came from there, at most once a minute."""
    if platform.last_launch_at is None or now - platform.last_launch_at > LAUNCH_NOTED_EVERY:
        execute(update(table_of(Registration)).where(Registration.id == platform.id).values(last_launch_at=now))


def init_app(app: Flask) -> None:
    settings = app.extensions["settings"]
    app.extensions["key_ring"] = KeyRing(settings.keys_dir)
    app.extensions["platform_keys"] = PlatformKeys(app.extensions["http"], KeyStore())
