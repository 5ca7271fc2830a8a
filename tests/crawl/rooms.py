"""What stands in the rooms of the scene: a quiz with attempts, a live session, resources, questions, talk, files."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from sqlalchemy import select

from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.core.storage import keep_upload
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.models import Activity
from lti_tool.courses.quizzes.models import QuizAttempt, QuizResponse
from lti_tool.discussions import places
from lti_tool.discussions.models import SHOWN, WAITING, Forum, Post, PostFile, PostReport, PostVersion, Thread
from lti_tool.discussions.places import Participant, Place
from lti_tool.exchange.community.models import NeedAnswer
from lti_tool.exchange.models import Resource, ResourceUse, Vocabulary
from lti_tool.files.models import StoredFile
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity
from lti_tool.platforms.models import Registration
from tests.courses.scene import Person, Scene
from tests.crawl.marks import A, B, mark
from tests.lms import TEACHER

QUESTION = {"feedback": "", "points": "1", "rows": "0"}


def furnish(app: Flask, people: Scene) -> None:
    """Everything of this module; the host's LMS course is context 1, the partner's 2."""
    _quiz(app, people)
    _live(app, people["host"])
    _exchange(app, people)
    _talk(app)
    _discuss(app, people)


def _quiz(app: Flask, people: Scene) -> None:
    """A quiz in the shared course with an essay to mark in one attempt, and one that goes on; a bank of the partner's."""
    host, partner = people["host"], people["partner"]
    values = {"title": "Quiz", "body": "Think.", "points": "10", "attempts": "0", "counts": "best", "per_page": "0"}
    _made(host.post("/courses/1/activities/new/quiz", published="y", action="save", **values))
    with app.app_context():
        quiz = db.session.scalars(select(Activity.id).where(Activity.kind == "quiz")).one()
    essay = {"name": mark("key", A, 1), "text": mark("question", A, 1), "notes": mark("key", A, 2), "lines": "5"}
    _made(host.post(f"/courses/1/questions/new/essay?quiz={quiz}", action="save", **QUESTION, **essay))
    truth = {"name": mark("key", A, 3), "text": mark("question", A, 2), "true": "1", "if_true": mark("key", A, 4)}
    _made(host.post(f"/courses/1/questions/new/truefalse?quiz={quiz}", action="save", **QUESTION, **truth, if_false=""))
    own = {"name": mark("bank", B, 1), "text": mark("bank", B, 2), "notes": mark("bank", B, 3), "lines": "5"}
    _made(partner.post("/courses/3/questions/new/essay", action="save", **QUESTION, **own))
    _made(host.post("/courses/1/pools", title=mark("key", A, 5), action="add"))
    for name in ("pupil", "partner's pupil"):
        _made(people[name].post(f"/courses/activities/{quiz}/quiz/start"))
    with app.app_context(), unit_of_work():
        for response in db.session.scalars(select(QuizResponse).where(QuizResponse.position == 1)):
            owner = response.attempt.submission.identity.registration.organization_id
            response.answer, response.answered_at = [mark("work", owner, 100 + response.id)], utcnow()
    finished = db_value(app, select(QuizAttempt.id).order_by(QuizAttempt.id))
    _made(people["pupil"].post(f"/courses/attempts/{finished}/finish", version="1", tab=""))


def _live(app: Flask, host: Person) -> None:
    """A session that goes on now, in a room whose address is not for everybody."""
    values = {"title": "Talk", "body": "Bring a question", "minutes": "600", "room": "link", "action": "save"}
    soon = {"begins": (utcnow() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"), "address": "https://meet.example"}
    _made(host.post("/courses/1/activities/new/live", published="y", **values, **soon))
    with app.app_context(), unit_of_work():
        session = db.session.scalars(select(LiveSession)).one()
        session.address = f"https://meet.example/{mark('room', A, session.id)}"
        session.activity.due_at = utcnow() - timedelta(minutes=1)


def _exchange(app: Flask, people: Scene) -> None:
    """Resources of every reach, a question, a report of use, a request with an offer, a kept search, topics."""
    for organization, name in ((A, "host"), (B, "partner")):
        _publish(people[name], mark("open", organization, 1), "public")
        _publish(people[name], mark("offered", organization, 2), "hub")
        _publish(people[name], mark("forpartners", organization, 3), "partners")
        _publish(people[name], mark("inhouse", organization, 4), "own")
        _publish(people[name], mark("sketch", organization, 5), "hub", action="save")
        inside = [(BytesIO(mark("inhouse", organization, 6).encode()), f"{mark('inhouse', organization, 7)}.txt")]
        _publish(people[name], mark("inhouse", organization, 8), "own", kind="file", files=inside)
        _publish(people[name], mark("inhouse", organization, 9), "own", kind="collection")
        people[name].post("/exchange/searches", q="river", name=mark("search", organization, 1))
        _made(people[name].post("/exchange/needs/new", title=mark("need", organization, 1), text="", subject=""))
    with app.app_context():
        numbers = dict(db.session.execute(select(Resource.title, Resource.id)).tuples().all())
    ours, theirs = numbers[mark("offered", A, 2)], numbers[mark("offered", B, 2)]
    _made(people["partner"].post(f"/exchange/{ours}/ask", text=mark("asked", B, 1)))
    _made(people["host"].post(f"/exchange/{theirs}/ask", text=mark("asked", A, 1)))
    told = {"rating": "5", "setting": "Grade 8", "worked": mark("asked", B, 2), "changed": ""}
    _made(people["partner"].post(f"/exchange/{ours}/report", **told))
    _made(people["partner"].post("/exchange/needs/1/offers", resource=str(theirs)))
    collection = numbers[mark("inhouse", B, 9)]
    _made(people["partner"].post(f"/exchange/{ours}/collect", collection=str(collection)))
    assert db_value(app, select(NeedAnswer.id)), "nothing was offered"
    with app.app_context(), unit_of_work():
        db.session.add_all(Vocabulary(organization_id=each, name=mark("topic", each, 1)) for each in (A, B))
        db.session.add(Vocabulary(name="Of the hub"))
        db.session.add(ResourceUse(resource_id=ours, context_id=2, organization_id=B, seen_number=1))


def _publish(
    who: Person, title: str, visibility: str, *, kind: str = "link", action: str = "publish", **more: Any
) -> None:
    facts = {"title": title, "licence": "cc-by", "visibility": visibility, "language": "en", "authors": ""}
    facts |= {"url": "https://example.org/page"} if kind == "link" else {}
    _made(who.post(f"/exchange/new/{kind}", action=action, **facts, **more))


def _made(answer: Any) -> None:
    assert answer.status_code == 303, f"{answer.request.path}: {answer.status_code} {answer.text[-3000:]}"


def db_value(app: Flask, statement: Any) -> Any:
    """The first value that a statement finds."""
    with app.app_context():
        return db.session.scalar(statement.limit(1))


def find(actor: Actor, rest: str) -> Place | None:
    """Table 1 is for both classes, table 2 for the host's alone; its teacher moderates both."""
    contexts = {"1": {1, 2}, "2": {1}}.get(rest, set())
    if not contexts & set(actor.roles):
        return None
    return Place(
        name=f"table-{rest}",
        title=f"Table {rest}",
        organization_id=A,
        reads=True,
        writes=True,
        moderates=actor.identity_id == _identity(A, TEACHER),
        participants=participants,
    )


def _identity(organization: int, sub: int) -> int | None:
    mine = select(Identity.id).join(Registration, Registration.id == Identity.registration_id)
    return db.session.scalar(mine.where(Registration.organization_id == organization, Identity.sub == str(sub)))


def participants() -> list[Participant]:
    """Everybody who came from an LMS."""
    return [Participant(one.person_id, identity=one) for one in db.session.scalars(select(Identity)).unique()]


def _talk(app: Flask) -> None:
    """Posts of pupils of both schools: shown, edited, waiting, reported, with a file; and a table of one school's own."""
    places.register("table", find)
    with app.app_context(), unit_of_work():
        pupils = {organization: _pupil(organization) for organization in (A, B)}
        shared, own = _thread("table-1", mark("talk", A, 1)), _thread("table-2", mark("whisper", A, 1))
        for organization, author in pupils.items():
            shown = _post(shared, author, mark("talk", organization, 2), SHOWN)
            db.session.flush()
            key = keep_upload(BytesIO(mark("talk", organization, 3).encode()), "t.txt", limit=1000, field="file").key
            facts = {"key": key, "size": 9, "media_type": "text/plain", "sha256": "0" * 64, "virus_state": "clean"}
            kept = StoredFile(organization_id=organization, person_id=author.person_id, name="t.txt", **facts)
            shown.files.append(PostFile(file=kept))
            db.session.add(PostVersion(post_id=shown.id, text=mark("talk", organization, 4)))
            waiting = _post(shared, author, mark("waiting", organization, 5), WAITING)
            waiting.waits_for = "first"
        reported = {"post_id": shown.id, "person_id": pupils[A].person_id, "reason": "other"}
        db.session.add(PostReport(note=mark("reportnote", A, 1), **reported))
        _post(own, pupils[A], mark("whisper", A, 2), SHOWN)


def _discuss(app: Flask, people: Scene) -> None:
    """A graded discussion of the shared course, in which pupils of both schools have written."""
    values = {"title": "Discuss", "body": "Compare.", "points": "10", "starters": "everybody", "least_posts": "1"}
    _made(people["host"].post("/courses/1/activities/new/discussion", published="y", action="save", **values))
    place = f"activity-{db_value(app, select(Activity.id).where(Activity.kind == 'discussion'))}"
    first = {"title": mark("talk", A, 6), "text": mark("talk", A, 7), "once": "a" * 32}
    _made(people["pupil"].post(f"/discussions/{place}/new", **first))
    thread = db_value(app, select(Thread.id).order_by(Thread.id.desc()))
    _made(
        people["partner's pupil"].post(f"/discussions/threads/{thread}/reply", text=mark("talk", B, 6), once="b" * 32)
    )


def _pupil(organization: int) -> Identity:
    attempt = select(QuizAttempt)
    found = (each.submission.identity for each in db.session.scalars(attempt))
    return next(each for each in found if each.registration.organization_id == organization)


def _thread(place: str, title: str) -> Thread:
    thread = Thread(forum=Forum(place=place, organization_id=A), title=title, last_post_at=utcnow())
    db.session.add(thread)
    return thread


def _post(thread: Thread, author: Identity, text: str, state: str) -> Post:
    values = {"stems": "", "once": text[:32], "state": state, "shown_at": utcnow() if state == SHOWN else None}
    post = Post(thread=thread, person_id=author.person_id, identity=author, text=text, **values)
    db.session.add(post)
    return post
