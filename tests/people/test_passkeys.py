"""Passkeys: set up on the own page, sign in without a name, refuse whatever is not exactly right."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db
from lti_tool.people.guests.models import Passkey
from tests.conftest import MakeApp, browser
from tests.factories.guests import Device, asked, guest, guest_id, press, set_up, sign_in, token
from tests.factories.joining import TOOL, operator, organization


def known_device(app: Flask, name: str = "Pavel Partner") -> Device:
    """A device by which a guest can come in."""
    device = Device()
    answer = set_up(guest(app, organization(app), name=name), device)
    assert "from now on you can sign in" in answer.text
    return device


def answer(client: FlaskClient, credential: str) -> int:
    """Send a device's answer to the sign-in page."""
    data = {"csrf_token": token(client, "/sign-in"), "credential": credential}
    return client.post(f"{TOOL}/sign-in/passkey", data=data).status_code


def is_in(client: FlaskClient) -> bool:
    return client.get(f"{TOOL}/my/sign-in").status_code == 200


def test_a_passkey_lets_in_again_and_again(app: Flask) -> None:
    device = known_device(app)
    for _day in range(2):
        client = browser(app)
        assert "Pavel Partner" in sign_in(client, device).text
        page = client.get(f"{TOOL}/my/sign-in").text
        assert "My phone" in page
        assert "used last" in page
    with app.app_context():
        ways = [line.facts["way"] for line in db.session.scalars(select(AuditEvent).filter_by(verb="guest.enter"))]
        assert ways == ["link", "passkey", "passkey"]


def test_what_the_browser_is_asked_for(app: Flask) -> None:
    client = guest(app, organization(app))
    made = asked(client, "/my/sign-in", "/my/sign-in/passkeys/options")
    assert made["rp"] == {"id": "tool.example", "name": "Schools Together"}
    assert made["authenticatorSelection"]["residentKey"] == "required"
    assert made["authenticatorSelection"]["userVerification"] == "preferred"
    assert made["attestation"] == "none"
    wanted = asked(browser(app), "/sign-in", "/sign-in/passkey/options")
    assert wanted["rpId"] == "tool.example"
    assert not wanted["allowCredentials"]  # nobody learns who has a passkey
    assert made["challenge"] != wanted["challenge"]


def test_a_replayed_answer_is_refused(app: Flask) -> None:
    device, client = known_device(app), browser(app)
    credential = device.get(asked(client, "/sign-in", "/sign-in/passkey/options"))
    before = client.get_cookie("__Host-session", urlsplit(TOOL).netloc)
    assert before
    form_token = token(client, "/sign-in")
    data = {"csrf_token": form_token, "credential": credential}
    assert client.post(f"{TOOL}/sign-in/passkey", data=data).status_code == 303
    thief = browser(app)  # who has copied all of it, with the cookie of before
    thief.set_cookie("__Host-session", before.value, domain="tool.example", secure=True)
    assert thief.post(f"{TOOL}/sign-in/passkey", data=data).status_code == 400
    assert not is_in(thief)


def test_an_answer_to_nothing_or_to_an_older_question_is_refused(app: Flask) -> None:
    device, client = known_device(app), browser(app)
    old = asked(client, "/sign-in", "/sign-in/passkey/options")
    asked(client, "/sign-in", "/sign-in/passkey/options")
    assert answer(client, device.get(old)) == 400
    assert answer(client, device.get(old)) == 400
    assert not is_in(client)


def test_a_question_for_making_is_no_question_for_entering(app: Flask) -> None:
    device = known_device(app)
    client = guest(app, organization(app), name="Petra")
    credential = device.get(asked(client, "/my/sign-in", "/my/sign-in/passkeys/options"))
    data = {"csrf_token": token(client, "/my/sign-in"), "credential": credential}
    assert client.post(f"{TOOL}/sign-in/passkey", data=data).status_code == 400


def change_origin(device: Device) -> None:
    device.origin = "https://tool.example.evil.example"


def change_site(device: Device) -> None:
    device.site = "evil.example"


def change_key(device: Device) -> None:
    device.key = Device().key


def count_backwards(device: Device) -> None:
    device.count = 0  # the copy of a device that has been used since


def change_owner(device: Device) -> None:
    device.handle = b"somebody else"


def be_unknown(device: Device) -> None:
    device.credential_id = b"x" * 32


@pytest.mark.parametrize(
    "spoil",
    [change_origin, change_site, change_key, count_backwards, change_owner, be_unknown],
    ids=lambda f: f.__name__,
)
def test_whatever_is_wrong_is_refused_alike(app: Flask, spoil: Callable[[Device], None]) -> None:
    device = known_device(app)
    sign_in(browser(app), device)
    spoil(device)
    client = browser(app)
    credential = device.get(asked(client, "/sign-in", "/sign-in/passkey/options"))
    page = client.post(
        f"{TOOL}/sign-in/passkey", data={"csrf_token": token(client, "/sign-in"), "credential": credential}
    )
    assert page.status_code == 400
    assert "This passkey could not be checked" in page.text
    assert credential[:30] not in page.text
    assert not is_in(client)


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", "{", '{"id": 1}', "x" * 30_000, '{"id":"é","rawId":"é"}']
)
def test_bytes_made_to_break_it_are_refused(app: Flask, credential: str) -> None:
    known_device(app)
    client = browser(app)
    asked(client, "/sign-in", "/sign-in/passkey/options")
    assert answer(client, credential) == 400
    owner = guest(app, organization(app), name="Petra")
    asked(owner, "/my/sign-in", "/my/sign-in/passkeys/options")
    data = {"csrf_token": token(owner, "/my/sign-in"), "credential": credential}
    assert owner.post(f"{TOOL}/my/sign-in/passkeys", data=data).status_code == 400


@pytest.mark.parametrize("spoil", [change_origin, change_site], ids=lambda f: f.__name__)
def test_a_passkey_of_another_site_is_not_kept(app: Flask, spoil: Callable[[Device], None]) -> None:
    client, device = guest(app, organization(app)), Device()
    spoil(device)
    assert set_up(client, device).status_code == 400
    with app.app_context():
        assert db.session.scalars(select(Passkey)).all() == []


def test_a_passkey_belongs_to_one(app: Flask) -> None:
    device = known_device(app)
    owner = device.handle
    assert set_up(guest(app, organization(app), name="Petra"), device).status_code == 400
    device.handle = owner
    assert "Pavel Partner" in sign_in(browser(app), device).text


def test_removing_one_ends_other_sessions(app: Flask) -> None:
    owner, phone, laptop = guest(app, organization(app)), Device(), Device()
    set_up(owner, phone)
    set_up(owner, laptop, name="My laptop")
    lost = browser(app)
    sign_in(lost, phone)
    assert "Removed" in press(owner, "/my/sign-in", "/passkeys/1/remove").text
    assert is_in(owner)
    assert not is_in(lost)
    assert sign_in(browser(app), phone).status_code == 400
    assert sign_in(browser(app), laptop).status_code == 200


def test_only_the_owner_removes_one(app: Flask) -> None:
    known_device(app)
    for other in (guest(app, organization(app), name="Maria", role="coordinator"), operator(app)):
        data = {"csrf_token": token(other, "/")}
        assert other.post(f"{TOOL}/my/sign-in/passkeys/1/remove", data=data).status_code == 404


def test_ending_the_access_ends_the_passkey(app: Flask) -> None:
    device = known_device(app)
    press(operator(app), f"/organizations/{organization(app)}/guests", f"/guests/{guest_id(app)}/end")
    assert sign_in(browser(app), device).status_code == 400


def test_ten_are_the_most(app: Flask) -> None:
    client = guest(app, organization(app))
    for number in range(10):
        set_up(client, Device(), name=f"Device {number}")
    page = client.get(f"{TOOL}/my/sign-in").text
    assert page.count("data-passkey=") == 0
    headers = {"X-CSRFToken": token(client, "/my/sign-in"), "Accept": "application/json"}
    refused = client.post(f"{TOOL}/my/sign-in/passkeys/options", headers=headers)
    assert refused.status_code == 409
    assert "which is the most" in refused.get_json()["error"]


def test_where_the_address_is_a_number_no_passkey_is_offered(make_app: MakeApp) -> None:
    app = make_app(base_url="https://127.0.0.1:8443")
    client = app.test_client()
    page = client.get("https://127.0.0.1:8443/sign-in").text
    assert "With a passkey" not in page
    assert "for a new personal link" in page


def test_pages_may_use_passkeys(app: Flask) -> None:
    page = browser(app).get(f"{TOOL}/sign-in")
    assert "publickey-credentials-get=(self)" in page.headers["Permissions-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
