"""Two schools and a museum with something of everything, and everybody around them signed in.

Whatever one of them must not learn of another carries a mark of the kind, the organization and the row, such as
`zqwork-1-4qz`: found in any page, a mark says whose row was shown. A new feature adds its rows and marks here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Select, or_, select

from lti_tool.agreements import operations as agreements
from lti_tool.agreements.models import Agreement, Party, Revision, Signature
from lti_tool.agreements.queries import partnership, today
from lti_tool.agreements.terms import FACILITIES, SAFETY, Contribution, Terms
from lti_tool.announcements.models import Announcement
from lti_tool.contexts.models import Context, Membership
from lti_tool.core import storage
from lti_tool.core.db import db, unit_of_work, utcnow
from lti_tool.core.storage import keep_upload
from lti_tool.courses.assignments.models import HandIn, Mark
from lti_tool.courses.certificates.models import Certificate, CertificateRule
from lti_tool.courses.groups.models import BY_CHOICE, Group, Grouping
from lti_tool.courses.models import Activity, CourseUnit, Grade, Participation, SharedCourse, Submission, SubmissionFile
from lti_tool.courses.quizzes.models import QuizAttempt
from lti_tool.courses.seats.models import SeatRequest
from lti_tool.courses.staff.models import SEE, CourseTutor
from lti_tool.courses.talk.models import WorkComment
from lti_tool.discussions.models import Post, Thread
from lti_tool.exchange.models import Resource
from lti_tool.files.models import StoredFile, Upload
from lti_tool.organizations.models import Organization
from lti_tool.people.actor import Actor
from lti_tool.people.belongings.models import READY, Copy, RefusedSub
from lti_tool.people.guests.models import Guest, Passkey
from lti_tool.people.models import Coordinator, Identity
from lti_tool.people.models import Person as Human
from lti_tool.people.privacy.models import PrivacyText
from lti_tool.people.support.models import SupportAccess
from lti_tool.platforms.models import Registration
from tests.courses.scene import Person, build
from tests.crawl.marks import MUSEUM, A, B, mark
from tests.crawl.rooms import furnish
from tests.factories.agreements import agreement
from tests.factories.coordinators import coordinator
from tests.factories.guests import guest
from tests.factories.joining import in_english, invitation, organization
from tests.factories.platforms import add_registration
from tests.factories.privacy import choose, publish
from tests.lms import ADMIN, ASSISTANT, COURSE, OTHER_COURSE, SCHOOL_A, SCHOOL_B, SECOND_TEACHER, TEACHER, School


@dataclass(frozen=True)
class Reader:
    """Somebody with a browser."""

    role: str
    organization: int
    browser: FlaskClient
    language: str = "en"

    @property
    def name(self) -> str:
        return f"{self.role} of {self.organization}" if self.organization else self.role


def everybody(app: Flask, *, marked: bool = True) -> list[Reader]:
    """Build the scene and answer who is in it; unmarked, people and things keep names that can be looked at."""
    school_a, school_b = School.start("ru", SCHOOL_A, tool=app), School.start("en", SCHOOL_B, tool=app)
    add_registration(app, school_a, "Школа № 12")
    add_registration(app, school_b, "Riverside School")
    assert organization(app, "Museum of rivers") == MUSEUM
    people = build(app, school_a, school_b)
    coordinators = {
        ident: coordinator(app, school, SECOND_TEACHER, school.links(OTHER_COURSE)[0]["id"])
        for ident, school in ((A, school_a), (B, _with_link(school_b)))
    }
    partners = [Reader("partner", ident, guest(app, ident, name=f"Partner {ident}")) for ident in (A, B)]
    readers = [
        Reader("pupil", A, people["pupil"].browser, "ru"),
        Reader("pupil", B, people["partner's pupil"].browser),
        Reader("host teacher", A, people["host"].browser, "ru"),
        Reader("home teacher", B, people["partner"].browser),
        *(
            Reader("assistant", ident, Person(app, school, ASSISTANT).browser, language)
            for ident, school, language in ((A, school_a, "ru"), (B, school_b, "en"))
        ),
        Reader("coordinator", A, coordinators[A]),
        Reader("coordinator", B, coordinators[B]),
        Reader("coordinator", MUSEUM, guest(app, MUSEUM, name="Mira", role="coordinator")),
        Reader("administrator", A, people["administrator"].browser, "ru"),
        Reader("administrator", B, Person(app, school_b, ADMIN, OTHER_COURSE).browser),
        *partners,
        Reader("operator", 0, people["operator"].browser),
        Reader("nobody", 0, people["stranger"].browser),
    ]
    _work(app, people, school_a)
    _network(app, coordinators)
    furnish(app, people)
    people["administrator"].post("/registrations/1/move/link")
    Person(app, school_b, ADMIN, OTHER_COURSE).post("/coordinators/ask")
    invitation(app, "School that comes")
    _copies(app)
    _around_courses(app)
    _certificates(app)
    _from_the_hub(app)
    if marked:
        _mark_everything(app)
    return readers


def _with_link(school: School) -> School:
    school.add_link(OTHER_COURSE, "Together", graded=False)
    return school


def _work(app: Flask, people: Any, school_a: School) -> None:
    """Grades with comments, a file, a course of each school's own, and content being chosen for a course."""
    for name, version in (("pupil", "0"), ("partner's pupil", "0")):
        path = f"/courses/activities/2/works/{people.pupil_ids[name]}"
        people["host"].post(path, points="7", comment="Well done", version=version)
        people["host"].post(f"{path}/talk", text="Ask me")
    for name in ("host", "partner"):
        people[name].post("/courses/new", title="Own", description="Text", language="en", action="save")
    school_a.deep_link(people["host"].browser, TEACHER, COURSE)
    with app.app_context(), unit_of_work():
        for work in db.session.scalars(select(Submission)):
            kept = _kept()
            facts: dict[str, Any] = {"media_type": "text/plain", "sha256": kept.sha256, "purpose": "assignment"}
            facts |= {"person_id": work.identity.person_id, "kept_at": utcnow()}
            facts["organization_id"] = work.identity.registration.organization_id
            stored = StoredFile(key=kept.key, size=kept.size, name="file.txt", **facts)
            work.files = [SubmissionFile(file=stored, from_version=1)]


def _kept() -> storage.StoredFile:
    return keep_upload(BytesIO(b"text"), "file.txt", limit=1000, field="file")


def _around_courses(app: Flask) -> None:
    """A unit, groups to choose, somebody asked to help with a course, a request for seats, and a file on its way."""
    with app.app_context(), unit_of_work():
        places = db.session.scalars(select(Context).order_by(Context.id)).unique()
        own = {each.registration.organization_id: each for each in places}  # the newest, which takes no course yet
        helper = _identity(A, ASSISTANT)
        db.session.add(CourseUnit(course_id=1, title="Unit", summary=mark("unpublished", A, 100), published=False))
        groups = Grouping(course_id=1, title="Teams", way=BY_CHOICE)
        db.session.add_all([groups, CourseTutor(course_id=1, identity_id=helper.id, level=SEE, everybody=False)])
        db.session.flush()
        db.session.add(Group(grouping_id=groups.id, title=mark("activity", A, 101), position=0))
        teacher = _identity(B, TEACHER)
        asked = {"asked_by_id": teacher.id, "message": mark("request", B, 1), "state": "requested"}
        db.session.add(SeatRequest(course_id=1, context_id=own[B].id, **asked))
        way = {"kinds": "anything", "size": 9, "key": "k", "handle": "h", "expires_at": utcnow() + timedelta(days=1)}
        db.session.add(Upload(token="t" * 43, organization_id=B, person_id=teacher.person_id, name="a.txt", **way))


def _certificates(app: Flask) -> None:
    """Rules of the shared course, and a certificate of each pupil, one of them revoked."""
    with app.app_context(), unit_of_work():
        db.session.add(CertificateRule(course_id=1, issuing=True, which="all", programme=mark("certified", A, 1)))
        host = _identity(A, TEACHER)
        for number, work in enumerate(db.session.scalars(select(Submission).where(Submission.activity_id == 2))):
            course = db.session.get_one(SharedCourse, 1)
            stated = {"title": "Rivers", "course": "Rivers", "host": course.organization.name, "language": "en"}
            stated |= {"programme": mark("certified", A, 1), "signed_by": "", "activities": 1}
            whose = {"course_id": 1, "identity_id": work.identity_id, "participation_id": work.participation_id}
            given = Certificate(**whose, number=f"{number:012}", issued_on=utcnow().date(), issued_by_id=host.id)
            given.stated = {**stated, "hours": None, "points": None, "sessions": None}
            owner = work.identity.registration.organization_id
            if owner == B:
                given.revoked_on, given.revoked_by_id = utcnow().date(), host.id
                given.revoked_reason = mark("revocation", owner, 1)
            db.session.add(given)


def _identity(organization_id: int, sub: int) -> Identity:
    statement = select(Identity).join(Registration, Registration.id == Identity.registration_id)
    return db.session.scalars(
        statement.where(Registration.organization_id == organization_id, Identity.sub == str(sub))
    ).one()


def _from_the_hub(app: Flask) -> None:
    """An announcement, and support that asks to look at one school's pages."""
    with app.app_context(), unit_of_work():
        operator = db.session.scalars(select(Human.id).where(Human.operator_name.is_not(None))).one()
        now = utcnow()
        texts = {"text_ru": "Новость", "text_en": "News", "starts_at": now, "ends_at": now + timedelta(days=1)}
        db.session.add(Announcement(kind="info", audience="everybody", **texts))
        asked = {"state": "asked", "changed_at": now, "changed_by_id": operator, "minutes": 15}
        db.session.add(SupportAccess(organization_id=A, person_id=operator, reason=mark("support", A, 1), **asked))


def _copies(app: Flask) -> None:
    """Everybody who comes from an LMS has a copy of the own data."""
    with app.app_context(), unit_of_work():
        for each in db.session.scalars(select(Identity)).unique():
            kept = keep_upload(
                BytesIO(mark("copy", each.registration.organization_id, each.id).encode()),
                "c.zip",
                limit=1000,
                field="file",
            )
            whose = {"person_id": each.person_id, "asked_by_id": each.person_id, "locale": "en", "time_zone": "UTC"}
            until = {"expires_at": utcnow() + timedelta(days=3), "state": READY}
            db.session.add(Copy(file_key=kept.key, size=kept.size, **whose, **until))


def _network(app: Flask, coordinators: dict[int, FlaskClient]) -> None:
    """Agreements in force, signed, proposed and being written; a privacy text in force and one being written."""
    agreement(app, A, B, last=utcnow().date() + timedelta(days=20))
    agreement(app, B, MUSEUM)
    with app.test_request_context(), unit_of_work():
        for ident, partner, proposed in ((A, B, False), (B, MUSEUM, False), (B, A, True)):
            brought = dict.fromkeys((ident, partner), Contribution(staff="Tutor", contact="Office", signatory="Head"))
            person = Human()
            db.session.add(person)
            db.session.flush()
            author = Actor(person_id=person.id, organization_id=ident, coordinates=True)
            terms = Terms(title="Next year", purpose="To learn", kind=FACILITIES, contributions=brought)
            terms = replace(terms, starts_on=today(), ends_on=today() + timedelta(days=300), duties={SAFETY: ident})
            made = agreements.draft(actor=author, terms=terms)
            if proposed:
                agreements.propose(actor=author, agreement=made, seen=made.version)
    for ident, client in coordinators.items():
        in_english(client)
        choose(client, ident, ask="notice")
        publish(client, ident, notice_en="The notice.")
        page = client.get(f"https://tool.example/organizations/{ident}/privacy/draft")
        assert page.status_code == 200


def _mark_everything(app: Flask) -> None:
    """Write the marks into the rows, whoever made them."""
    with app.app_context(), unit_of_work():
        for marking in (_mark_people, _mark_courses, _mark_agreements, _mark_platforms):
            marking()


def _mark_people() -> None:
    teachers = set(
        db.session.scalars(select(Membership.identity_id).where(Membership.launch_role.is_distinct_from("learner")))
    )
    for each in db.session.scalars(select(Identity)).unique():
        owner = each.registration.organization_id
        kind = "grown" if each.id in teachers else "pupil"
        each.given_name, each.family_name = f"Person{each.id}", mark(kind, owner, each.id)
        each.name = f"{each.given_name} {each.family_name}"
        each.email = f"{mark('mail', owner, each.id)}@private.example"
    for guest_ in db.session.scalars(select(Guest)).unique():
        guest_.name = mark("guest", guest_.organization_id, guest_.id)
        guest_.email = f"{mark('guestmail', guest_.organization_id, guest_.id)}@private.example"
        device = mark("device", guest_.organization_id, guest_.id)
        key = {"credential_id": f"c{guest_.id}", "public_key": b"x", "sign_count": 0, "name": device}
        db.session.add(Passkey(guest_id=guest_.id, **key))
    for text in db.session.scalars(select(PrivacyText)):
        kind = "notice" if text.published_at else "noticedraft"
        for name in ("notice_ru", "notice_en", "consent_ru", "consent_en"):
            setattr(text, name, f"{getattr(text, name)}\n\n{mark(kind, text.organization_id, text.id)}")


def _mark_courses() -> None:
    for course in db.session.scalars(select(SharedCourse)):
        kind = "shared" if course.id == 1 else "course"
        course.title = mark(kind, course.organization_id, course.id)
    for activity in db.session.scalars(select(Activity)):
        kind = "activity" if activity.published else "unpublished"
        activity.body = mark(kind, activity.course.organization_id, activity.id)
    for work in db.session.scalars(select(Submission)):
        owner = work.identity.registration.organization_id
        work.text = work.draft = mark("work", owner, work.id)
        for each in work.files:
            each.file.name = f"{mark('work', owner, work.id)}.txt"
    for version in db.session.scalars(select(HandIn)):
        owner = db.session.get_one(Submission, version.submission_id).identity.registration.organization_id
        version.text = mark("work", owner, version.submission_id)
    for given in db.session.scalars(select(Mark)):
        given.comment = mark("comment", given.identity.registration.organization_id, given.id)
    for said in db.session.scalars(select(WorkComment)):
        owner = db.session.get_one(Identity, said.identity_id).registration.organization_id
        said.text = mark("comment", owner, said.id)
    for grade in db.session.scalars(select(Grade)):
        grade.comment = mark("comment", grade.identity.registration.organization_id, grade.id)
    for context in db.session.scalars(select(Context)).unique():
        context.title = mark("context", context.registration.organization_id, context.id)


def _mark_agreements() -> None:
    for each in db.session.scalars(select(Agreement)):
        each.title = mark("terms", 0, each.id)
    for revision in db.session.scalars(select(Revision)):
        revision.stored = {**revision.stored, "title": mark("terms", 0, revision.agreement_id)}
        revision.stored |= {"purpose": mark("terms", 0, revision.agreement_id)}
    for signature in db.session.scalars(select(Signature)):
        signature.paper = mark("terms", 0, signature.revision.agreement_id)
        signature.scan_key, signature.scan_name, signature.scan_size = _kept().key, "scan.pdf", 4


def _mark_platforms() -> None:
    for each in db.session.scalars(select(Registration)).unique():
        each.name = mark("lms", each.organization_id, each.id)
        db.session.add(RefusedSub(registration_id=each.id, sub=mark("refused", each.organization_id, each.id)))
    for organization_ in db.session.scalars(select(Organization)):
        organization_.contacts = mark("office", organization_.id, organization_.id)


def readers_of_agreements(app: Flask) -> dict[int, set[int]]:
    """Which organizations may read which agreement: its parties once it was proposed, before that its author."""
    with app.app_context():
        found: dict[int, set[int]] = {}
        for each in db.session.scalars(select(Agreement)):
            parties = db.session.scalars(select(Party.organization_id).where(Party.agreement_id == each.id))
            found[each.id] = set(parties) if each.proposed_at else {each.author_id}
        return found


def partners_in_force(app: Flask) -> dict[int, set[int]]:
    """Of each organization: itself and whoever has an agreement in force with it."""
    with app.app_context():
        organizations = list(db.session.scalars(select(Organization.id)))
        return {
            one: {one, *(each for each in organizations if partnership(one, each).in_force)} for one in organizations
        }


def owned_by(app: Flask, organization_id: int) -> dict[str, list[int]]:
    """Ids of the courses that an organization hosts or takes part in, of its people and what they made, and of who asks to
    coordinate it."""
    with app.app_context():
        own = select(Registration.id).where(Registration.organization_id == organization_id)
        people = select(Identity.person_id).where(Identity.registration_id.in_(own))
        joined = select(Participation.course_id).join(Participation.context).where(Context.registration_id.in_(own))
        hosts = or_(SharedCourse.organization_id == organization_id, SharedCourse.id.in_(joined))
        courses = select(SharedCourse.id).where(hosts)
        asking = select(Coordinator.id).where(
            Coordinator.organization_id == organization_id, Coordinator.state == "asked"
        )
        found = {"people": people, "courses": courses, "asking": asking, **_in_rooms(organization_id, people)}
        return {name: list(db.session.scalars(statement)) for name, statement in found.items()}


def _in_rooms(organization_id: int, people: Select[Any]) -> dict[str, Select[Any]]:
    """Resources, posts and attempts of an organization's people, and the tables where they sit."""
    tried = select(QuizAttempt.id).join(Submission, Submission.id == QuizAttempt.submission_id)
    return {
        "resources": select(Resource.id).where(Resource.organization_id == organization_id),
        "posts": select(Post.id).where(Post.person_id.in_(people)),
        "attempts": tried.join(Identity, Identity.id == Submission.identity_id).where(Identity.person_id.in_(people)),
        "tables": select(Thread.id).where(or_(Thread.id.in_((1, 3)), organization_id == A)),
    }
