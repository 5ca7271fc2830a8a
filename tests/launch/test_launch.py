"""Launches through the outside: what a browser meets on the way from a course to a page of the tool."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from threading import Barrier, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_tool.contexts.models import Context, Membership, ResourceLink
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db
from lti_tool.launch.models import UsedState
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Deployment
from tests.conftest import browser
from tests.factories.platforms import add_registration
from tests.lms import ADMIN, COURSE, OTHER_COURSE, PUPIL, SCHOOL_A, TEACHER, School, read_forms, submit


def count(app: Flask, model: Any) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_pupil_lands_on_the_home_of_the_course(client: FlaskClient, school_a: School) -> None:
    link = school_a.add_link(COURSE, "Совместные курсы", graded=False)
    page = school_a.launch(client, PUPIL, link)
    assert page.status_code == 200
    claims = school_a.begin(client, person=PUPIL, link=link).claims
    assert claims["name"] in page.text
    assert claims["https://purl.imsglobal.org/spec/lti/claim/context"]["title"] in page.text


def test_a_launch_answers_with_a_local_redirect_and_a_partitioned_session(
    client: FlaskClient, school_a: School
) -> None:
    link = school_a.add_link(COURSE, "Home")
    answer = school_a.launch(client, PUPIL, link, follow=False)
    assert answer.status_code == 303
    assert answer.location == "/"
    cookies = answer.headers.getlist("Set-Cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("__Host-session="))
    for flag in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/"):
        assert flag in session
    gone = next(cookie for cookie in cookies if cookie.startswith("__Host-lti-"))
    assert "Max-Age=0" in gone


def test_a_launch_stores_person_context_link_membership_and_audit(
    app: Flask, client: FlaskClient, school_a: School
) -> None:
    link = school_a.add_link(COURSE, "Home")
    for _time in range(2):
        assert school_a.launch(client, PUPIL, link, follow=False).status_code == 303
    models = (Identity, Context, ResourceLink, Membership)
    assert [count(app, model) for model in models] == [1, 1, 1, 1]
    with app.app_context():
        events = db.session.scalars(select(AuditEvent).where(AuditEvent.verb == "launch")).all()
        assert [event.facts["role"] for event in events] == ["learner", "learner"]


def test_two_schools_with_equal_ids_share_nothing(
    app: Flask, client: FlaskClient, school_a: School, school_b: School
) -> None:
    for school in (school_a, school_b):
        link = school.add_link(COURSE, "Home")
        assert school.launch(client, PUPIL, link, follow=False).status_code == 303
    assert count(app, Identity) == 2
    assert count(app, Context) == 2
    with app.app_context():
        subs = db.session.scalars(select(Identity.sub)).all()
        contexts = db.session.scalars(select(Context.lms_id)).all()
    assert len(set(subs)) == 1
    assert len(set(contexts)) == 1


class TestLogin:
    def test_get_and_post_lead_to_the_registered_address(self, client: FlaskClient, school_a: School) -> None:
        form = school_a.login_form(person=PUPIL, link=school_a.add_link(COURSE, "Home"))
        for answer in (
            client.post(form.action, data=form.fields),
            client.get(form.action, query_string=form.fields),
        ):
            assert answer.status_code == 302
            assert answer.location.startswith(f"{SCHOOL_A}/lti/auth?")
            query = parse_qs(urlsplit(answer.location).query)
            assert query["redirect_uri"] == ["https://tool.example/lti/launch"]
            assert query["lti_message_hint"] == [form.fields["lti_message_hint"]]
            cookie = answer.headers["Set-Cookie"]
            assert cookie.startswith("__Host-lti-")
            for flag in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", "Path=/", "Max-Age=600"):
                assert flag in cookie

    @pytest.mark.parametrize("missing", ["iss", "login_hint"])
    def test_an_incomplete_one_is_refused_without_a_cookie(
        self, client: FlaskClient, school_a: School, missing: str
    ) -> None:
        form = school_a.login_form(person=PUPIL, link=school_a.add_link(COURSE, "Home"))
        form.fields.pop(missing)
        answer = client.post(form.action, data=form.fields)
        assert answer.status_code == 400
        assert "Set-Cookie" not in answer.headers

    def test_an_unknown_platform_is_told_so_and_its_name_is_inert(self, client: FlaskClient) -> None:
        evil = "https://x.example/<script>alert(1)</script>"
        answer = client.get("/lti/login", query_string={"iss": evil, "login_hint": "1", "target_link_uri": "x"})
        assert answer.status_code == 400
        assert "<script>alert" not in answer.text
        assert answer.headers["X-Request-ID"] in answer.text

    def test_a_login_stores_nothing(self, app: Flask, client: FlaskClient, school_a: School) -> None:
        form = school_a.login_form(person=PUPIL, link=school_a.add_link(COURSE, "Home"))
        client.post(form.action, data=form.fields)
        assert [count(app, model) for model in (UsedState, Identity, AuditEvent)] == [0, 0, 0]

    def test_a_flood_is_slowed_down_and_a_school_is_not(self, client: FlaskClient) -> None:
        answers = [client.get("/lti/login", query_string={"iss": "x", "login_hint": "1"}) for _each in range(701)]
        assert [answer.status_code for answer in answers[:700]] == [400] * 700
        assert answers[700].status_code == 429


class TestOnce:
    def test_the_same_answer_is_accepted_once(self, client: FlaskClient, school_a: School) -> None:
        message = school_a.begin(client, person=PUPIL, link=school_a.add_link(COURSE, "Home"))
        assert message.send(follow=False).status_code == 303
        again = message.send(follow=False)
        assert again.status_code == 400
        assert 'href="/"' in again.text  # a reload: the person is in already and can go on

    def test_another_browser_cannot_use_it(self, app: Flask, client: FlaskClient, school_a: School) -> None:
        link = school_a.add_link(COURSE, "Home")
        message = school_a.begin(client, person=PUPIL, link=link)
        other = browser(app)
        answer = other.post(message.action, data=message.fields)
        assert answer.status_code == 200  # one click is asked: it could be the same person with cookies blocked
        assert "Set-Cookie" not in answer.headers
        assert other.get("/courses/1").status_code == 401

    def test_two_at_once_let_one_in(self, app: Flask, client: FlaskClient, school_a: School) -> None:
        message = school_a.begin(client, person=PUPIL, link=school_a.add_link(COURSE, "Home"))
        assert client._cookies is not None
        cookies = {cookie.key: cookie.value for cookie in client._cookies.values()}
        barrier = Barrier(4)
        statuses: list[int] = []

        def post() -> None:
            own = browser(app)
            for name, value in cookies.items():
                own.set_cookie(name, value, domain="tool.example", secure=True)
            barrier.wait()
            statuses.append(own.post(message.action, data=message.fields).status_code)

        threads = [Thread(target=post) for _each in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [303, 400, 400, 400]

    def test_two_tabs_do_not_disturb_each_other(self, client: FlaskClient, school_a: School) -> None:
        link = school_a.add_link(COURSE, "Home")
        first = school_a.begin(client, person=PUPIL, link=link)
        second = school_a.begin(client, person=PUPIL, link=link)
        assert second.send(follow=False).status_code == 303
        assert first.send(follow=False).status_code == 303


class TestNotServed:
    def test_an_unknown_deployment_waits_for_the_operator(self, app: Flask, client: FlaskClient) -> None:
        school = School.start("ru", SCHOOL_A, tool=app)
        add_registration(app, school, "Школа", deployment="pending")
        with app.app_context():
            db.session.execute(db.delete(Deployment))
            db.session.commit()
        link = school.add_link(COURSE, "Home")
        for _time in range(2):
            assert school.launch(client, PUPIL, link, follow=False).status_code == 403
        with app.app_context():
            assert db.session.scalars(select(Deployment.state)).all() == ["pending"]
        assert count(app, Identity) == 0

    @pytest.mark.parametrize("state", ["pending", "suspended"])
    def test_a_registration_that_is_not_active(self, app: Flask, client: FlaskClient, state: str) -> None:
        school = School.start("ru", SCHOOL_A, tool=app)
        add_registration(app, school, "Школа", state=state)
        form = school.login_form(person=PUPIL, link=school.add_link(COURSE, "Home"))
        answer = client.post(form.action, data=form.fields)
        assert answer.status_code == 403
        assert f"frame-ancestors {SCHOOL_A}" in answer.headers["Content-Security-Policy"]

    def test_pupils_cannot_choose_content(self, client: FlaskClient, school_a: School) -> None:
        assert school_a.deep_link(client, PUPIL, COURSE).status_code == 403


class TestWithoutCookies:
    def test_one_click_in_a_new_tab_completes_the_same_launch(
        self, app: Flask, client: FlaskClient, school_a: School
    ) -> None:
        link = school_a.add_link(COURSE, "Home")
        page = school_a.launch(client, PUPIL, link, cookies=False)
        assert page.status_code == 200
        assert "Set-Cookie" not in page.headers
        form = next(form for form in read_forms(page.text, "https://tool.example/lti/launch") if "code" in form.fields)
        new_tab = browser(app)
        landed = submit(new_tab, form)
        assert landed.status_code == 200
        assert landed.request.path == "/"
        assert submit(browser(app), form).status_code == 403  # once only

    def test_choosing_content_says_what_another_tab_cannot_do(self, client: FlaskClient, school_b: School) -> None:
        page = school_b.deep_link(client, TEACHER, COURSE, cookies=False)
        assert page.status_code == 200
        assert "Choosing content may not work from another tab" in page.text
        home = school_b.launch(client, TEACHER, school_b.add_link(COURSE, "Home"), cookies=False)
        assert "Choosing content" not in home.text

    def test_another_site_cannot_send_the_click(self, app: Flask, client: FlaskClient, school_a: School) -> None:
        page = school_a.launch(client, PUPIL, school_a.add_link(COURSE, "Home"), cookies=False)
        form = next(form for form in read_forms(page.text, "https://tool.example/lti/launch") if "code" in form.fields)
        victim = browser(app)
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert victim.post(form.action, data=form.fields, headers=headers).status_code == 403
        assert submit(victim, form).status_code == 200  # it was not used up

    def test_the_storage_of_the_lms_proves_the_frame(self, app: Flask, client: FlaskClient, school_a: School) -> None:
        link = school_a.add_link(COURSE, "Home")
        name = school_a.begin(client, person=PUPIL, link=link).claims["name"]
        school_a.switch(storage="parent")
        frame = app.test_client(use_cookies=False)
        login = school_a.login_form(person=PUPIL, link=link)
        put = frame.post(login.action, data=login.fields)
        assert put.status_code == 200
        message = school_a.authorize(frame, _attribute(put.text, "data-next"))
        page = message.send()
        form = next(form for form in read_forms(page.text, message.action) if "proof" in form.fields)
        wrong = frame.post(form.action, data={**form.fields, "proof": "guessed"})
        assert wrong.status_code == 403
        right = _attribute(page.text, "data-state") + _attribute(page.text, "data-nonce")
        entered = frame.post(form.action, data={**form.fields, "proof": right})
        assert entered.status_code == 200
        assert f"frame-ancestors {SCHOOL_A}" in entered.headers["Content-Security-Policy"]
        assert "Set-Cookie" not in entered.headers
        token = _attribute(entered.text, "data-session")
        home = frame.get(
            f"https://tool.example{_attribute(entered.text, 'data-next')}",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert home.status_code == 200
        assert name in home.text
        assert "Set-Cookie" not in home.headers


class TestRoles:
    def test_a_site_administrator_is_no_teacher_by_that_alone(self, client: FlaskClient, school_a: School) -> None:
        link = school_a.add_link(OTHER_COURSE, "Home")
        page = school_a.launch(client, ADMIN, link)
        assert page.status_code == 200

    def test_a_teacher_gets_the_picker_and_the_basket_comes_back(self, client: FlaskClient, school_a: School) -> None:
        picker = school_a.deep_link(client, TEACHER, COURSE)
        assert picker.status_code == 200
        form = next(form for form in read_forms(picker.text, picker.request.url) if "selection" in form.action)
        answer = submit(client, form, content="home")
        draft = school_a.accept(answer)
        assert len(draft["items"]) == 1
        assert draft["items"][0]["custom"] == "content=home"
        link = school_a.save(draft)[0]
        assert school_a.launch(browser(client.application), PUPIL, link).status_code == 200
        assert submit(client, form, content="home").status_code == 409  # a back button: answered already

    def test_cancel_sends_an_empty_basket(self, client: FlaskClient, school_a: School) -> None:
        picker = school_a.deep_link(client, TEACHER, COURSE)
        form = next(form for form in read_forms(picker.text, picker.request.url) if "selection" in form.action)
        draft = school_a.accept(submit(client, form, cancel="1"))
        assert draft["items"] == []
        assert draft["message"]

    def test_another_teacher_cannot_answer_for_her(
        self, app: Flask, client: FlaskClient, school_a: School, school_b: School
    ) -> None:
        picker = school_a.deep_link(client, TEACHER, COURSE)
        stranger = browser(app)
        school_b.launch(stranger, TEACHER, school_b.add_link(COURSE, "Home"))
        assert stranger.get(f"https://tool.example{picker.request.path}").status_code == 404


def _attribute(page: str, name: str) -> str:
    return unescape(page.partition(f'{name}="')[2].partition('"')[0])


def test_an_lms_error_is_told_with_a_way_back(client: FlaskClient, school_a: School) -> None:
    message = school_a.begin(client, person=PUPIL, link=school_a.add_link(COURSE, "Home"))
    answer = client.post(message.action, data={"state": message.fields["state"], "error": "login_required"})
    assert answer.status_code == 400
    assert SCHOOL_A in answer.text
    again = client.post(message.action, data=message.fields)
    assert again.status_code == 400  # the state is used


@pytest.mark.parametrize(
    "change",
    [
        lambda claims: claims.update({"aud": "someone else"}),
        lambda claims: claims.pop("nonce"),
        lambda claims: claims.pop("sub"),
        lambda claims: claims.update({"https://purl.imsglobal.org/spec/lti/claim/version": "1.1"}),
        lambda claims: claims.update({"https://purl.imsglobal.org/spec/lti/claim/roles": "Learner"}),
        lambda claims: claims.update(
            {"https://purl.imsglobal.org/spec/lti/claim/target_link_uri": "https://evil.example"}
        ),
        lambda claims: claims.update({"https://purl.imsglobal.org/spec/lti/claim/resource_link": None}),
        lambda claims: claims.update({"https://purl.imsglobal.org/spec/lti/claim/context": ["x"]}),
    ],
)
def test_bad_launches_get_a_page_with_a_reference(
    client: FlaskClient, school_a: School, change: Callable[[dict[str, Any]], Any]
) -> None:
    link = school_a.add_link(COURSE, "Home")
    answer = school_a.launch(client, PUPIL, link, claims=lambda claims: change(claims) and None)
    assert 400 <= answer.status_code < 500
    assert answer.headers["X-Request-ID"] in answer.text
