"""What the small LMS remembers: people, courses, activities, the gradebook, tools and short-lived records.

Times are whole seconds since 1970 (UTC), because the gradebook compares in whole seconds.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

TEACHER, ASSISTANT, PUPIL = "teacher", "assistant", "pupil"
ROLES = (TEACHER, ASSISTANT, PUPIL)
PENDING, ACTIVE = "pending", "active"


class Base(DeclarativeBase):
    """Tables of one school; a database file belongs to one school only."""

    type_annotation_map: ClassVar = {dict[str, Any]: JSON, list[str]: JSON, list[dict[str, Any]]: JSON}


class Person(Base):
    """A pupil, a teacher or the site administrator."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str]
    sourcedid: Mapped[str] = mapped_column(default="")
    site_admin: Mapped[bool] = mapped_column(default=False)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Course(Base):
    """A course of the LMS: what LTI calls a context."""

    __tablename__ = "course"
    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str]
    title: Mapped[str]
    idnumber: Mapped[str] = mapped_column(default="")
    started_at: Mapped[int]
    history: Mapped[str] = mapped_column(default="")
    links: Mapped[list[Link]] = relationship(back_populates="course", order_by="Link.id")
    enrolments: Mapped[list[Enrolment]] = relationship(back_populates="course", order_by="Enrolment.person_id")


class Enrolment(Base):
    """One person in one course with one role."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("course_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str]
    suspended: Mapped[bool] = mapped_column(default=False)
    course: Mapped[Course] = relationship(back_populates="enrolments")
    person: Mapped[Person] = relationship()


class Group(Base):
    """A group inside a course; its pupils are in GroupMember."""

    __tablename__ = "course_group"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    name: Mapped[str]


class GroupMember(Base):
    """One person in one group."""

    __tablename__ = "group_member"
    group_id: Mapped[int] = mapped_column(ForeignKey("course_group.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)


class Tool(Base):
    """A registered tool. Its id is the deployment id as well, as in Moodle."""

    __tablename__ = "tool"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    client_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default=PENDING)
    in_chooser: Mapped[bool] = mapped_column(default=False)
    initiate_login_uri: Mapped[str]
    redirect_uris: Mapped[list[str]]
    jwks_uri: Mapped[str]
    target_link_uri: Mapped[str]
    deep_link_uri: Mapped[str] = mapped_column(default="")
    deep_linking: Mapped[bool] = mapped_column(default=False)
    domain: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    logo_uri: Mapped[str] = mapped_column(default="")
    custom: Mapped[str] = mapped_column(default="")
    scopes: Mapped[list[str]]
    send_name: Mapped[bool] = mapped_column(default=True)
    send_email: Mapped[bool] = mapped_column(default=True)

    @property
    def origin(self) -> str:
        """Scheme, host and port of the tool's pages."""
        scheme, _, rest = self.target_link_uri.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"


class Link(Base):
    """An external tool activity on a course page: what LTI calls a resource link."""

    __tablename__ = "link"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    url: Mapped[str] = mapped_column(default="")
    custom: Mapped[str] = mapped_column(default="")
    hidden: Mapped[bool] = mapped_column(default=False)
    course: Mapped[Course] = relationship(back_populates="links")
    tool: Mapped[Tool] = relationship()
    own_items: Mapped[list[GradeItem]] = relationship(back_populates="link")


class GradeItem(Base):
    """A column of the gradebook; `link_id` is set while it is an activity's own column."""

    __tablename__ = "grade_item"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id"))
    label: Mapped[str]
    maximum: Mapped[float]
    resource_link_id: Mapped[str] = mapped_column(default="")
    resource_id: Mapped[str] = mapped_column(default="")
    tag: Mapped[str] = mapped_column(default="")
    review: Mapped[dict[str, Any] | None]
    locked: Mapped[bool] = mapped_column(default=False)
    course: Mapped[Course] = relationship()
    tool: Mapped[Tool] = relationship()
    link: Mapped[Link | None] = relationship(back_populates="own_items")
    grades: Mapped[list[Grade]] = relationship(
        back_populates="item", cascade="all, delete-orphan", order_by="Grade.person_id"
    )


class Grade(Base):
    """A cell: what the tool sent (`raw`) and what the gradebook shows (`final`)."""

    __tablename__ = "grade"
    __table_args__ = (UniqueConstraint("item_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("grade_item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    raw: Mapped[float | None]
    final: Mapped[float | None]
    comment: Mapped[str] = mapped_column(default="")
    overridden: Mapped[bool] = mapped_column(default=False)
    modified_at: Mapped[int] = mapped_column(default=0)
    item: Mapped[GradeItem] = relationship(back_populates="grades")
    person: Mapped[Person] = relationship()


class Launch(Base):
    """A launch that has begun: the authorization request must name it, once, within minutes."""

    __tablename__ = "launch"
    id: Mapped[str] = mapped_column(primary_key=True)
    message: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("link.id"))
    for_user_id: Mapped[int | None]
    target: Mapped[str]
    container: Mapped[str]
    as_pupil: Mapped[bool] = mapped_column(default=False)
    began_at: Mapped[int]
    person: Mapped[Person] = relationship()
    course: Mapped[Course] = relationship()
    tool: Mapped[Tool] = relationship()
    link: Mapped[Link | None] = relationship()


class Draft(Base):
    """What a tool returned through deep linking and a teacher has not saved yet."""

    __tablename__ = "draft"
    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    items: Mapped[list[dict[str, Any]]]
    message: Mapped[str] = mapped_column(default="")
    error: Mapped[str] = mapped_column(default="")
    course: Mapped[Course] = relationship()
    tool: Mapped[Tool] = relationship()


class AccessToken(Base):
    """A bearer token given to a tool for its services."""

    __tablename__ = "access_token"
    value: Mapped[str] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tool.id"))
    scopes: Mapped[list[str]]
    expires_at: Mapped[int]
    tool: Mapped[Tool] = relationship()


class UsedOnce(Base):
    """A value that was accepted and must not be accepted again."""

    __tablename__ = "used_once"
    value: Mapped[str] = mapped_column(primary_key=True)
    used_at: Mapped[int]


class SigningKey(Base):
    """A private key of the platform; the newest one signs, all rows are published."""

    __tablename__ = "signing_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(unique=True)
    pem: Mapped[str]


class Setting(Base):
    """One value of the switches page."""

    __tablename__ = "setting"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
