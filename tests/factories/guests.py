"""People invited by name, and what their browsers and devices do."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask
from flask.testing import FlaskClient
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from werkzeug.test import TestResponse

from lti_tool.core.db import db, unit_of_work
from lti_tool.people.guests.models import Guest
from lti_tool.people.guests.operations.inviting import invite_guest
from tests.conftest import browser
from tests.factories.joining import TOOL
from tests.lms import read_forms, submit


def personal_link(app: Flask, organization_id: int, *, name: str = "Pavel Partner", role: str = "partner") -> str:
    """The address of a link the hub has made."""
    with app.app_context(), unit_of_work():
        _link, code = invite_guest(actor=None, organization_id=organization_id, name=name, role=role)
    return f"{TOOL}/invited?code={code}"


def guest(app: Flask, organization_id: int, **invited: str) -> FlaskClient:
    """A browser in which somebody came in by a personal link."""
    client = browser(app)
    assert press(client, personal_link(app, organization_id, **invited), "/invited").status_code == 200
    return client


def guest_id(app: Flask, name: str = "Pavel Partner") -> int:
    with app.app_context():
        return db.session.scalars(db.select(Guest.id).where(Guest.name == name)).one()


def press(client: FlaskClient, address: str, action: str, *, follow: bool = True, **typed: object) -> TestResponse:
    """Send the form of a page that goes to `action`."""
    address = address if address.startswith("http") else f"{TOOL}{address}"
    page = client.get(address)
    assert page.status_code == 200, page.text
    forms = [form for form in read_forms(page.text, address) if form.method == "post"]
    form = next(form for form in forms if re.search(f"{action}$", form.action))
    return submit(client, form, follow=follow, **typed)


def token(client: FlaskClient, path: str) -> str:
    """The hidden token of a page's forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(f"{TOOL}{path}", follow_redirects=True).text)
    assert found
    return found[1]


class Device:
    """A passkey in software: ES256, no attestation, counts its signatures."""

    def __init__(self, *, origin: str = TOOL, site: str = "tool.example") -> None:
        self.origin, self.site = origin, site
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = secrets.token_bytes(32)
        self.handle = b""
        self.count = 0

    def create(self, options: dict[str, Any]) -> str:
        """What navigator.credentials.create() would give."""
        self.handle = base64url_to_bytes(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        point = (numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big"))
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point[0], -3: point[1]})
        held = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id + cose
        attested = {"fmt": "none", "attStmt": {}, "authData": self._data(0x45) + held}
        client_data = self._client_data("webauthn.create", options)
        return self._told(clientDataJSON=client_data, attestationObject=cbor2.dumps(attested))

    def get(self, options: dict[str, Any]) -> str:
        """What navigator.credentials.get() would give."""
        self.count += 1
        data, client_data = self._data(0x05), self._client_data("webauthn.get", options)
        signature = self.key.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        return self._told(
            clientDataJSON=client_data, authenticatorData=data, signature=signature, userHandle=self.handle
        )

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        return json.dumps({"type": kind, "challenge": options["challenge"], "origin": self.origin}).encode()

    def _told(self, **response: bytes) -> str:
        key = bytes_to_base64url(self.credential_id)
        told = {name: bytes_to_base64url(value) for name, value in response.items()}
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": told})


def asked(client: FlaskClient, page: str, path: str) -> dict[str, Any]:
    """What the server gives a browser's script to hand to the device."""
    headers = {"X-CSRFToken": token(client, page), "Accept": "application/json"}
    answer = client.post(f"{TOOL}{path}", headers=headers)
    assert answer.status_code == 200, answer.text
    return dict(answer.get_json())


def set_up(client: FlaskClient, device: Device, name: str = "My phone") -> TestResponse:
    """Set up a passkey on the own page."""
    made = device.create(asked(client, "/my/sign-in", "/my/sign-in/passkeys/options"))
    return press(client, "/my/sign-in", "/my/sign-in/passkeys", credential=made, name=name)


def sign_in(client: FlaskClient, device: Device) -> TestResponse:
    """Sign in by a passkey."""
    answer = device.get(asked(client, "/sign-in", "/sign-in/passkey/options"))
    return press(client, "/sign-in", "/sign-in/passkey", credential=answer)
