"""What this feature holds about a person: which LMS courses they are in, and how that changed."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from lti_tool.contexts.models import Context, Membership, MembershipEvent
from lti_tool.contexts.wording import role_name
from lti_tool.core.db import run
from lti_tool.people.belongings import queries
from lti_tool.people.belongings.registry import Subject, holds

MOST_NAMED = 5
"""LMS courses named in a warning."""
_KINDS: dict[str, Any] = {
    "joined": _l("joined"),
    "left": _l("left"),
    "returned": _l("came back"),
    "role_changed": _l("role changed"),
}
_COURSE, _ROLE_IN_LIST = _l("LMS course"), _l("Role in the list of participants")


def register() -> None:
    """Tell what is held."""
    holds(
        Membership.identity_id,
        _l("LMS courses the person is in"),
        told=select(_title(Membership.context_id), Membership.launch_role, Membership.launched_at).add_columns(
            Membership.roster_role, Membership.home_groups, Membership.status, Membership.left_at, Membership.created_at
        ),
        words={
            "course": _COURSE,
            "launch_role": _l("Role on entering"),
            "launched_at": _l("Came in last"),
            "roster_role": _ROLE_IN_LIST,
            "home_groups": _l("Numbers of groups"),
            "status": _l("State"),
            "left_at": _l("Left"),
            "created_at": _l("Since"),
        },
        said={"launch_role": role_name, "roster_role": role_name},
    )
    holds(
        MembershipEvent.identity_id,
        _l("Changes in lists of participants"),
        told=select(_title(MembershipEvent.context_id), MembershipEvent.at, MembershipEvent.kind).add_columns(
            MembershipEvent.old_role, MembershipEvent.new_role
        ),
        words={
            "course": _COURSE,
            "at": _l("When"),
            "kind": _l("What"),
            "old_role": _l("Role before"),
            "new_role": _l("Role since"),
        },
        said={"kind": lambda kind: _KINDS.get(kind, kind), "old_role": role_name, "new_role": role_name},
    )
    queries.warn(still_listed)


def still_listed(subject: Subject) -> list[Any]:
    """LMS courses whose list of participants names the person: the next one brings them back unless they are kept out."""
    listed = (
        select(Context.title)
        .join(Membership, Membership.context_id == Context.id)
        .where(Membership.identity_id.in_(subject.identity_ids), Membership.status == "active")
        .where(Context.memberships_url.is_not(None), Membership.roster_role.is_not(None))
        .order_by(Context.title)
    )
    titles = [title or _("a course without a title") for title in run(listed).scalars()]
    if not titles:
        return []
    named = ", ".join(titles[:MOST_NAMED]) + (" …" if len(titles) > MOST_NAMED else "")
    told = _("Your LMS still lists the person in: %(courses)s. Take them out there first, or choose to keep them out.")
    return [told % {"courses": named}]


def _title(column: InstrumentedAttribute[int]) -> ColumnElement[str]:
    return select(Context.title).where(Context.id == column).scalar_subquery().label("course")
