"""Dynamic registration as an LMS administrator lives it: a sandbox school on the other side, and its bad days."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import structlog
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.platforms.models import Invitation, Registration
from lti_tool.platforms.operations.invitations import revoke_invitation
from tests.conftest import browser
from tests.factories.joining import invitation, registration
from tests.lms import PUPIL, SCHOOL_A, Form, School, WsgiAdapter, read_forms, submit

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@pytest.fixture
def school(app: Flask) -> School:
    return School.start("ru", SCHOOL_A, tool=app)


class Lms:
    """An LMS that says whatever a test wants."""

    def __init__(self, tool: Flask, host: str = "lms.example", **configuration: Any) -> None:
        self.url = f"https://{host}"
        self.configuration = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/auth",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "registration_endpoint": f"{self.url}/register",
            PLATFORM: {"product_family_code": "canvas", "version": "1"},
            **configuration,
        }
        self.answer: Any = {"client_id": "client-9"}
        self.status = 200
        self.requests: list[tuple[str | None, Any]] = []
        app = Flask(__name__)
        app.add_url_rule("/configuration", view_func=lambda: jsonify(self.configuration), endpoint="configuration")
        app.add_url_rule("/register", view_func=self.register, methods=["POST"], endpoint="register")
        tool.extensions["http"].mount(self.url, WsgiAdapter(app))

    def register(self) -> Any:
        self.requests.append((request.headers.get("Authorization"), request.get_json()))
        return (jsonify(self.answer) if isinstance(self.answer, dict) else self.answer), self.status

    def parameters(self, token: str = "secret-token") -> str:
        return urlencode({"openid_configuration": f"{self.url}/configuration", "registration_token": token})


def page_form(client: FlaskClient, address: str) -> Form:
    page = client.get(address)
    assert page.status_code == 200, page.text
    return next(form for form in read_forms(page.text, address) if "/lti/register" in form.action)


def press(client: FlaskClient, invite: str, lms: Lms, **typed: Any) -> Any:
    return submit(client, page_form(client, f"{invite}&{lms.parameters()}"), **typed)


def registrations(app: Flask) -> list[Registration]:
    with app.app_context():
        return list(db.session.scalars(select(Registration).order_by(Registration.id)).unique())


def is_open(app: Flask) -> bool:
    with app.app_context():
        row = db.session.scalars(select(Invitation)).unique().one()
        return row.state(utcnow()) == "open" and row.reserved_until is None


def test_from_the_address_to_a_registration_that_lets_people_in(
    app: Flask, client: FlaskClient, school: School
) -> None:
    arrived = school.register(client, invitation(app, auto_approve=True))
    with app.app_context():
        registered = db.session.scalars(select(Registration)).unique().one()
        assert (registered.state, registered.client_id) == ("active", arrived["client_id"])
        assert (registered.issuer, registered.product, len(registered.scopes)) == (SCHOOL_A, "moodle", 5)
        assert [(each.deployment_id, each.state) for each in registered.deployments] == [("1", "active")]
        used = db.session.scalars(select(Invitation)).unique().one()
        assert used.registration_id == registered.id
        assert used.used_at is not None
        verbs = set(db.session.scalars(select(AuditEvent.verb)))
    assert verbs >= {"organization.add", "invitation.create", "registration.register"}
    link = school.add_link(2, "The shared course")
    assert school.launch(browser(app), PUPIL, link).status_code == 200


def test_without_auto_approval_it_waits_and_nobody_comes_in(app: Flask, client: FlaskClient, school: School) -> None:
    school.register(client, invitation(app))
    assert [each.state for each in registrations(app)] == ["pending"]
    refused = school.begin  # the login itself is refused already
    with pytest.raises(AssertionError, match="403"):
        refused(browser(app), person=PUPIL, link=school.add_link(2, "The shared course"))


def test_the_pages_name_the_school_and_say_what_remains(app: Flask, client: FlaskClient, school: School) -> None:
    invite = invitation(app, "Школа <b>№ 12</b>")
    first = school.open_registration(client, invite)
    assert "Школа &lt;b&gt;№ 12&lt;/b&gt;" in first.text
    assert SCHOOL_A in first.headers["Content-Security-Policy"].partition("frame-ancestors")[2]
    form = next(form for form in read_forms(first.text, invite) if "/lti/register" in form.action)
    last = submit(client, form)
    assert "waiting for approval" in last.text
    assert "Show in activity chooser" in last.text
    assert "data-lti-close" in last.text
    assert SCHOOL_A in last.headers["Content-Security-Policy"].partition("frame-ancestors")[2]


def test_it_works_in_a_frame_without_cookies_and_in_russian(app: Flask, school: School) -> None:
    client = app.test_client(use_cookies=False)
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "tool.example", "HTTP_ACCEPT_LANGUAGE": "ru"}
    page = school.open_registration(client, invitation(app))
    assert '<html lang="ru"' in page.text
    form = next(form for form in read_forms(page.text, page.request.url) if "/lti/register" in form.action)
    assert '<html lang="ru"' in submit(client, form).text
    assert len(registrations(app)) == 1


def test_opened_outside_the_lms_it_says_where_to_paste_it(app: Flask, client: FlaskClient) -> None:
    page = client.get(invitation(app))
    assert page.status_code == 200
    assert "Manage tools" in page.text
    assert "School 12" in page.text


def test_what_is_sent_to_the_lms(app: Flask, client: FlaskClient) -> None:
    lms = Lms(app)
    assert press(client, invitation(app), lms).status_code == 200
    (bearer, sent), *others = lms.requests
    assert others == []
    assert bearer == "Bearer secret-token"
    tool = sent["https://purl.imsglobal.org/spec/lti-tool-configuration"]
    assert sent["redirect_uris"] == ["https://tool.example/lti/launch"] == [tool["target_link_uri"]]
    assert (sent["jwks_uri"], tool["domain"]) == ("https://tool.example/lti/jwks", "tool.example")
    assert sent["client_name#ru"] == "Школы вместе"


def test_the_registration_token_is_kept_nowhere(
    app: Flask, client: FlaskClient, capfd: pytest.CaptureFixture[str]
) -> None:
    lms = Lms(app)
    with structlog.testing.capture_logs() as logs:
        press(client, invitation(app), lms)
        lms.status = 400
        press(client, invitation(app), lms)
    dump = repr(logs) + "".join(capfd.readouterr())
    with app.app_context():
        for table in db.metadata.sorted_tables:
            dump += repr(db.session.execute(table.select()).all())
    assert "secret-token" not in dump
    assert "invite=" not in dump


@pytest.mark.parametrize(
    ("status", "answer", "says"),
    [
        (400, "missing_domain", "missing_domain"),
        (401, "", "token was used before"),
        (404, "<!DOCTYPE html><h1>no</h1>", "HTTP 404"),
        (200, "<!DOCTYPE html>", "cannot be read"),
        (200, {}, "cannot be read"),
        (500, "", "HTTP 500"),
    ],
)
def test_a_failure_says_why_and_gives_the_invitation_back(
    app: Flask, client: FlaskClient, status: int, answer: Any, says: str
) -> None:
    lms, invite = Lms(app), invitation(app)
    lms.status, lms.answer = status, answer
    failed = press(client, invite, lms)
    assert failed.status_code == 400
    assert says in failed.text
    assert registrations(app) == []
    assert is_open(app)
    lms.status, lms.answer = 201, {"client_id": "client-9"}
    assert press(client, invite, lms).status_code == 200
    assert [each.client_id for each in registrations(app)] == ["client-9"]


@pytest.mark.parametrize(
    "configuration", ["http://127.0.0.1:9/c", "https://127.0.0.1/c", "https://[::1]/c", "https://169.254.169.254/c"]
)
def test_private_addresses_are_not_contacted(app: Flask, client: FlaskClient, configuration: str) -> None:
    query = urlencode({"openid_configuration": configuration, "registration_token": "t"})
    failed = submit(client, page_form(client, f"{invitation(app)}&{query}"))
    assert failed.status_code == 400
    assert "may not contact this address" in failed.text
    assert is_open(app)


@pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri", "registration_endpoint"])
def test_an_endpoint_on_a_private_address_is_not_contacted_behind_a_public_configuration(
    app: Flask, client: FlaskClient, name: str
) -> None:
    lms = Lms(app, **{name: "https://127.0.0.1/inside"})
    asked = press(client, invitation(app), lms)
    assert "127.0.0.1" in asked.text  # a foreign host: nobody goes on without a look
    assert lms.requests == []
    form = next(form for form in read_forms(asked.text, asked.request.url) if "/lti/register" in form.action)
    done = submit(client, form, host="127.0.0.1")
    if name == "registration_endpoint":
        assert "may not contact this address" in done.text
        assert registrations(app) == []
    else:
        assert [each.state for each in registrations(app)] == ["pending"]


@pytest.mark.parametrize("configuration", ["javascript:alert(1)", "lms.example", "https://a b/", "x" * 2000])
def test_what_is_no_address_is_refused(app: Flask, client: FlaskClient, configuration: str) -> None:
    query = urlencode({"openid_configuration": configuration})
    page = client.get(f"{invitation(app)}&{query}")
    assert page.status_code == 400
    assert "javascript:" not in page.text


def test_other_hosts_are_confirmed_and_then_judged_by_a_human(app: Flask, client: FlaskClient) -> None:
    lms = Lms(app, issuer="https://elsewhere.example")
    invite = invitation(app, auto_approve=True)
    asked = press(client, invite, lms)
    assert "elsewhere.example" in asked.text
    assert lms.requests == []
    assert is_open(app)
    form = next(form for form in read_forms(asked.text, invite) if "/lti/register" in form.action)
    assert lms.requests == []
    done = submit(client, form, host="elsewhere.example")
    assert "waiting for approval" in done.text
    kept = registrations(app)
    assert [(each.state, each.foreign_hosts) for each in kept] == [("pending", ["elsewhere.example"])]


def test_an_issuer_of_another_organization_is_never_let_in_by_itself(app: Flask, client: FlaskClient) -> None:
    registration(app, name="Another school", issuer="https://lms.example", client_id="theirs")
    press(client, invitation(app, auto_approve=True), Lms(app))
    assert [(each.client_id, each.state) for each in registrations(app)] == [
        ("theirs", "active"),
        ("client-9", "pending"),
    ]


def test_a_new_client_of_the_same_lms_leaves_the_old_one_alone(app: Flask, client: FlaskClient) -> None:
    registration(app, issuer="https://lms.example", client_id="old")
    press(client, invitation(app, auto_approve=True), Lms(app))
    assert [(each.client_id, each.state) for each in registrations(app)] == [("old", "active"), ("client-9", "active")]


def test_the_same_client_cannot_be_taken_over(app: Flask, client: FlaskClient) -> None:
    registration(app, name="Another school", issuer="https://lms.example", client_id="client-9")
    lms = Lms(app)
    invite = invitation(app)
    assert press(client, invite, lms).status_code == 409
    lms.answer = {
        "client_id": "client-9",
        "https://purl.imsglobal.org/spec/lti-tool-configuration": {"deployment_id": "1"},
    }
    assert press(client, invite, lms).status_code == 409
    assert [(each.client_id, each.token_url) for each in registrations(app)] == [
        ("client-9", "https://lms1.example/token")
    ]


@pytest.mark.parametrize("state", ["unknown", "used", "revoked", "expired"])
def test_only_a_good_invitation_opens_the_page(app: Flask, client: FlaskClient, state: str) -> None:
    lms, invite = Lms(app), invitation(app)
    form = page_form(client, f"{invite}&{lms.parameters()}")
    with app.app_context(), unit_of_work():
        row = db.session.scalars(select(Invitation)).unique().one()
        if state == "revoked":
            revoke_invitation(actor=None, invitation=row)
        changes = {"used": {"used_at": utcnow()}, "expired": {"expires_at": utcnow() - timedelta(seconds=1)}}
        if state in changes:
            execute(update(Invitation).values(**changes[state]))
    if state == "unknown":
        invite, form.fields["invite"] = invite[:-3] + "xxx", "xxx"
    for answer in (client.get(invite), client.get(f"{invite}&{lms.parameters()}"), submit(client, form)):
        assert answer.status_code == 410
    assert lms.requests == []
    assert registrations(app) == []


def test_the_code_is_not_in_the_database(app: Flask) -> None:
    code = parse_qs(urlsplit(invitation(app)).query)["invite"][0]
    assert len(code) >= 32
    with app.app_context():
        assert code not in repr(db.session.execute(db.metadata.tables["invitation"].select()).all())


def test_one_registration_at_a_time(app: Flask, client: FlaskClient) -> None:
    lms, invite = Lms(app), invitation(app)
    with app.app_context(), unit_of_work():
        execute(update(Invitation).values(reserved_until=utcnow() + timedelta(minutes=1)))
    assert press(client, invite, lms).status_code == 409
    assert lms.requests == []
