"""Reads about certificates: what the rules come down to today, how far pupils have come, and who has one.

Points are those of Grade, and what is done is what progress counts: a mark that nobody was told of is in neither. The
shares are of everything the course has, graded or not, held or still to come, so that nobody earns a certificate early.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, false, func, literal, not_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from lti_tool.core.db import db
from lti_tool.courses.assignments.queries import nameless
from lti_tool.courses.availability import done_by, in_order, published
from lti_tool.courses.certificates.models import ALL, NONE, Certificate, CertificateActivity, CertificateRule
from lti_tool.courses.gradebook.models import Excuse
from lti_tool.courses.live.models import LiveSession
from lti_tool.courses.models import Activity, Grade, Participation
from lti_tool.courses.progress.standings import asks_something, done_numbers, shares
from lti_tool.courses.pupils import Pupil, pupil_places, select_pupils
from lti_tool.organizations.models import Organization
from lti_tool.people.models import Identity

ACTIVITIES, POINTS, SESSIONS = "activities", "points", "sessions"
"""The rules a course may set."""
EARNED, NOT_YET, ISSUED, REVOKED = "earned", "not_yet", "issued", "revoked"
"""How a pupil stands: has done all that is asked for and has no certificate; has not; has one; had one."""
PUPILS_PER_PAGE = 40
SHEETS_PER_PAGE = 40
_CLOSE = 1e-6
"""Sums of points are sums of floats."""


@dataclass(frozen=True)
class Ruleset:
    """The rules of a course with what they come down to today."""

    rule: CertificateRule
    activity_ids: Sequence[int]
    """To be done. All: those that pupils are shown; chosen ones also while pupils are not, so that nobody is early."""
    hidden: int
    """How many of these pupils are not shown."""
    session_ids: Sequence[int]
    maximum: float
    """All points that can be had."""

    @property
    def asks_activities(self) -> bool:
        return self.rule.which != NONE

    @property
    def sets(self) -> tuple[str, ...]:
        """The rules that are set."""
        wanted = (self.asks_activities, self.rule.least_points is not None, self.rule.least_sessions is not None)
        return tuple(name for name, set_ in zip((ACTIVITIES, POINTS, SESSIONS), wanted, strict=True) if set_)

    @property
    def unmeasurable(self) -> tuple[str, ...]:
        """Rules about what the course does not have: nobody meets them."""
        there = {ACTIVITIES: self.activity_ids, POINTS: self.maximum, SESSIONS: self.session_ids}
        return tuple(name for name in self.sets if not there[name])

    def tests(self, found: Subquery) -> dict[str, ColumnElement[bool]]:
        """SQL: by rule, whether a row of `measured` meets it."""
        rule = self.rule
        every: dict[str, ColumnElement[bool]] = {
            ACTIVITIES: found.c.done >= len(self.activity_ids),
            POINTS: found.c.points * 100 >= (rule.least_points or 0) * found.c.maximum - _CLOSE,
            SESSIONS: found.c.attended * 100 >= (rule.least_sessions or 0) * len(self.session_ids),
        }
        return {name: false() if name in self.unmeasurable else every[name] for name in self.sets}

    def earned(self, found: Subquery) -> ColumnElement[bool]:
        """SQL: a row of `measured` meets all of them; nobody does where none is set."""
        tests = self.tests(found)
        return and_(*tests.values()) if tests else false()


@dataclass(frozen=True)
class Progress:
    """One pupil, what of the rules is met, and the certificate."""

    pupil: Pupil
    done: int
    points: float
    maximum: float
    """All points the pupil can have."""
    attended: int
    met: Mapping[str, bool]
    certificate: Certificate | None = None

    @property
    def earned(self) -> bool:
        return bool(self.met) and all(self.met.values())

    @property
    def state(self) -> str:
        """One of EARNED, NOT_YET, ISSUED, REVOKED."""
        if self.certificate is not None:
            return REVOKED if self.certificate.revoked_on else ISSUED
        return EARNED if self.earned else NOT_YET


@dataclass(frozen=True)
class ProgressPage:
    """A page of the list; counts: how many pupils each choice names."""

    rows: Sequence[Progress]
    counts: Mapping[str, int]
    total: int
    page: int
    pages: int


def rule_of(course_id: int) -> CertificateRule | None:
    """The rules of the course; None when none were ever set."""
    return db.session.scalar(select(CertificateRule).where(CertificateRule.course_id == course_id))


def is_offered(course_id: int) -> bool:
    """Does the course issue certificates?"""
    issuing = (CertificateRule.course_id == course_id, CertificateRule.issuing.is_(True))
    return db.session.scalar(select(CertificateRule.id).where(*issuing)) is not None


def ruleset_of(course_id: int) -> Ruleset | None:
    """The rules with what they come down to today; two statements."""
    rule = rule_of(course_id)
    return None if rule is None else measured_by(rule)


def measured_by(rule: CertificateRule) -> Ruleset:
    """The same for rules at hand; one statement."""
    session = select(LiveSession.id).where(LiveSession.activity_id == Activity.id)
    chosen = select(CertificateActivity.id).where(
        CertificateActivity.rule_id == rule.id, CertificateActivity.activity_id == Activity.id
    )
    asked = published() if rule.which == ALL else chosen.exists()
    tests = (published(), and_(asks_something(), asked), session.exists())
    statement = select(Activity.id, Activity.points, *(case((test, 1), else_=0) for test in tests))
    there = (Activity.course_id == rule.course_id, Activity.deleted_at.is_(None))
    rows = db.session.execute(statement.where(*there).order_by(Activity.id)).all()
    needed = [] if rule.which == NONE else [row for row in rows if row[3]]
    return Ruleset(
        rule,
        activity_ids=[row[0] for row in needed],
        hidden=len([row for row in needed if not row[2]]),
        session_ids=[row[0] for row in rows if row[2] and row[4]],
        maximum=sum(row[1] or 0 for row in rows if row[2]),
    )


def chosen_ids(rule: CertificateRule) -> list[int]:
    """Ids of the activities that the rules name, shown or not."""
    statement = select(CertificateActivity.activity_id).where(CertificateActivity.rule_id == rule.id)
    return list(db.session.scalars(statement.order_by(CertificateActivity.activity_id)))


def countable(course_id: int) -> Sequence[Activity]:
    """Activities that rules can name, in the order of the course; also those that pupils are not shown yet."""
    there = (Activity.course_id == course_id, Activity.deleted_at.is_(None), asks_something())
    statement = select(Activity).where(*there).options(joinedload(Activity.unit)).order_by(*in_order())
    return db.session.scalars(statement).unique().all()


def tasks_of(rules: Ruleset, identity_id: int) -> list[tuple[Activity, bool]]:
    """What has to be done and pupils are shown, in order, and whether this pupil has done it; two statements."""
    statement = select(Activity).where(Activity.id.in_(rules.activity_ids), published()).order_by(*in_order())
    done = done_by(identity_id, rules.activity_ids)
    return [(activity, activity.id in done) for activity in db.session.scalars(statement).unique()]


def candidates(course_id: int, participation_ids: Collection[int] | None = None) -> Subquery:
    """SQL: the pupils of the course, or of these classes, and whoever else has a certificate: identity_id,
    participation_id, active."""
    places = select(pupil_places(course_id, participation_ids)).cte("pupil")
    kept = select(Certificate.identity_id, Certificate.participation_id, literal(0).label("active")).where(
        Certificate.course_id == course_id, Certificate.identity_id.not_in(select(places.c.identity_id))
    )
    if participation_ids is not None:
        kept = kept.where(Certificate.participation_id.in_(participation_ids))
    return union_all(select(places), kept).subquery("candidate")


def measured(
    rules: Ruleset, participation_ids: Collection[int] | None = None, hidden: Collection[int] = ()
) -> Subquery:
    """SQL: those, with done: how many of the activities, but for the `hidden` ones (see assignments.queries.hidden_from);
    points, and maximum: all points less those of what the pupil is excused from; attended: how many of the sessions."""
    people = candidates(rules.rule.course_id, participation_ids)
    done = done_numbers([one for one in rules.activity_ids if one not in hidden])
    there, excused = done_numbers(rules.session_ids, "there"), _excused_points(rules.rule.course_id)
    points = (
        shares(rules.rule.course_id)
        .add_columns(func.sum(Grade.points).label("sum"))
        .group_by(Grade.identity_id)
        .subquery("points")
    )
    statement = select(
        people.c.identity_id,
        people.c.participation_id,
        people.c.active,
        func.coalesce(done.c.number, 0).label("done"),
        func.coalesce(points.c.sum, 0).label("points"),
        (rules.maximum - func.coalesce(excused.c.sum, 0)).label("maximum"),
        func.coalesce(there.c.number, 0).label("attended"),
    )
    for each in (done, points, there, excused):
        statement = statement.outerjoin(each, each.c.identity_id == people.c.identity_id)
    return statement.subquery("measured")


def _excused_points(course_id: int) -> Subquery:
    """SQL: identity_id, and sum: points of activities that the pupil need not do, which nobody can ask for."""
    return (
        select(Excuse.identity_id, func.sum(Activity.points).label("sum"))
        .join(Activity, Activity.id == Excuse.activity_id)
        .where(Activity.course_id == course_id, published())
        .group_by(Excuse.identity_id)
        .subquery("excused")
    )


def _listed(rules: Ruleset, found: Subquery, school: int | None) -> Select[Any]:
    """Identity, Participation, active, done, points, maximum, attended, Certificate, and a flag for each rule."""
    own = and_(Certificate.course_id == rules.rule.course_id, Certificate.identity_id == found.c.identity_id)
    flags = [case((test, 1), else_=0) for test in rules.tests(found).values()]
    statement = (
        select_pupils(found)
        .add_columns(found.c.done, found.c.points, found.c.maximum, found.c.attended, Certificate, *flags)
        .outerjoin(Certificate, own)
        .where(Identity.erased_at.is_(None))
    )
    return statement if school is None else statement.where(Organization.id == school)


def _choices(rules: Ruleset, found: Subquery) -> dict[str, ColumnElement[bool]]:
    """SQL: by what can be chosen above the list, whom it names."""
    without, earned = Certificate.id.is_(None), rules.earned(found)
    missing = {name: and_(without, not_(test)) for name, test in rules.tests(found).items()}
    return {
        EARNED: and_(without, earned),
        ISSUED: and_(Certificate.id.is_not(None), Certificate.revoked_on.is_(None)),
        REVOKED: Certificate.revoked_on.is_not(None),
        NOT_YET: and_(without, not_(earned)),
        **missing,
    }


def progress_page(
    rules: Ruleset,
    participations: Collection[Participation] | None,
    page: int,
    *,
    choice: str = "",
    school: int | None = None,
    hidden: Collection[int] = (),
) -> ProgressPage:
    """Pupils of the course, or of these classes, as they stand but for the `hidden` activities; two statements."""
    found = measured(rules, _ids(participations), hidden)
    statement, choices = _listed(rules, found, school), _choices(rules, found)
    sums = [func.coalesce(func.sum(case((test, 1), else_=0)), 0) for test in choices.values()]
    everybody, *numbers = db.session.execute(
        statement.order_by(None).with_only_columns(func.count(found.c.identity_id), *sums)
    ).one()
    number_of = dict(zip(choices, numbers, strict=True))
    total = number_of.get(choice, everybody)
    if choice in choices:
        statement = statement.where(choices[choice])
    pages = max(1, -(-total // PUPILS_PER_PAGE))
    page = min(page, pages)
    rows = db.session.execute(statement.limit(PUPILS_PER_PAGE).offset((page - 1) * PUPILS_PER_PAGE))
    return ProgressPage([_progress(rules, row) for row in rows], number_of, total, page, pages)


def own_progress(rules: Ruleset, identity_id: int, participations: Collection[Participation]) -> Progress | None:
    """How one pupil of these classes stands; None for who is none. One statement."""
    found = measured(rules, _ids(participations))
    row = db.session.execute(_listed(rules, found, None).where(found.c.identity_id == identity_id)).first()
    return None if row is None else _progress(rules, row)


def _progress(rules: Ruleset, row: Any) -> Progress:
    identity, participation, active, done, points, maximum, attended, certificate, *flags = row
    met = dict(zip(rules.sets, map(bool, flags), strict=True))
    return Progress(Pupil(identity, participation, bool(active)), done, points, maximum, attended, met, certificate)


def _ids(participations: Collection[Participation] | None) -> list[int] | None:
    return None if participations is None else [one.id for one in participations]


def earned_without(rules: Ruleset) -> list[tuple[int, int]]:
    """(identity, participation) of everybody who has earned a certificate and has none, each person once.

    What is graded without names counts once it is released: a certificate would tell who handed it in.
    """
    found = measured(rules, hidden=nameless(rules.rule.course_id))
    other = select(Identity.person_id).join(Certificate, Certificate.identity_id == Identity.id)
    statement = (
        select(found.c.identity_id, found.c.participation_id, Identity.person_id)
        .join(Identity, Identity.id == found.c.identity_id)
        .where(rules.earned(found), Identity.erased_at.is_(None))
        .where(Identity.person_id.not_in(other.where(Certificate.course_id == rules.rule.course_id)))
        .order_by(found.c.identity_id.desc())
    )
    by_person = {row[2]: (row[0], row[1]) for row in db.session.execute(statement)}
    return sorted(by_person.values())


def certificates_of_person(person_id: int) -> Sequence[Certificate]:
    """Everything this person holds, by whichever account, the newest first."""
    statement = (
        select(Certificate)
        .join(Certificate.identity)
        .where(Identity.person_id == person_id, Identity.erased_at.is_(None))
        .order_by(Certificate.id.desc())
    )
    return db.session.scalars(statement).all()


def valid_in(course_id: int, participations: Collection[Participation] | None) -> Select[Any]:
    """SQL: valid certificates of the course, or of these classes, ordered as pupils are listed."""
    return (
        select_pupils(candidates(course_id, _ids(participations)))
        .with_only_columns(Certificate)
        .join(Certificate, and_(Certificate.identity_id == Identity.id, Certificate.course_id == course_id))
        .where(Certificate.revoked_on.is_(None), Identity.erased_at.is_(None))
        .options(selectinload(Certificate.identity), selectinload(Certificate.participation))
    )


def certificate_numbered(number: str) -> Certificate | None:
    """The certificate with this number."""
    return db.session.scalar(select(Certificate).where(Certificate.number == number))


def is_among(course_id: int, participations: Collection[Participation], identity_id: int) -> bool:
    """Is the holder one of the pupils of these classes?"""
    people = candidates(course_id, _ids(participations))
    return db.session.scalar(select(people.c.identity_id).where(people.c.identity_id == identity_id)) is not None
