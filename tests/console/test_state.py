"""How the installation does, as operators read it: counts only, the same cost for one organization and for many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from lti_tool.console import wording
from lti_tool.core import jobs, policy, queues
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.organizations.models import StorageUse
from lti_tool.organizations.storage import count_files
from tests.courses.scene import build
from tests.factories.joining import TOOL, operator, organization
from tests.lms import School
from tests.statements import counted


@pytest.fixture
def broken_duty() -> Iterator[str]:
    @jobs.every(jobs.SWEEP_EVERY)
    def always_fails() -> None:
        raise LookupError("not told to anybody")

    name = f"{always_fails.__module__}.{always_fails.__name__}"[:60]
    yield name
    jobs._duties.pop(name)


def test_everything_at_a_glance(app: Flask, school_a: School, school_b: School, broken_duty: str) -> None:
    scene = build(app, school_a, school_b)
    assert scene["host"].get("/courses/1").status_code == 200
    with app.app_context():
        with unit_of_work():
            count_files()
        jobs.beat()
        jobs.run_duties()
    olga = operator(app)
    page = olga.get(f"{TOOL}/operator/state").text
    assert "failed: LookupError" in page
    assert "not told to anybody" not in page
    assert "Seal the trail of acts" in page
    assert "lives" in page
    assert "not set: this installation sends no mail" in page
    assert "1 duty failed" in olga.get(f"{TOOL}/operator").text
    status = app.test_cli_runner().invoke(args=["jobs", "status"]).output
    assert broken_duty in status
    assert "LookupError" in status
    assert scene["host"].get("/operator/state").status_code == 404
    with counted(app) as one:
        olga.get(f"{TOOL}/operator/state")
    with app.app_context(), unit_of_work():
        db.session.query(StorageUse).delete()
    many = [organization(app, f"School {number}") for number in range(20)]
    with app.app_context(), unit_of_work():
        for number, ident in enumerate(many):
            values = {"files": 1, "bytes": number * 2**20, "largest": 2**20, "counted_at": utcnow()}
            db.session.add(StorageUse(organization_id=ident, **values))
    with counted(app) as more:
        shown = olga.get(f"{TOOL}/operator/state").text
    assert len(one) <= len(more) <= 12, more
    assert shown.index("School 19") < shown.index("School 2<")
    assert "190 MB" in shown


def test_every_duty_and_every_queue_has_words(app: Flask) -> None:
    with app.app_context():
        duties = {each.name for each in queues.duties()}
        waiting = {each.kind for each in queues.backlogs()}
    assert duties == set(wording.DUTIES)
    assert waiting == set(wording.QUEUES)


def test_every_act_has_words(app: Flask) -> None:
    """A new verb needs a line in the ACTS of its feature's policy: the page of rules is for people."""
    assert app
    assert [verb for verb, act, _who in policy.all_rules() if verb == act and not verb.startswith("cake.")] == []
    page = operator(app).get(f"{TOOL}/operator/rules?search=sign+coordinator").text
    assert "agreement.answer" in page
    assert "registration.approve" not in page
