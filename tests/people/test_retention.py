"""How long data is kept: each period lets go what is over and nothing else, operators choose, and nothing goes unsaid."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lti_tool.contexts.models import Context, Membership, MembershipEvent
from lti_tool.core import jobs, seals
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import db, execute, unit_of_work, utcnow
from lti_tool.core.discarding import Discarded, discard
from lti_tool.core.seals import AuditSeal
from lti_tool.core.storage import LocalStorage
from lti_tool.courses.gradebook.models import Excuse, GradeChange
from lti_tool.courses.models import Grade, Submission
from lti_tool.grades.models import Score
from lti_tool.people.guests.models import Guest, GuestLink
from lti_tool.people.models import Identity, SignInLink
from lti_tool.people.privacy.models import PrivacyEvent
from lti_tool.people.retention import jobs as retention_jobs
from lti_tool.people.retention import operations
from lti_tool.people.retention.jobs import apply_periods
from lti_tool.people.retention.registry import periods, rules
from tests.courses.scene import Scene, build
from tests.factories.coordinators import coordinator, organization_of, person_of
from tests.factories.guests import personal_link
from tests.factories.joining import TOOL, operator
from tests.factories.privacy import form_to
from tests.lms import PUPIL, School, submit


def age(app: Flask, days: int, *columns: Any, **key: object) -> None:
    """Let moments of rows lie so many days back."""
    with app.app_context(), unit_of_work():
        for column in columns:
            aged = update(column.class_).filter_by(**key).where(column.is_not(None))
            execute(aged.values({column.key: utcnow() - timedelta(days=days)}))


def count(app: Flask, model: type, **key: object) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model).filter_by(**key)) or 0


def over(app: Flask) -> dict[str, int]:
    """What the dry run says."""
    result = app.test_cli_runner().invoke(args=["people", "retention", "--dry-run", "--json"])
    assert result.exit_code == 0, result.output
    return {row["kind"]: row["rows"] for row in json.loads(result.output) if row["rows"]}


def apply(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["people", "retention"])
    assert result.exit_code == 0, result.output
    return str(result.output)


@pytest.fixture
def scene(app: Flask, school_a: School, school_b: School) -> Scene:
    return build(app, school_a, school_b)


def test_work_and_grades_go_once_their_class_has_been_quiet(
    app: Flask, scene: Scene, school_b: School, run_jobs: Callable[[], int]
) -> None:
    ident = scene.pupil_ids["partner's pupil"]
    for each in scene.pupil_ids.values():
        path = f"/courses/activities/2/works/{each}"
        assert scene["host"].post(path, points="8", comment="", version="0").status_code == 303
    run_jobs()
    assert over(app) == {}
    work = (Submission.created_at, Submission.handed_in_at, Submission.draft_at, Submission.done_at)
    age(app, 800, *work, participation_id=2)
    assert over(app) == {}  # the grade is young
    age(app, 800, Grade.graded_at, participation_id=2)
    assert over(app) == {"work": 1}
    apply(app)
    assert count(app, Submission, identity_id=ident) == 0
    assert count(app, Submission) == 1
    assert over(app) == {}
    assert count(app, Grade) == 2
    age(app, 2000, Grade.graded_at, participation_id=2)
    assert over(app) == {"grades": 1}
    apply(app)
    assert (count(app, Grade), count(app, Score)) == (1, 1)
    assert count(app, Score, identity_id=ident) == 0
    with app.app_context():
        lines = db.session.scalars(select(AuditEvent).filter_by(verb="retention.apply").order_by(AuditEvent.id)).all()
        assert [line.facts for line in lines] == [{"period": "work", "count": 1}, {"period": "grades", "count": 1}]
    excused = {"act": "excuse", "reason": "Was ill", "scope": "all"}
    sure = scene["host"].post("/courses/activities/2/together", **excused).text.partition('name="sure" value="')[2]
    pupils = int(sure.partition('"')[0])
    assert scene["host"].post("/courses/activities/2/together", **excused, sure=str(pupils)).status_code == 303
    age(app, 2000, GradeChange.at)
    age(app, 2000, Excuse.created_at)
    found = over(app)
    assert found["grades"] == 1  # of the class that has been quiet
    assert 0 < found["work"] < pupils
    apply(app)
    assert (count(app, GradeChange), count(app, Excuse)) == (1, pupils - found["work"])


def test_people_go_when_no_lms_course_holds_them(
    app: Flask, scene: Scene, school_a: School, school_b: School, run_jobs: Callable[[], int]
) -> None:
    run_jobs()
    with app.app_context(), unit_of_work():
        execute(update(Membership).filter_by(context_id=2).values(status="inactive", left_at=utcnow()))
    members = count(app, Membership, context_id=2)
    changes = count(app, MembershipEvent)
    assert changes
    age(app, 740, MembershipEvent.at)
    age(app, 740, Membership.left_at, context_id=2)
    age(app, 1200, Identity.last_seen_at, Identity.created_at)
    assert over(app) == {"memberships": members, "roster_history": changes}
    head = coordinator(app, school_b)  # came in anew, and has an office
    apply(app)
    assert count(app, Membership, context_id=2) == 1
    with app.app_context():
        nameless = db.session.scalars(select(Identity).where(Identity.erased_at.is_not(None))).all()
        assert len(nameless) == members - 1
        assert {each.registration_id for each in nameless} == {2}
        assert {each.name for each in nameless} == {""}
    assert head.get(f"{TOOL}/my/data").status_code == 200
    age(app, 740, Context.last_launch_at, Context.created_at, id=1)
    age(app, 1200, Identity.last_seen_at)
    assert over(app)["memberships"] == count(app, Membership, context_id=1)
    assert person_of(app, school_a, PUPIL)


def test_links_guests_and_answers(app: Flask, school_b: School) -> None:
    owner = organization_of(app, school_b)
    personal_link(app, owner, name="Never Came")
    personal_link(app, owner, name="Just Invited")
    operator(app)
    age(app, 200, GuestLink.expires_at, Guest.created_at, id=1)
    age(app, 200, SignInLink.expires_at)
    assert over(app) == {"links": 2, "guests": 1}
    named = app.test_cli_runner().invoke(args=["people", "retention", "--dry-run", "--rows", "--json"])
    found = {(each["kind"], each["table"], each["row"]) for each in json.loads(named.stdout)}
    assert found == {("links", "guest_link", 1), ("links", "sign_in_link", 1), ("guests", "guest", 1)}
    assert app.test_cli_runner().invoke(args=["people", "retention", "--rows"]).exit_code == 2
    assert count(app, GuestLink) == 2  # nothing has gone by being named
    apply(app)
    with app.app_context():
        assert db.session.scalars(select(Guest.name)).all() == ["Just Invited"]
    head = coordinator(app, school_b)
    person = person_of(app, school_b)
    with app.app_context(), unit_of_work():
        for kind in ("given", "withdrawn"):
            event = {"organization_id": owner, "person_id": person, "by_person_id": person, "version": 0}
            db.session.add(PrivacyEvent(kind=kind, at=utcnow() - timedelta(days=1200), **event))
    assert over(app) == {"consents": 1}  # the newest answer holds
    apply(app)
    assert count(app, PrivacyEvent, kind="withdrawn") == 1
    page = head.get(f"{TOOL}/organizations/{owner}/privacy/retention")
    assert page.status_code == 200
    assert "<input class" not in page.text


def test_old_lines_of_the_trail_go_behind_their_seals(app: Flask, scene: Scene) -> None:
    with app.app_context():
        with unit_of_work():
            lines = seals.seal()
        head = seals.head()
    age(app, 1900, AuditSeal.at, AuditEvent.at)
    assert over(app) == {"audit": lines}
    apply(app)
    assert count(app, AuditEvent) == 1  # which says so
    verify = app.test_cli_runner().invoke(args=["audit", "verify", "--head", head or ""])
    assert verify.exit_code == 0, verify.output
    with app.app_context():
        with unit_of_work():
            execute(update(AuditSeal).values(cleared_at=None))
        assert {fault.code for fault in seals.verify()} == {"missing lines"}


def test_many_rows_go_in_batches_and_a_little_each_time(
    app: Flask, scene: Scene, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_jobs()
    monkeypatch.setattr(operations, "BATCH", 10)
    monkeypatch.setattr(retention_jobs, "BATCH", 10)
    age(app, 740, MembershipEvent.at)
    events = count(app, MembershipEvent)
    assert events > 20
    number = next(index for index, rule in enumerate(rules()) if rule.period.name == "roster_history")
    with app.app_context():
        with unit_of_work():
            assert operations.apply_rule(rules()[number]) == 10
        assert count(app, MembershipEvent) == events - 10
        asked: list[int] = []
        monkeypatch.setattr(jobs, "nudge", lambda _task, numbers: asked.extend(numbers))
        with unit_of_work():
            apply_periods()
        assert asked == list(range(len(rules())))
    assert "rows removed" in apply(app)
    assert count(app, MembershipEvent) == 0


def test_operators_choose_and_everybody_else_is_refused(app: Flask, scene: Scene, school_b: School) -> None:
    hub = operator(app)
    page = hub.get(f"{TOOL}/operator/retention")
    assert "How long data is kept" in page.text
    form = form_to(page, "/operator/retention")
    wrong = submit(hub, form, work="3", links="many")
    assert wrong.status_code == 422
    assert 'value="3"' in wrong.text or 'value="many"' in wrong.text
    wrong = submit(hub, form, work="3")
    assert wrong.status_code == 422
    assert "Choose 90 to 3650 days." in wrong.text
    assert submit(hub, form, work="100").status_code == 200
    assert 'value="100"' in hub.get(f"{TOOL}/operator/retention").text
    work = (Submission.created_at, Submission.handed_in_at, Submission.draft_at, Submission.done_at)
    age(app, 101, *work)
    assert over(app) == {"work": 2}
    with app.app_context():
        line = db.session.scalars(select(AuditEvent).filter_by(verb="retention.choose")).one()
        assert line.facts == {"work": 100}
    head, owner = coordinator(app, school_b), organization_of(app, school_b)
    own = head.get(f"{TOOL}/organizations/{owner}/privacy/retention").text
    assert "<strong>1</strong>" in own  # of both schools' two works, its own
    assert head.get(f"{TOOL}/operator/retention").status_code == 404
    other = organization_of(app, scene["host"].school or school_b)
    assert head.get(f"{TOOL}/organizations/{other}/privacy/retention").status_code == 404
    for name, status in (("pupil", 404), ("partner's pupil", 404), ("host", 404), ("stranger", 401)):
        assert scene[name].get(f"/organizations/{owner}/privacy/retention").status_code == status
        assert scene[name].post("/operator/retention", work="90").status_code in (403, 404)
    assert over(app) == {"work": 2}


def test_every_period_has_words_and_bounds(app: Flask) -> None:
    names = [each.name for each in periods()]
    assert len(names) == len(set(names))
    for each in periods():
        assert str(each.noun)
        assert str(each.counted)
        assert each.least <= each.days <= each.most


def test_a_file_stays_known_until_the_storage_has_removed_it(
    app: Flask, run_jobs: Callable[[], int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files").mkdir(exist_ok=True)
    (tmp_path / "files" / "one").write_bytes(b"1")

    def away(_self: object, _key: str) -> None:
        raise OSError

    with app.app_context(), unit_of_work():
        discard(["one", "gone already"])
    with monkeypatch.context() as patch:
        patch.setattr(LocalStorage, "delete", away)
        run_jobs()
    assert count(app, Discarded, state="waiting") == 2
    assert (tmp_path / "files" / "one").exists()
    with app.app_context(), unit_of_work():
        execute(update(Discarded).values(due_at=utcnow()))
    run_jobs()
    assert count(app, Discarded) == 0
    assert not (tmp_path / "files" / "one").exists()
