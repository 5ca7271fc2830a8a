"""Resources that organizations share: descriptions, versions with their files, authors, origins, and where they are used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_tool.contexts.models import Context
from lti_tool.core.db import Base, Dated, utcnow
from lti_tool.files.models import StoredFile
from lti_tool.organizations.models import Organization

FILE, LINK, PAGE, PACKAGE, COLLECTION = "file", "link", "page", "package", "collection"
KINDS = (FILE, LINK, PAGE, PACKAGE, COLLECTION)
"""Files; an address; a text written here; a package of an authoring tool or an LMS; an ordered list of resources."""
DRAFT, PUBLISHED, RETIRED = "draft", "published", "retired"
OWN, PARTNERS, HUB, PUBLIC = "own", "partners", "hub", "public"
VISIBILITIES = (OWN, PARTNERS, HUB, PUBLIC)
"""The own organization; its partners under an agreement in force; everybody in the hub; everybody, signed in or not."""


PURPOSE = "exchange"
"""Of stored files: published material is its organization's."""


class Resource(Dated, Base):
    """Something a teacher can use, as people find it; what it holds is in its versions.

    draft → published → retired → published. The newest version is `number`.
    """

    __tablename__ = "resource"
    __table_args__ = (
        Index(None, "organization_id", "state"),
        Index(None, "person_id"),
        Index(None, "changed_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    """Whose it is."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who added it; None: the tool itself, such as a harvest."""
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    visibility: Mapped[str] = mapped_column(String(10), default=HUB)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(5), default="ru")
    licence: Mapped[str] = mapped_column(String(20))
    """A code of licences.py."""
    terms: Mapped[str] = mapped_column(Text, default="")
    """What the owner allows, for the licence `own`."""
    subjects: Mapped[list[str]] = mapped_column(JSON, default=list)
    levels: Mapped[list[str]] = mapped_column(JSON, default=list)
    uses: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Codes of vocabularies.py: school subjects, grades and other levels, kinds of use."""
    keywords: Mapped[list[str]] = mapped_column(JSON, default=list)
    tags: Mapped[list[int]] = mapped_column(JSON, default=list)
    """Ids of terms of organizations' own vocabularies."""
    minutes: Mapped[int | None]
    """How long it takes in class."""
    funding: Mapped[str] = mapped_column(String(300), default="")
    accessibility: Mapped[str] = mapped_column(Text, default="")
    points: Mapped[float | None]
    """Maximum of the gradebook column a class may have for it; None: nothing to grade."""
    number: Mapped[int] = mapped_column(default=1)
    """Of the newest version."""
    version: Mapped[int] = mapped_column(default=1)
    """Optimistic lock."""
    published_at: Mapped[datetime | None]
    catalogue: Mapped[str] = mapped_column(String(200), default="")
    """The name of the catalogue a harvest brought it from, as it was then."""
    public_at: Mapped[datetime | None] = mapped_column(index=True)
    """When it was first open to everybody: catalogues that took it are told when it no longer is."""
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
    retired_reason: Mapped[str] = mapped_column(String(500), default="")
    forward_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    """What to use instead of a retired one."""
    withdrawn: Mapped[bool] = mapped_column(default=False)
    """Retired also for classes that use it."""
    used: Mapped[int] = mapped_column(default=0)
    """LMS courses it was placed in."""
    rating_count: Mapped[int] = mapped_column(default=0)
    rating_total: Mapped[int] = mapped_column(default=0)

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)
    versions: Mapped[list[ResourceVersion]] = relationship(
        back_populates="resource", order_by="ResourceVersion.number.desc()"
    )
    authors: Mapped[list[ResourceAuthor]] = relationship(
        back_populates="resource", order_by="ResourceAuthor.position", cascade="all, delete-orphan"
    )
    origins: Mapped[list[ResourceOrigin]] = relationship(
        back_populates="resource", foreign_keys="ResourceOrigin.resource_id", order_by="ResourceOrigin.id"
    )
    forward: Mapped[Resource | None] = relationship(remote_side=[id])

    @property
    def rating(self) -> float | None:
        """Mean of the ratings, from 1 to 5."""
        return self.rating_total / self.rating_count if self.rating_count else None


class ResourceVersion(Dated, Base):
    """What a resource holds, as of one number; never changed once published."""

    __tablename__ = "resource_version"
    __table_args__ = (
        UniqueConstraint("resource_id", "number"),
        Index(None, "url", postgresql_using="hash"),  # an address may be longer than an ordered index takes
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    number: Mapped[int]
    """Counts from 1."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    note: Mapped[str] = mapped_column(String(500), default="")
    """What is new in it."""
    title: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(20))
    body: Mapped[str] = mapped_column(Text, default="")
    """Markdown of a page, or words about the content of another kind."""
    url: Mapped[str] = mapped_column(String(1000), default="")

    resource: Mapped[Resource] = relationship(back_populates="versions")
    files: Mapped[list[ResourceFile]] = relationship(back_populates="version", order_by="ResourceFile.position")


class ResourceFile(Base):
    """A file of one version; versions and adaptations share files."""

    __tablename__ = "resource_file"
    __table_args__ = (Index(None, "version_id", "position"), Index(None, "file_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("resource_version.id"))
    position: Mapped[int] = mapped_column(default=0)
    file_id: Mapped[int] = mapped_column(ForeignKey("stored_file.id"))

    version: Mapped[ResourceVersion] = relationship(back_populates="files")
    file: Mapped[StoredFile] = relationship(lazy="joined", innerjoin=True)


class ResourceAuthor(Base):
    """Somebody to be named as author, as they wish to be named."""

    __tablename__ = "resource_author"
    __table_args__ = (Index(None, "resource_id", "position"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    position: Mapped[int] = mapped_column(default=0)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """When it is somebody known here, who may then edit the resource."""
    name: Mapped[str] = mapped_column(String(200))
    organization: Mapped[str] = mapped_column(String(200), default="")

    resource: Mapped[Resource] = relationship(back_populates="authors")


class ResourceOrigin(Dated, Base):
    """What a resource was made from: another resource here, or a work from elsewhere."""

    __tablename__ = "resource_origin"
    __table_args__ = (UniqueConstraint("resource_id", "origin_id"), Index(None, "origin_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    number: Mapped[int | None]
    """The version that was taken."""
    title: Mapped[str] = mapped_column(String(200))
    authors: Mapped[str] = mapped_column(String(500), default="")
    url: Mapped[str] = mapped_column(String(1000), default="")
    """Of a work from elsewhere."""
    licence: Mapped[str] = mapped_column(String(20))
    """Title, authors and licence as they were then: the credit stays right whatever becomes of the original."""
    changes: Mapped[str] = mapped_column(String(500), default="")

    resource: Mapped[Resource] = relationship(back_populates="origins", foreign_keys=[resource_id])
    origin: Mapped[Resource | None] = relationship(foreign_keys=[origin_id])


class ResourceUse(Dated, Base):
    """A resource placed in an LMS course: its people may open it there."""

    __tablename__ = "resource_use"
    __table_args__ = (
        UniqueConstraint("resource_id", "context_id"),
        Index(None, "context_id"),
        Index(None, "organization_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """The teacher who placed it."""
    pinned: Mapped[int | None]
    """The version the class stays with; None: always the newest."""
    seen_number: Mapped[int]
    """The newest version when the teacher last looked: a higher one is news."""

    resource: Mapped[Resource] = relationship(lazy="joined", innerjoin=True)
    context: Mapped[Context] = relationship()


class CollectionItem(Base):
    """A place in a collection."""

    __tablename__ = "collection_item"
    __table_args__ = (UniqueConstraint("collection_id", "resource_id"), Index(None, "resource_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    collection_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    position: Mapped[int]
    note: Mapped[str] = mapped_column(String(500), default="")
    """Why it is here, or how to use it."""

    resource: Mapped[Resource] = relationship(foreign_keys=[resource_id])


class CompletedWork(Dated, Base):
    """A pupil's word that a graded resource has been worked through; it gives the points of its column."""

    __tablename__ = "resource_completion"
    __table_args__ = (UniqueConstraint("resource_id", "context_id", "identity_id"), Index(None, "identity_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    context_id: Mapped[int] = mapped_column(ForeignKey("context.id"))
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id"))


class Vocabulary(Dated, Base):
    """An own list of curriculum topics or other terms; an organization's, or the hub's for everybody."""

    __tablename__ = "vocabulary"
    __table_args__ = (Index(None, "organization_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id"))
    name: Mapped[str] = mapped_column(String(200))
    version: Mapped[int] = mapped_column(default=1)

    terms: Mapped[list[Term]] = relationship(back_populates="vocabulary", order_by="Term.position")


class Term(Base):
    """One term of an own vocabulary; a removed one stays for the resources that have it."""

    __tablename__ = "vocabulary_term"
    __table_args__ = (Index(None, "vocabulary_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    vocabulary_id: Mapped[int] = mapped_column(ForeignKey("vocabulary.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    removed: Mapped[bool] = mapped_column(default=False)

    vocabulary: Mapped[Vocabulary] = relationship(back_populates="terms")
