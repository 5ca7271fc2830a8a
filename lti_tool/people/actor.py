"""Who acts: one frozen value per request, made from the session of the launch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Support:
    """A support access that goes on: an operator sees one organization's pages, reading only."""

    id: int
    organization_id: int
    organization_name: str
    until: datetime


@dataclass(frozen=True)
class Actor:
    """A signed-in person as one registration knows them, a guest invited by name, or a hub operator.

    `roles` maps the ids of contexts launched in this session to TEACHER or LEARNER of contexts.models.
    """

    person_id: int
    identity_id: int | None = None
    registration_id: int | None = None
    organization_id: int | None = None
    context_id: int | None = None
    """Of the newest launch."""
    roles: Mapping[int, str] = field(default_factory=dict)
    administers: int | None = None
    """The registration whose site administrator launched, else None."""
    coordinates: bool = False
    """Coordinator of `organization_id`, confirmed."""
    is_operator: bool = False
    support: Support | None = None
    """An operator's support access that goes on. Their own rights are set aside: `is_operator` is False, and there is
    no `organization_id`, so that only rules that name support say yes."""
    guest_id: int | None = None
    """Of somebody invited by name, who comes from no LMS: `identity_id` is None and `roles` are empty."""
    is_pupil: bool = False
    """Came in as neither a teacher, nor an administrator, nor a coordinator: a guardian may have to agree."""
    held: str = ""
    """Why the privacy gate holds this person back: a reason of people.privacy.gate, or nothing."""
    unread_notice: bool = False
    """A note shall lead to the privacy notice."""
    unread: int = 0
    """Notices not read yet; see people.notices."""
    display_name: str = ""
    """Their own name, for themselves."""
    organization_name: str = ""

    @property
    def is_partner(self) -> bool:
        """An external partner: a guest with the least rights."""
        return self.guest_id is not None and not self.coordinates

    @property
    def supports(self) -> int | None:
        """The organization whose pages are seen in a support access."""
        return self.support.organization_id if self.support else None

    @property
    def sees_organization_id(self) -> int | None:
        """The organization whose pages this is about: the own one, or the one that is supported."""
        return self.organization_id if self.support is None else self.support.organization_id

    def is_teacher(self, context_id: int | None = None) -> bool:
        """Teacher in this context; in any launched one when none is named."""
        if context_id is None:
            return "teacher" in self.roles.values()
        return self.roles.get(context_id) == "teacher"

    def is_learner(self, context_id: int) -> bool:
        return self.roles.get(context_id) == "learner"
