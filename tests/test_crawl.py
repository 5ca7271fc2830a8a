"""Nobody is shown, and nobody changes, what is not theirs: everybody tries every page and form of all the others.

Everybody of two schools and a museum is signed in (tests/crawl/scene.py) and follows every link. Then one of each kind
of person, and of the other organization, opens every address that was not theirs and every one the tool has, and sends
every form. Rows carry marks, such as `zqwork-1-4qz`; SEES says who may read which, by the table of privacy between schools.

A new feature is tried by itself. Where its addresses have parts that EXAMPLES does not know, `add an example for …`
fails; let the scene make such a row, mark its texts, and add a line to SEES.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lti_tool.agreements.models import Agreement, Revision, Signature
from lti_tool.announcements.models import Announcement
from lti_tool.contexts.models import Context
from lti_tool.courses.certificates.models import Certificate
from lti_tool.courses.groups.models import Grouping
from lti_tool.courses.models import Activity, CourseUnit, Participation, SharedCourse, SubmissionFile
from lti_tool.courses.quizzes.models import BankQuestion, QuizAttempt
from lti_tool.courses.seats.models import SeatRequest
from lti_tool.courses.staff.models import CourseTutor
from lti_tool.courses.views.joining import NOTICES
from lti_tool.discussions.models import Post, PostFile, Thread
from lti_tool.exchange.community.models import Need, Question
from lti_tool.exchange.models import CollectionItem, Resource, ResourceFile, Vocabulary
from lti_tool.exchange.search.models import SavedSearch
from lti_tool.files.models import Upload
from lti_tool.launch.models import ContentSelection
from lti_tool.organizations.models import Organization
from lti_tool.people.belongings.models import Copy, RefusedSub
from lti_tool.people.guests.models import Guest, Passkey
from lti_tool.people.models import Coordinator, Identity, Person
from lti_tool.people.notices.models import Notice
from lti_tool.people.support.models import SupportAccess
from lti_tool.platforms.models import Deployment, Invitation, Registration
from tests.crawl.scene import Reader, everybody, owned_by, partners_in_force, readers_of_agreements
from tests.crawl.walk import (
    Examples,
    Sent,
    Walk,
    addresses,
    changed,
    digest,
    identity_of,
    read,
    send,
    text_of,
    token_of,
    walk,
)

EXAMPLES: Examples = {
    "access_id": SupportAccess.id,
    "activity_id": Activity.id,
    "address": ("unsigned",),
    "agreement_id": Agreement.id,
    "announcement_id": Announcement.id,
    "certificate_id": Certificate.id,
    "code": Certificate.number,
    "batch_id": (1,),  # nobody has made one: asked for all the same
    "context_id": Context.id,
    "coordinator_id": Coordinator.id,
    "copy_id": Copy.id,
    "course_id": SharedCourse.id,
    "deployment_pk": Deployment.id,
    "file_id": (SubmissionFile.id, ResourceFile.id, PostFile.id),
    "grouping_id": Grouping.id,
    "guest_id": Guest.id,
    "identity_id": Identity.id,
    "invitation_id": Invitation.id,
    "kind": ("page", "resource", "assignment", "discussion", "live"),
    "notice_id": Notice.id,
    "number": Revision.number,
    "organization_id": Organization.id,
    "other_id": Organization.id,
    "participation_id": Participation.id,
    "passkey_id": Passkey.id,
    "person_id": Person.id,
    "reason": NOTICES,
    "refused_id": RefusedSub.id,
    "registration_id": Registration.id,
    "request_id": SeatRequest.id,
    "selection_id": ContentSelection.id,
    "signature_id": Signature.id,
    "spreadsheet": ("csv", "xlsx"),
    "ticket": ("unsigned",),
    "token": Upload.token,
    "tutor_id": CourseTutor.id,
    "unit_id": CourseUnit.id,
    # nobody in the scene has made one yet: asked for all the same, and found by nobody
    **dict.fromkeys(("import_id", "source_id"), (1,)),
    "source": ("links",),
    "attempt_id": QuizAttempt.id,
    "item_id": CollectionItem.id,
    "name": ("activity-1", "activity-6", "table-1", "table-2"),
    "need_id": Need.id,
    "post_id": Post.id,
    "question_id": (BankQuestion.id, Question.id),
    "resource_id": Resource.id,
    "search_id": SavedSearch.id,
    "thread_id": Thread.id,
    "vocabulary_id": Vocabulary.id,
}
STAFF = ("host teacher", "home teacher", "assistant", "coordinator", "administrator")
SCHOOL = (*STAFF, "pupil")
EVERYONE = (*SCHOOL, "partner")
ANYBODY = (*EVERYONE, "operator", "nobody")
CLASSES = ("host teacher", "home teacher", "assistant", "pupil")
TOLD = (*CLASSES, "coordinator")
"""Those, and who is asked by the own people what the tool keeps of them."""
SEES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    # kind of mark: (who of the own organization may read it, who of another)
    "pupil": (SCHOOL, ()),  # a pupil's family name: first name and initial is all that crosses the border
    "grown": (EVERYONE, EVERYONE),  # a teacher's family name
    "mail": (STAFF, ()),  # e-mail addresses
    "copy": ((), ()),  # the file with everything about a person
    "refused": (("coordinator",), ()),  # the LMS's number of somebody who was erased and is kept out
    "guest": (("coordinator", "partner"), ("coordinator",)),  # somebody invited by name; coordinators speak for theirs
    "guestmail": (("partner", "coordinator"), ()),  # only its owner's page
    "device": (("partner", "coordinator"), ()),  # only its owner's page
    "shared": (EVERYONE, SCHOOL),  # the title of the course both schools take part in
    "course": (STAFF, ()),  # the title of a course that the other school does not take part in
    "activity": (SCHOOL, SCHOOL),  # of the shared course
    "unpublished": (("host teacher",), ()),  # an activity that the host has not opened yet
    "request": (("home teacher", "coordinator"), ("host teacher",)),  # what a teacher writes who asks for seats
    "support": (("coordinator",), ("operator",)),  # why support wants to look at a school's pages
    "work": (SCHOOL, ("host teacher",)),  # what a pupil handed in, read by the host's teacher
    "comment": (SCHOOL, ("host teacher",)),  # about it
    "context": (
        SCHOOL,
        ("host teacher",),
    ),  # the title of an LMS course: the host's teacher sees which classes take part
    "lms": (SCHOOL, ("operator",)),  # the name of a registration
    "office": (
        EVERYONE,
        (*EVERYONE, "operator"),
    ),  # how to reach an organization: to be read by whoever looks for a partner
    "question": (TOLD, TOLD),  # of the quiz that both classes take
    "key": (("host teacher",), ()),  # what is right, what to look for, names in the bank
    "bank": (("home teacher",), ()),  # a question of a course that the other school does not take part in
    "certified": (ANYBODY, ANYBODY),  # what a certificate says of the course, to whoever has its number
    "revocation": (TOLD, ("host teacher",)),  # why a pupil's certificate holds no more
    "room": (CLASSES, CLASSES),  # where a live session is
    "open": (ANYBODY, ANYBODY),  # resources by their reach; this one is for everybody in the world
    "offered": (SCHOOL, (*STAFF, "operator")),
    "inhouse": (STAFF, ()),
    "sketch": (("host teacher", "home teacher", "coordinator"), ()),  # its title is among the writer's data
    "asked": (STAFF, (*STAFF, "operator")),  # to an author, or told of a class, about what everybody was offered
    "need": (STAFF, (*STAFF, "operator")),
    "search": (("host teacher", "home teacher"), ()),
    "topic": (STAFF, ()),
    "talk": (TOLD, TOLD),  # at the table of both classes
    "waiting": (("pupil", "host teacher", "coordinator"), ("host teacher",)),  # for its moderator
    "whisper": (TOLD, ()),  # at the table of one school
    "reportnote": (("host teacher", "pupil"), ()),  # by the pupil, to the moderator
    "notice": (EVERYONE, ()),  # a privacy notice in force
    "noticedraft": (("coordinator",), ()),
}
"""The table of privacy between schools (docs/developer/architecture.md, people/names.py), mark by mark."""
ONESELF = ("pupil", "grown", "mail", "copy")
"""Kinds whose rows are numbered by identity: everybody reads what is their own."""
OPEN_FORMS = {
    "/calendar": "makes or ends the secret address of the own calendar",
    "/notices/read": "the own notices are read",
    "/notices/mail": "agrees to mail of one's own, or ends it",
    "/language": "anybody chooses a language",
    "/sign-out": "ends the own session",
    "/operator/sign-out": "ends the own session",
    "/lti/login": "begins a launch, from any LMS",
    "/lti/launch": "judged by the token it carries",
    "/lti/register": "judged by the invitation it carries",
    "/privacy/consent": "answers for oneself",
    "/sign-in/passkey": "judged by the key that signs",
    "/privacy/noted": "puts the own note away",
    "/support/leave": "leaves what nobody entered",
    "/files/uploads": "begins an upload of one's own",
    "/announcements/1/dismiss": "puts away what everybody is shown",
    "/my/data/copy": "asks for a copy of the own data",
    "/privacy/withdraw": "takes the own consent back",
    "/sign-in/passkey/options": "begins to sign in",
    "/sign-in/email": "asks for a code and tells nobody whether there is such an address",
}
"""Forms that answer whoever sends them, whether or not they were shown them."""
_KEPT = "/exchange/searches(/1)?"  # a search that is kept is one's own
_BANK = "/courses/{courses}/(pools|questions/import)"
_TALK = "/discussions/(table-{tables}/new|activity-6/new|threads/{tables}/reply|posts/.*/report|posts/{posts}/delete)"
_EXCHANGE = "/exchange/({resources}/(discard|publish)|.*/report/remove)"  # of the own resources; the own report
ALSO_SENT: dict[str, tuple[str, ...]] = {
    "pupil": (
        *(_TALK, "/courses/attempts/{attempts}/(answers|finish)", "/courses/activities/4/quiz/start"),
        "/exchange/[0-9]+/report/remove",  # takes back an own report; there is none
    ),
    "host teacher": (
        *(_KEPT, _BANK, _TALK, _EXCHANGE),
        "/courses/activities/[45]/(copy|quiz/(add|regrade))",
        "/courses/activities/2/release",  # the own course's grades; none is held back
        "/discussions/(posts/.*/decide|table-[12]/rules|threads/[12]/state)",  # moderates both tables
    ),
    "home teacher": (_KEPT, _BANK, _TALK, _EXCHANGE, "/courses/questions/3(/edit)?"),
    "assistant": (_KEPT, _TALK, _EXCHANGE),
    "coordinator": (_KEPT, _EXCHANGE),
    "administrator": (_KEPT, _EXCHANGE),
    "operator": ("/exchange/(vocabularies/(new|3)|.*/(report/remove|retire)|needs/.*)",),  # 3: the hub's
}
MAY_SEND: dict[str, tuple[str, ...]] = {
    # what is somebody's own and may be sent although no page shows the button at the moment
    "pupil": ("/courses/activities/[12]/(work|hand-in|draft|read)",),
    "host teacher": (
        "/courses/{courses}/(order|gradebook/(comparison|retry|differences)|seats/[12]|certificates/issue)",
        "/courses/certificates/[12]/(revoke|restore)",
        "/(selection/1|courses/participations/{own}/seats)",
        "/courses/activities/[12]/(cells/[0-9]+|together)",  # a cell of the gradebook is no form
    ),
    "home teacher": (
        "/courses/{courses}/(order|gradebook/(comparison|retry|differences))",
        "/courses/participations/{own}/seats",
    ),
    "assistant": (
        "/courses/{courses}/gradebook/(comparison|retry|differences)",
        "/courses/participations/{own}/seats",
    ),
    "coordinator": (
        "/organizations/{own}/(coordinators/requests|privacy/(discard|publish|people/{people}/guardian))",
        "/agreements/{agreements}/(decline|end|rewrite|sign/1)",
        "/support/{own}/end",
        "/(coordinators/{asking}/end|registrations/{own}/move/cancel)",
        "/guests/{own}/take-back",
        "/courses/agreements/{agreements}/ending",
        "/my/sign-in/(passkeys/options|email)",
    ),
    "administrator": ("/(deployments/{own}/accept|registrations/{own}/(deliveries|move/cancel)|coordinators/ask)",),
    "partner": ("/my/sign-in/(passkeys/options|email)",),
    "operator": (
        "/(deployments/.*/accept|guests/.*/take-back)",
        "/operator/(organizations/.*/restore|registrations/.*/approve)",
        "/(organizations/.*/(facts|coordinators/requests)|coordinators/.*/end)",
        "/(support/1/start|organizations/.*/support)",
        "/registrations/.*/(deliveries|move/(cancel|confirm|undo))",
    ),
}
"""{own} is the reader's organization, and the number of its registration, deployment, first guest and
participation; {courses}, {people}, {agreements} and {asking}, who ask to
coordinate, are those of the organization."""
REFUSALS = (401, 403, 404, 405, 410)
"""Anything else says that the reader was let in, also a list of faults."""
UNREAD = {
    "audit_event": "grows with every act",
    "periodic": "the calendar of duties",
    "used_state": "of launches",
    "read_mark": "what was on a page counts as read",
    "mail_code": "a row for every request for a code, also of nobody",
    "identity.last_seen_at": "moves with reading",
    "guest.last_seen_at": "moves with reading",
}
"""What reading and refused forms may touch."""
FOR_MACHINES = ("/readyz",)
"""Addresses that answer who asks for them, not people: their refusal is no page."""
SHOWN_LATER = re.compile(r"/courses/attempts/\d+/review")
"""Links that a script shows when their moment has come: the time of an attempt is over."""
_MARK = re.compile(r"zq([a-z]+)-(\d+)-(\d+)qz", re.IGNORECASE)


@dataclass
class Town:
    """The scene and what everybody was shown."""

    app: Flask
    readers: list[Reader]
    walks: dict[str, Walk]
    agreements: dict[int, set[int]]
    partners: dict[int, set[int]]
    """Of each organization: itself and those with whom it has an agreement in force."""
    owned: dict[int, dict[str, list[int]]]
    """Of each organization: ids of courses, people and agreements."""
    identities: dict[str, int | None]
    touched: list[str]
    """Tables that the walks changed."""

    def foreign(self, reader: Reader, text: str) -> set[str]:
        """The marks in a text that this reader must not be shown."""
        return {found[0] for found in _MARK.finditer(text) if not self._may_read(reader, found)}

    def _may_read(self, reader: Reader, found: re.Match[str]) -> bool:
        kind, owner, row = found[1].lower(), int(found[2]), int(found[3])
        if kind == "terms":
            return reader.role == "coordinator" and reader.organization in self.agreements[row]
        if kind == "forpartners":
            return reader.role in STAFF and reader.organization in self.partners[owner]
        own, others = SEES[kind]
        if kind in ONESELF and row == self.identities[reader.name]:
            return True
        return reader.role in (own if owner == reader.organization else others)


@pytest.fixture(scope="module")
def town(shared_app: Flask) -> Town:
    readers = everybody(shared_app)
    before = digest(shared_app, UNREAD)
    walks = {reader.name: walk(reader) for reader in readers}
    touched = changed(before, digest(shared_app, UNREAD))
    agreements, partners = readers_of_agreements(shared_app), partners_in_force(shared_app)
    owned = {ident: owned_by(shared_app, ident) for ident in {reader.organization for reader in readers}}
    for ident, found in owned.items():
        found["agreements"] = [number for number, parties in agreements.items() if ident in parties]
    identities = {reader.name: identity_of(reader) for reader in readers}
    return Town(shared_app, readers, walks, agreements, partners, owned, identities, touched)


def refused_well(reader: Reader, answer: TestResponse) -> bool:
    """A page that says why, in the reader's language; never a fault of ours."""
    says_why = f'data-refused="{answer.status_code}"' in text_of(answer)
    return says_why and answer.status_code < 500 and f'<html lang="{reader.language}"' in text_of(answer)


def test_everybody_finds_a_way_and_reading_changes_nothing(town: Town) -> None:
    assert town.touched == []
    lost = {
        f"{reader.name}: {path} {answer.status_code}"
        for reader in town.readers
        for path, answer in town.walks[reader.name].pages.items()
        if answer.status_code >= 400 and not SHOWN_LATER.fullmatch(path)
    }
    assert not lost, "links that lead to a refusal:\n" + "\n".join(sorted(lost))
    shown = {f"{reader.name}: {path}: {marks}" for reader in town.readers for path, marks in _shown(town, reader)}
    assert not shown, "\n".join(sorted(shown))


def _shown(town: Town, reader: Reader) -> list[tuple[str, set[str]]]:
    pages = town.walks[reader.name].pages
    found = [(path, town.foreign(reader, text_of(answer))) for path, answer in pages.items()]
    return [(path, marks) for path, marks in found if marks]


def test_nobody_reads_what_is_not_theirs(town: Town) -> None:
    shown = {path for each in town.walks.values() for path in each.paths}
    before, faults = digest(town.app, UNREAD), []
    for path in sorted(shown | set(addresses(town.app, "GET", EXAMPLES))):
        for reader in strangers(town, path, {name for name, each in town.walks.items() if path in each.paths}):
            answer = read(reader, path)
            if marks := town.foreign(reader, text_of(answer)):
                faults.append(f"{reader.name}: {path} shows {sorted(marks)}")
            if answer.status_code >= 400 and not refused_well(reader, answer) and path not in FOR_MACHINES:
                faults.append(f"{reader.name}: {path} answers {answer.status_code} without a reason")
    assert not faults, "\n".join(faults)
    assert changed(before, digest(town.app, UNREAD)) == []


def test_nobody_sends_what_others_were_shown(town: Town) -> None:
    everything = {form.path: form for each in town.walks.values() for form in sorted(each.forms, key=_typed)}
    everything |= {path: Sent(path, ()) for path in addresses(town.app, "POST", EXAMPLES) if path not in everything}
    may = {reader.name: own_forms(town, reader) for reader in town.readers}
    tries: dict[str, list[Sent]] = {}
    for path, form in sorted(everything.items()):
        if path not in OPEN_FORMS:
            for reader in strangers(town, path, {name for name, own in may.items() if own.fullmatch(path)}):
                tries.setdefault(reader.name, []).append(form)
    faults: list[str] = []
    for reader in town.readers:
        before, token = digest(town.app, UNREAD), token_of(reader)
        for form in tries[reader.name]:
            faults += _faults(town, reader, form, send(reader, form, token))
        touched = changed(before, digest(town.app, UNREAD))
        faults += [f"{reader.name} has changed {touched}"] if touched else []
    assert not faults, "\n".join(faults)


def _typed(form: Sent) -> tuple[int, str]:
    """Of the forms of one address, the one that says most is tried."""
    return sum(bool(text) for _name, text in form.fields), repr(form)


def strangers(town: Town, path: str, allowed: set[str]) -> Iterator[Reader]:
    """One of each kind of person who tries an address: of another organization than those who are let in, where there
    is one, else now of this and now of that."""
    inside = {reader.organization for reader in town.readers if reader.name in allowed}
    alike: dict[str, list[Reader]] = {}
    for reader in town.readers:
        if reader.name not in allowed:
            alike.setdefault(reader.role, []).append(reader)
    for readers in alike.values():
        yield min(readers, key=lambda one: (one.organization in inside, crc32(f"{path} {one.name}".encode())))


def _faults(town: Town, reader: Reader, form: Sent, answer: TestResponse) -> Iterator[str]:
    if answer.status_code not in REFUSALS:
        yield f"{reader.name}: {form.path} answers {answer.status_code}"
    elif not refused_well(reader, answer):
        yield f"{reader.name}: {form.path} answers {answer.status_code} without a reason"
    if marks := town.foreign(reader, text_of(answer)) - {found[0] for found in _MARK.finditer(repr(form))}:
        yield f"{reader.name}: {form.path} shows {sorted(marks)}"


def own_forms(town: Town, reader: Reader) -> re.Pattern[str]:
    """The paths of forms that the reader was shown, and of those named in MAY_SEND."""
    of_theirs = {"own": [reader.organization], **town.owned[reader.organization]}
    numbers = {name: "|".join(map(str, found)) or "none" for name, found in of_theirs.items()}
    named = [
        path.format(**{name: f"({found})" for name, found in numbers.items()})
        for path in (*MAY_SEND.get(reader.role, ()), *ALSO_SENT.get(reader.role, ()), "/oai")  # harvesters may post
    ]
    shown = [re.escape(form.path) for form in town.walks[reader.name].forms]
    return re.compile("|".join([*named, *shown]) or "none")
