"""A school with one activity, launched into the whole tool; shared by all cases, which differ only in what is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from lti_tool import create_app
from lti_tool.contexts.models import Context
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db
from lti_tool.core.settings import load
from lti_tool.people.models import Identity
from tests.conftest import browser
from tests.factories.platforms import add_registration
from tests.lms import COURSE, PUPIL, SCHOOL_A, Claims, Message, School

Change = Callable[[Claims], Claims | None]


@dataclass
class Answer:
    """What came back, what was logged, and the browser it came to."""

    page: TestResponse
    client: FlaskClient
    log: list[dict[str, Any]]

    @property
    def refusal(self) -> str | None:
        """The reason in the log, if the launch was refused."""
        return next((str(entry["code"]) for entry in self.log if entry["event"] == "launch refused"), None)


@dataclass
class Candidate:
    """The tool under certification and the platform that certifies it."""

    app: Flask
    school: School
    link: int
    personal: set[str] = field(default_factory=set)
    """Everything sent that no log or page of a refusal may hold."""

    def begin(self, client: FlaskClient, **body: Any) -> Message:
        message = self.school.begin(client, **({"person": PUPIL, "link": self.link} | body))
        names = ("name", "given_name", "family_name", "email", "nonce")
        self.personal = {str(message.claims[name]) for name in names if name in message.claims}
        return message

    def send(self, message: Message) -> Answer:
        with capture_logs() as log:
            page = message.send()
        self.personal |= {message.fields["state"], message.fields.get("id_token") or message.fields["state"]}
        return Answer(page, message.client, [dict(entry) for entry in log])

    def launch(self, change: Change | None = None, **forged: Any) -> Answer:
        """A pupil's launch with some claims changed, or signed otherwise."""
        message = self.begin(browser(self.app))
        message.forge(self.school, change, **forged)
        return self.send(message)

    def role(self) -> str | None:
        """What the person of the last launch may be."""
        with self.app.app_context():
            newest = select(AuditEvent.facts).where(AuditEvent.verb == "launch").order_by(AuditEvent.id.desc())
            facts = db.session.scalars(newest.limit(1)).one()
        role: str | None = facts["role"]
        return role

    def stored(self) -> list[int]:
        """Numbers of people, courses and lines of the audit trail."""
        with self.app.app_context():
            models = (Identity, Context, AuditEvent)
            return [db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models]


@pytest.fixture(scope="session")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Candidate]:
    directory = tmp_path_factory.mktemp("certification")
    settings = load({"LTI_TOOL_SECRET_KEY": "a secret for certification"}, directory)
    settings = replace(settings, base_url="https://tool.example", default_locale="en", keys_dir=directory / "keys")
    app = create_app(settings, testing=True)
    with app.app_context():
        db.create_all()
        db.session.remove()
    school = School.start("en", SCHOOL_A, tool=app)
    add_registration(app, school, "Riverside School")
    yield Candidate(app, school, school.add_link(COURSE, "Home"))
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    app.extensions["http"].close()
