"""What is written down about people: nothing that names them or lets anybody in."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.conftest import browser
from tests.lms import COURSE, PUPIL, TEACHER, School

LTI = "https://purl.imsglobal.org/spec/lti/claim"


def test_logs_hold_no_person_and_no_secret(app: Flask, school_a: School, run_jobs: Callable[[], int]) -> None:
    secrets: set[str] = set()
    with capture_logs() as logs:
        for person in (TEACHER, PUPIL):
            client = browser(app)
            message = school_a.begin(client, person=person, link=school_a.add_link(COURSE, "Home"))
            told = message.claims
            back = told[f"{LTI}/launch_presentation"]["return_url"]
            names = (told["name"], told["given_name"], told["family_name"], told["email"])
            secrets |= {*names, back, message.fields["id_token"], message.fields["state"], told["nonce"]}
            assert message.send().status_code == 200
            assert message.send().status_code == 400  # refused ones are logged too
            assert browser(app).post(message.action, data=message.fields).status_code == 400
        run_jobs()
    written = repr(logs)
    assert "launch accepted" in written
    assert "launch refused" in written
    assert "roster stored" in written
    assert [secret for secret in secrets if secret in written] == []
    assert not re.search(r"eyJ[\w-]{10,}\.", written)  # the beginning of any signed token


def test_every_page_and_line_carries_the_same_reference(client: FlaskClient) -> None:
    with capture_logs(processors=[merge_contextvars]) as logs:
        answer = client.get("/lti/login")
    reference = answer.headers["X-Request-ID"]
    assert reference in answer.text
    assert [line["reference"] for line in logs] == [reference] * len(logs)
    assert {line["event"] for line in logs} == {"launch refused", "request"}


def test_figures_count_launches_and_waiting_work(client: FlaskClient, school_a: School) -> None:
    school_a.launch(client, TEACHER, school_a.add_link(COURSE, "Home"), follow=False)
    figures = client.get("/metrics").text
    assert re.search(r'lti_launches_total\{outcome="accepted"\} [1-9]', figures)
    assert re.search(r'lti_outbox_rows\{kind="roster_sync",state="waiting"\} 1', figures)
