"""What a teacher can place in an LMS course through deep linking: its home, shared courses and their graded activities."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.contexts.models import ResourceLink
from lti_tool.core.db import db
from lti_tool.core.errors import Invalid
from lti_tool.courses.availability import in_order, published
from lti_tool.courses.models import Activity, SharedCourse
from lti_tool.courses.queries.courses import CourseLine, context_home
from lti_tool.courses.queries.paths import HOME
from lti_tool.courses.queries.scales import scales_of_context
from lti_tool.courses.seats.operations.joining import join_offered
from lti_tool.grades.scales import Scale
from lti_tool.people.actor import Actor


@dataclass(frozen=True)
class LinkChoice:
    """One thing that can become an activity of the LMS course."""

    content: str
    """Our custom parameter: `home`, `course:12` or `activity:40`."""
    title: str
    points: float | None = None
    """Maximum of the gradebook column that comes with it; None: no column."""
    resource_id: str = ""
    """Our name of that column."""
    placed: bool = False
    """A link of this LMS course opens it already."""


@dataclass(frozen=True)
class CourseChoices:
    """A shared course with what can be placed of it."""

    course: SharedCourse | CourseLine
    here: bool
    """False: choosing any of it lets this class take part."""
    choices: Sequence[LinkChoice]


@dataclass(frozen=True)
class Offers:
    """Everything a teacher can choose from."""

    home: LinkChoice
    courses: Sequence[CourseChoices] = ()

    def find(self, content: str) -> tuple[CourseChoices | None, LinkChoice] | None:
        """The choice with this content id, and the course it belongs to."""
        if content == self.home.content:
            return None, self.home
        return next(
            ((one, choice) for one in self.courses for choice in one.choices if choice.content == content), None
        )


def offers(actor: Actor, context_id: int | None) -> Offers:
    """What `actor`, a teacher, can place in the context; the home alone when the LMS named none. Five statements."""
    if context_id is None:
        return Offers(LinkChoice(HOME, _("Schools Together")))
    placed = set(db.session.scalars(select(ResourceLink.target).where(ResourceLink.context_id == context_id)))
    home = context_home(actor, context_id, tutoring=False)
    here = {each.course.id: each.course for each in home.courses}
    courses: dict[int, SharedCourse | CourseLine] = {**here}
    courses.update((course.id, course) for course in (*home.own, *home.offered))
    graded, scales = _graded(courses), scales_of_context(context_id)
    return Offers(
        LinkChoice(HOME, _("Schools Together"), placed=bool(placed & {HOME, ""})),
        [
            CourseChoices(
                course, course_id in here, _choices(course, graded.get(course_id, []), placed, scales.get(course_id))
            )
            for course_id, course in courses.items()
        ],
    )


def _graded(course_ids: Collection[int]) -> dict[int, list[Activity]]:
    statement = select(Activity).where(
        Activity.course_id.in_(course_ids),
        Activity.points.is_not(None),
        published(),
    )
    found: dict[int, list[Activity]] = {}
    for activity in db.session.scalars(statement.order_by(*in_order())).unique():
        found.setdefault(activity.course_id, []).append(activity)
    return found


def _choices(
    course: SharedCourse | CourseLine, activities: list[Activity], placed: set[str], scale: Scale | None
) -> list[LinkChoice]:
    whole = f"course:{course.id}"
    found = [LinkChoice(whole, course.title, placed=whole in placed)]
    for activity in activities:
        content = f"activity:{activity.id}"
        points = scale.maximum(activity.points) if scale and activity.points else activity.points
        choice = LinkChoice(content, activity.title, points, activity.resource_id, content in placed)
        found.append(choice)
    return found


def bring_in(*, actor: Actor, context_id: int | None, contents: Collection[str]) -> list[LinkChoice]:
    """The chosen things in the order they are offered; courses new to this class are joined. Raises Invalid."""
    offered = offers(actor, context_id)
    found = [offered.find(content) for content in dict.fromkeys(contents)]
    if not found or None in found:
        raise Invalid({"content": _("Choose something from the list.")})
    chosen = [pair for pair in found if pair is not None]
    joining = {course.course.id for course, _choice in chosen if course is not None and not course.here}
    for course_id in sorted(joining):
        assert context_id is not None
        join_offered(actor=actor, context_id=context_id, course_id=course_id)
    order = [offered.home.content, *(choice.content for one in offered.courses for choice in one.choices)]
    return sorted((choice for _course, choice in chosen), key=lambda choice: order.index(choice.content))
