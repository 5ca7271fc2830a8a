"""Make groups by hand, at random, from home groups or by choice; place pupils; let activities use them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from lti_tool.contexts.models import Membership
from lti_tool.core import audit
from lti_tool.core.db import db, execute, insert_if_absent, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.courses.groups.dealing import deal, smallest
from lti_tool.courses.groups.models import (
    AT_RANDOM,
    BY_CHOICE,
    FROM_HOME,
    WAYS,
    ActivityGrouping,
    Group,
    Grouping,
    GroupMember,
)
from lti_tool.courses.groups.queries import arranged, sizes
from lti_tool.courses.models import ACTIVE, Activity, Participation, SharedCourse
from lti_tool.courses.pupils import Pupil, find_pupil, pupil_places, select_pupils
from lti_tool.people.actor import Actor

MAX_GROUPS = 200
CHANCE = SystemRandom()


@dataclass(frozen=True)
class Wanted:
    """What a teacher asks for."""

    title: str
    way: str
    number: int = 0
    """Of groups; home groups make their own."""
    most: int | None = None
    choose_until: datetime | None = None
    newcomers: bool = False


def make_grouping(*, actor: Actor, course: SharedCourse, wanted: Wanted) -> Grouping:
    """A new set of groups, filled as its way says. Raises Invalid."""
    if wanted.way not in WAYS:
        raise Invalid({"way": _("Choose one.")})
    if wanted.way != FROM_HOME and not 1 <= wanted.number <= MAX_GROUPS:
        raise Invalid({"number": _("Write a number from 1 to %(limit)d.", limit=MAX_GROUPS)})
    grouping = Grouping(
        course_id=course.id,
        title=wanted.title,
        way=wanted.way,
        most=wanted.most,
        choose_until=wanted.choose_until,
        newcomers=wanted.newcomers,
    )
    db.session.add(grouping)
    db.session.flush()
    pupils = _pupils(course.id)
    if wanted.way == FROM_HOME:
        _from_home(grouping, pupils)
    else:
        parts: list[list[int]] = [[] for _group in range(wanted.number)]
        if wanted.way == AT_RANDOM:
            parts = deal(_by_school(pupils), wanted.number, CHANCE)
        for index, part in enumerate(parts, start=1):
            _group(grouping, _("Group %(number)d", number=index), index, part)
    audit.record(actor, "make_groups", "course", course.id, grouping=grouping.id, way=wanted.way)
    return grouping


def _pupils(course_id: int) -> list[Pupil]:
    places = pupil_places(course_id)
    rows = db.session.execute(select_pupils(places).where(places.c.active == 1))
    return [Pupil(row[0], row[1], bool(row[2])) for row in rows]


def _by_school(pupils: list[Pupil]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for pupil in pupils:
        found[pupil.identity.registration.organization_id].append(pupil.identity.id)
    return found


def _from_home(grouping: Grouping, pupils: list[Pupil]) -> None:
    """One group for each home group the LMSs told of; their names are not known, so the class's stands for them."""
    statement = (
        select(Membership.identity_id, Participation.id, Membership.home_groups)
        .join(Participation, Participation.context_id == Membership.context_id)
        .where(Participation.course_id == grouping.course_id, Participation.state == ACTIVE)
    )
    told = {(pupil, class_id): homes for pupil, class_id, homes in db.session.execute(statement)}
    parts: dict[tuple[int, str], list[int]] = defaultdict(list)
    titles: dict[int, str] = {}
    for pupil in pupils:
        class_id = pupil.participation.id
        homes = told.get((pupil.identity.id, class_id)) or []
        titles[class_id] = f"{pupil.school_name} · {pupil.participation.context.title}"
        if homes:
            parts[class_id, sorted(homes)[0]].append(pupil.identity.id)
    for index, ((class_id, home), part) in enumerate(sorted(parts.items()), start=1):
        title = _("%(place)s, group %(name)s", place=titles[class_id], name=home)
        _group(grouping, title[:200], index, part)


def _group(grouping: Grouping, title: str, position: int, pupils: list[int]) -> Group:
    group = Group(grouping_id=grouping.id, title=title, position=position)
    db.session.add(group)
    db.session.flush()
    db.session.add_all(
        GroupMember(grouping_id=grouping.id, group_id=group.id, identity_id=one) for one in sorted(pupils)
    )
    return group


def add_group(*, actor: Actor, grouping: Grouping, title: str) -> Group:
    """One more, empty. Raises Invalid."""
    if not title.strip():
        raise Invalid({"title": _("Give it a title.")})
    last = db.session.scalar(
        select(Group.position).where(Group.grouping_id == grouping.id).order_by(Group.position.desc()).limit(1)
    )
    group = _group(grouping, title.strip()[:200], (last or 0) + 1, [])
    audit.record(actor, "change_groups", "course", grouping.course_id, grouping=grouping.id)
    return group


def rename_group(*, actor: Actor, group: Group, title: str) -> None:
    """Raises Invalid when nothing is left of the name."""
    if not title.strip():
        raise Invalid({"title": _("Give it a title.")})
    if group.title != title.strip():
        group.title = title.strip()[:200]
        audit.record(actor, "change_groups", "course", group.grouping.course_id, grouping=group.grouping_id)


def remove_group(*, actor: Actor, group: Group) -> None:
    """Its members are in no group then."""
    gone = delete(GroupMember).where(GroupMember.group_id == group.id)
    execute(gone.execution_options(synchronize_session=False))
    audit.record(actor, "change_groups", "course", group.grouping.course_id, grouping=group.grouping_id)
    db.session.delete(group)


def remove_grouping(*, actor: Actor, grouping: Grouping) -> None:
    """Activities that use it go on without groups."""
    for model in (ActivityGrouping, GroupMember, Group):
        gone = delete(model).where(model.grouping_id == grouping.id)
        execute(gone.execution_options(synchronize_session=False))
    audit.record(actor, "remove_groups", "course", grouping.course_id, grouping=grouping.id)
    db.session.delete(grouping)


def place(*, actor: Actor, grouping: Grouping, identity_id: int, group_id: int | None) -> None:
    """Put a pupil into a group, or into none. Raises Invalid for somebody who is no pupil, or a group of another set."""
    if find_pupil(grouping.course_id, identity_id) is None:
        raise Invalid({"pupil": _("This pupil is not in the course any more.")})
    if group_id is not None and _own_group(grouping, group_id) is None:
        raise Invalid({"group": _("This group is not there any more.")})
    _put(grouping, identity_id, group_id)
    audit.record(actor, "place_in_group", "course", grouping.course_id, grouping=grouping.id, identity=identity_id)


def choose(*, actor: Actor, grouping: Grouping, group_id: int) -> None:
    """A pupil chooses a group. Raises Conflict when it is full, or the time is over."""
    assert actor.identity_id is not None
    if grouping.way != BY_CHOICE or (grouping.choose_until is not None and utcnow() > grouping.choose_until):
        raise Conflict(_("The time to choose a group is over."), _("Ask the teacher of the course."))
    db.session.execute(select(Grouping.id).where(Grouping.id == grouping.id).with_for_update())
    if _own_group(grouping, group_id) is None:
        raise Conflict(_("This group is not there any more."))
    here = select(GroupMember.group_id).where(
        GroupMember.grouping_id == grouping.id, GroupMember.identity_id == actor.identity_id
    )
    if db.session.scalar(here) == group_id:
        return
    if grouping.most is not None and sizes([grouping.id], grouping.course_id).get(group_id, 0) >= grouping.most:
        raise Conflict(_("This group is full."), _("Choose another one."))
    _put(grouping, actor.identity_id, group_id)
    audit.record(actor, "choose_group", "course", grouping.course_id, grouping=grouping.id, group=group_id)


def deal_rest(*, actor: Actor | None, grouping: Grouping) -> int:
    """Put everybody who is in no group into the smallest, evenly by school; returns how many."""
    db.session.execute(select(Grouping.id).where(Grouping.id == grouping.id).with_for_update())
    found = arranged(grouping)
    counts = {group.id: len(members) for group, members in found.groups}
    shares: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for group, members in found.groups:
        for pupil in members:
            shares[pupil.identity.registration.organization_id][group.id] += 1
    placed = 0
    for pupil in CHANCE.sample(list(found.without), len(found.without)):
        own = shares[pupil.identity.registration.organization_id]
        group_id = smallest(counts, own, grouping.most)
        if group_id is not None:
            _put(grouping, pupil.identity.id, group_id)
            counts[group_id] += 1
            own[group_id] += 1
            placed += 1
    if placed:
        audit.record(actor, "deal_rest", "course", grouping.course_id, grouping=grouping.id, placed=placed)
    return placed


def place_newcomers(context_id: int | None = None) -> None:
    """Groups that take newcomers by themselves: of all courses, or of those a context takes part in."""
    statement = select(Grouping).where(Grouping.newcomers.is_(True)).order_by(Grouping.id)
    if context_id is not None:
        courses = select(Participation.course_id).where(
            Participation.context_id == context_id, Participation.state == ACTIVE
        )
        statement = statement.where(Grouping.course_id.in_(courses))
    for grouping in db.session.scalars(statement).unique().all():
        deal_rest(actor=None, grouping=grouping)


def use_groups(*, actor: Actor, activity: Activity, grouping: Grouping | None) -> None:
    """Let an activity use a set of groups of its own course, or none. Raises Invalid."""
    if grouping is not None and grouping.course_id != activity.course_id:
        raise Invalid({"grouping": _("Choose one.")})
    found = db.session.get(ActivityGrouping, activity.id)
    if (found.grouping_id if found else None) == (grouping.id if grouping else None):
        return
    if grouping is None:
        db.session.delete(found)
    elif found is None:
        db.session.add(ActivityGrouping(activity_id=activity.id, grouping_id=grouping.id))
    else:
        found.grouping_id = grouping.id
    facts = {"activity": activity.id, "grouping": grouping.id if grouping else None}
    audit.record(actor, "use_groups", "course", activity.course_id, **facts)


def _own_group(grouping: Grouping, group_id: int) -> Group | None:
    return db.session.scalar(select(Group).where(Group.id == group_id, Group.grouping_id == grouping.id))


def _put(grouping: Grouping, identity_id: int, group_id: int | None) -> None:
    key = (GroupMember.grouping_id == grouping.id, GroupMember.identity_id == identity_id)
    if group_id is None:
        execute(delete(GroupMember).where(*key).execution_options(synchronize_session=False))
        return
    values = {"grouping_id": grouping.id, "identity_id": identity_id, "group_id": group_id, "created_at": utcnow()}
    if not insert_if_absent(GroupMember, values):
        moved = update(GroupMember).where(*key).values(group_id=group_id)
        execute(moved.execution_options(synchronize_session=False))
