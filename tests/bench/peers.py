"""The two things to compare with: the floor, and the least tool on pylti1p3 in its default way."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, redirect, request, session
from itsdangerous import URLSafeTimedSerializer
from pylti1p3.contrib.flask import FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest
from pylti1p3.tool_config import ToolConfDict
from sqlalchemy import Engine, insert, select

from tests.bench import driver, stores

AUTH_URL = f"{driver.ISSUER}/auth"


def floor(engine: Engine, page: Callable[[str, str], str]) -> Flask:
    """Bare Flask, SQLAlchemy Core and one RSA verification: nothing is checked twice, nothing is configurable."""
    app = Flask("floor")
    app.config.update(SECRET_KEY="floor", SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="None")
    states = URLSafeTimedSerializer("floor")
    public = serialization.load_pem_public_key(driver.PUBLIC_PEM)
    assert isinstance(public, rsa.RSAPublicKey)

    @app.post("/lti/login")
    def login() -> Any:
        asked = request.form
        with engine.connect() as connection:
            statement = select(stores.registration).filter_by(issuer=asked["iss"], client_id=asked["client_id"])
            known = connection.execute(statement).one()
        state, nonce = states.dumps([secrets.token_hex(16), known.id]), secrets.token_hex(16)
        query = {
            "scope": "openid",
            "response_type": "id_token",
            "response_mode": "form_post",
            "prompt": "none",
            "client_id": known.client_id,
            "redirect_uri": f"{driver.TOOL}/lti/launch",
            "login_hint": asked["login_hint"],
            "lti_message_hint": asked["lti_message_hint"],
            "state": state,
            "nonce": nonce,
        }
        response = redirect(f"{known.auth_url}?{urlencode(query)}")
        response.set_cookie("login", nonce, secure=True, httponly=True, samesite="None")
        return response

    @app.post("/lti/launch")
    def launch() -> Any:
        state = request.form["state"]
        _unique, registration_id = states.loads(state, max_age=600)
        token = request.form["id_token"]
        claims = jwt.decode(token, public, algorithms=["RS256"], audience=driver.CLIENT_ID, issuer=driver.ISSUER)
        assert claims["nonce"] == request.cookies["login"]
        with engine.begin() as connection:
            connection.execute(insert(stores.used_state).values(state=state[-40:]))
            session["who"] = stores.store(connection, registration_id, claims)
        return redirect("/", 303)

    @app.get("/")
    def home() -> str:
        return stores.landing(engine, page, *session["who"])

    return app


def pylti1p3_tool(engine: Engine, page: Callable[[str, str], str]) -> Flask:
    """The least tool on pylti1p3: its session storage, its checks; the platform's keys are given, so none is fetched."""
    app = Flask("peer")
    app.config.update(SECRET_KEY="peer", SESSION_COOKIE_SECURE=True, SESSION_COOKIE_SAMESITE="None")
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    one = {
        "default": True,
        "client_id": driver.CLIENT_ID,
        "auth_login_url": AUTH_URL,
        "auth_token_url": f"{driver.ISSUER}/token",
        "key_set_url": f"{driver.ISSUER}/jwks",
        "key_set": driver.JWKS,
        "deployment_ids": [driver.DEPLOYMENT],
    }
    config = ToolConfDict({driver.ISSUER: [one]})
    config.set_private_key(driver.ISSUER, pem.decode(), client_id=driver.CLIENT_ID)

    @app.post("/lti/login")
    def login() -> Any:
        return FlaskOIDCLogin(FlaskRequest(), config).redirect(f"{driver.TOOL}/lti/launch")

    @app.post("/lti/launch")
    def launch() -> Any:
        claims = FlaskMessageLaunch(FlaskRequest(), config).get_launch_data()
        with engine.begin() as connection:
            session["who"] = stores.store(connection, 1, claims)
        return redirect("/", 303)

    @app.get("/")
    def home() -> str:
        return stores.landing(engine, page, *session["who"])

    return app
