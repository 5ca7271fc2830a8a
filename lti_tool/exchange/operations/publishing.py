"""Adding a resource, changing it, making versions of it, retiring it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask_babel import gettext as _
from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.errors import Conflict, Invalid
from lti_tool.core.versions import step
from lti_tool.exchange.licences import LICENCES, OWN_TERMS, SCHOOL_ONLY, Outcome, Source, of_remix
from lti_tool.exchange.models import (
    COLLECTION,
    DRAFT,
    FILE,
    LINK,
    OWN,
    PACKAGE,
    PAGE,
    PUBLIC,
    PUBLISHED,
    RETIRED,
    CollectionItem,
    Resource,
    ResourceAuthor,
    ResourceFile,
    ResourceOrigin,
    ResourceVersion,
)
from lti_tool.exchange.search.operations import index_resource
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import release
from lti_tool.people.actor import Actor

MOST_FILES = 20
MOST_AUTHORS = 20


@dataclass(frozen=True)
class Credited:
    """An author as they wish to be named; `person_id` when they are known here and may edit."""

    name: str
    organization: str = ""
    person_id: int | None = None


@dataclass(frozen=True)
class Description:
    """What is said about a resource."""

    title: str
    licence: str
    visibility: str
    summary: str = ""
    language: str = "ru"
    terms: str = ""
    subjects: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    tags: tuple[int, ...] = ()
    minutes: int | None = None
    funding: str = ""
    accessibility: str = ""
    points: float | None = None


@dataclass(frozen=True)
class Content:
    """What a version holds."""

    body: str = ""
    url: str = ""
    files: tuple[int, ...] = ()
    """Ids of stored files, in their order."""


def content_of(version: ResourceVersion) -> Content:
    """What a stored version holds."""
    return Content(version.body, version.url, tuple(each.file_id for each in version.files))


def add(
    *,
    actor: Actor,
    organization_id: int,
    kind: str,
    description: Description,
    content: Content,
    authors: Sequence[Credited] = (),
) -> Resource:
    """A draft that only its authors see. Raises Invalid."""
    check_description(organization_id, (), description)
    resource = Resource(organization_id=organization_id, person_id=actor.person_id, kind=kind)
    _describe(resource, description)
    db.session.add(resource)
    db.session.flush()
    set_authors(resource, authors or (Credited(actor.display_name, actor.organization_name, actor.person_id),))
    _new_version(actor, resource, content, "")
    audit.record(actor, "resource.add", "resource", resource.id, kind=kind)
    return resource


def edit(
    *,
    actor: Actor,
    resource: Resource,
    seen: int,
    description: Description,
    content: Content,
    authors: Sequence[Credited],
    note: str = "",
) -> bool:
    """Change a resource; True when that made a new version. Raises Outdated and Invalid.

    A draft has one version. A published one gets another when what it holds, or its licence, is changed.
    """
    check_description(resource.organization_id, resource.origins, description)
    if resource.state == PUBLISHED:
        check_content(resource.kind, content)
    step(resource, seen, changed_at=utcnow())
    newest = newest_version(resource)
    differs = content_of(newest) != content or newest.licence != description.licence
    _describe(resource, description)
    set_authors(resource, authors)
    if resource.state == DRAFT:
        before = content_of(newest).files
        _fill(newest, content, description)
        release_unused(actor, before)
    elif differs:
        resource.number += 1
        _new_version(actor, resource, content, note)
    _note_public(resource)
    db.session.flush()
    index_resource(resource)
    made = differs and resource.state != DRAFT
    audit.record(
        actor, "resource.edit", "resource", resource.id, concerns=resource.organization_id, number=resource.number
    )
    return made


def publish(*, actor: Actor, resource: Resource) -> None:
    """Let everybody it is meant for find it; also brings back a retired one. Raises Invalid."""
    if resource.state == PUBLISHED:
        return
    check_content(resource.kind, content_of(newest_version(resource)))
    resource.state, resource.withdrawn, resource.retired_reason, resource.forward_id = PUBLISHED, False, "", None
    resource.published_at = resource.published_at or utcnow()
    resource.changed_at = utcnow()
    resource.version += 1
    _note_public(resource)
    index_resource(resource)
    audit.record(actor, "resource.publish", "resource", resource.id, concerns=resource.organization_id)


def retire(*, actor: Actor, resource: Resource, reason: str, forward: Resource | None, withdrawn: bool) -> None:
    """Take it out of the exchange; classes that use it keep it unless it is `withdrawn`. Raises Conflict and Invalid."""
    if resource.state == DRAFT:
        raise Conflict(_("A draft cannot be retired: delete it."))
    if forward is not None and _leads_back(forward, resource):
        raise Invalid({"forward": _("That one has been retired in favour of this one.")})
    resource.state, resource.withdrawn, resource.retired_reason = RETIRED, withdrawn, reason
    resource.forward_id = forward.id if forward else None
    resource.changed_at = utcnow()
    resource.version += 1
    index_resource(resource)
    audit.record(
        actor, "resource.retire", "resource", resource.id, concerns=resource.organization_id, withdrawn=withdrawn
    )


def _leads_back(forward: Resource, resource: Resource) -> bool:
    seen: set[int] = set()
    at: Resource | None = forward
    while at is not None and at.id not in seen:
        if at.id == resource.id:
            return True
        seen.add(at.id)
        at = at.forward if at.state == RETIRED else None
    return False


def discard(*, actor: Actor, resource: Resource) -> None:
    """Throw a draft away that nobody else has seen. Raises Conflict."""
    if resource.state != DRAFT or resource.published_at is not None:
        raise Conflict(_("Only a draft can be deleted. Retire what has been published."))
    before = [each.file_id for version in resource.versions for each in version.files]
    for version in resource.versions:
        for file in version.files:
            db.session.delete(file)
        db.session.delete(version)
    for item in db.session.scalars(select(CollectionItem).where(CollectionItem.collection_id == resource.id)):
        db.session.delete(item)
    for origin in resource.origins:
        db.session.delete(origin)
    db.session.flush()
    audit.record(actor, "resource.discard", "resource", resource.id)
    db.session.delete(resource)
    db.session.flush()
    release_unused(actor, before)


def release_unused(actor: audit.Acting, idents: Sequence[int]) -> None:
    """Remove files that no version of any resource holds any more."""
    held = select(ResourceFile.id).where(ResourceFile.file_id == StoredFile.id)
    unused = select(StoredFile).where(StoredFile.id.in_(idents), ~held.exists())
    release(actor=actor, files=db.session.scalars(unused).all())


def adapt(*, actor: Actor, organization_id: int, resource: Resource, number: int | None = None) -> Resource:
    """A draft of the own organization that begins as a copy and names what it was made from. Raises Invalid."""
    outcome = of_remix([source_of(resource, organization_id)])
    if not outcome.allowed:
        raise Invalid({"licence": outcome.reason})
    version = version_of(resource, number or resource.number)
    licence = resource.licence if resource.licence in outcome.allowed else outcome.allowed[0]
    copied = replace(
        described(resource), licence=licence, visibility=OWN if licence == SCHOOL_ONLY else resource.visibility
    )
    made = add(
        actor=actor,
        organization_id=organization_id,
        kind=resource.kind,
        description=replace(copied, tags=()),
        content=content_of(version),
    )
    credit_origin(made, resource, version)
    audit.record(actor, "resource.adapt", "resource", made.id, concerns=resource.organization_id, origin=resource.id)
    return made


def credit_origin(made: Resource, origin: Resource, version: ResourceVersion) -> None:
    """Keep what a resource was made from, as it was then."""
    row = ResourceOrigin(
        resource_id=made.id,
        origin_id=origin.id,
        number=version.number,
        title=version.title,
        authors=", ".join(each.name for each in origin.authors) or origin.organization.name,
        licence=version.licence,
    )
    db.session.add(row)
    db.session.flush()


def add_origin(*, actor: Actor, resource: Resource, title: str, authors: str, url: str, licence: str) -> None:
    """Name a work from elsewhere that this one is made from. Raises Invalid where the licences do not go together."""
    known = [*resource.origins, ResourceOrigin(title=title, licence=licence)]
    check_description(resource.organization_id, known, described(resource))
    row = ResourceOrigin(resource_id=resource.id, title=title, authors=authors, url=url, licence=licence)
    db.session.add(row)
    resource.changed_at = utcnow()
    db.session.flush()
    audit.record(actor, "resource.credit", "resource", resource.id, licence=licence)


def remix_outcome(organization_id: int, origins: Sequence[ResourceOrigin]) -> Outcome:
    """What a resource with these origins may be licensed under."""
    return of_remix([_source(each, organization_id) for each in origins])


def source_of(resource: Resource, organization_id: int) -> Source:
    """A resource as something that `organization_id` makes another one from."""
    return Source(resource.title, resource.licence, ours=resource.organization_id == organization_id)


def _source(origin: ResourceOrigin, organization_id: int) -> Source:
    ours = origin.origin is not None and origin.origin.organization_id == organization_id
    return Source(origin.title, origin.licence, ours)


def described(resource: Resource) -> Description:
    """What is said about a stored resource."""
    return Description(
        title=resource.title,
        licence=resource.licence,
        visibility=resource.visibility,
        summary=resource.summary,
        language=resource.language,
        terms=resource.terms,
        subjects=tuple(resource.subjects),
        levels=tuple(resource.levels),
        uses=tuple(resource.uses),
        keywords=tuple(resource.keywords),
        tags=tuple(resource.tags),
        minutes=resource.minutes,
        funding=resource.funding,
        accessibility=resource.accessibility,
        points=resource.points,
    )


def check_description(organization_id: int, origins: Sequence[ResourceOrigin], description: Description) -> None:
    """Raises Invalid when licence, audience and terms do not go together."""
    outcome = remix_outcome(organization_id, origins)
    if not outcome.allowed:
        raise Invalid({"licence": outcome.reason})
    if description.licence not in outcome.allowed:
        names = ", ".join(str(LICENCES[code].short or LICENCES[code].name) for code in outcome.allowed)
        raise Invalid({"licence": _("What it is made from allows only: %(licences)s.", licences=names)})
    if description.licence == SCHOOL_ONLY and description.visibility != OWN:
        raise Invalid({"visibility": _("“Only for use in our school” can be shown to your own organization only.")})
    if description.licence == OWN_TERMS and not description.terms:
        raise Invalid({"terms": _("Write what is allowed.")})


def check_content(kind: str, content: Content) -> None:
    """Raises Invalid when there is nothing in it yet."""
    if len(content.files) > MOST_FILES:
        raise Invalid({"files": _("At most %(limit)d files fit into one resource.", limit=MOST_FILES)})
    missing = {
        FILE: not content.files and ("files", _("Choose at least one file.")),
        PACKAGE: not content.files and ("files", _("Choose the package's file.")),
        LINK: not content.url and ("url", _("Write the address.")),
        PAGE: not content.body and ("body", _("Write the text.")),
        COLLECTION: False,
    }[kind]
    if missing:
        raise Invalid(dict([missing]))


def _note_public(resource: Resource) -> None:
    if resource.state == PUBLISHED and resource.visibility == PUBLIC and resource.public_at is None:
        resource.public_at = utcnow()


def _describe(resource: Resource, description: Description) -> None:
    for name, value in vars(description).items():
        setattr(resource, name, list(value) if isinstance(value, tuple) else value)
    resource.changed_at = utcnow()


def set_authors(resource: Resource, authors: Sequence[Credited]) -> None:
    """Name these authors, in this order; who is known here keeps the right to edit."""
    known = {each.name: each.person_id for each in resource.authors}
    resource.authors = [
        ResourceAuthor(
            position=position,
            name=each.name,
            organization=each.organization,
            person_id=each.person_id or known.get(each.name),
        )
        for position, each in enumerate(authors[:MOST_AUTHORS])
    ]
    db.session.flush()


def _new_version(actor: Actor, resource: Resource, content: Content, note: str) -> None:
    version = ResourceVersion(
        resource_id=resource.id, number=resource.number, person_id=actor.person_id, note=note, title="", licence=""
    )
    db.session.add(version)
    _fill(version, content, described(resource))


def _fill(version: ResourceVersion, content: Content, description: Description) -> None:
    version.title, version.licence = description.title, description.licence
    version.body, version.url = content.body, content.url
    for file in version.files:
        db.session.delete(file)
    db.session.flush()
    version.files = [ResourceFile(position=position, file_id=ident) for position, ident in enumerate(content.files)]
    db.session.flush()


def newest_version(resource: Resource) -> ResourceVersion:
    """The version people get."""
    return version_of(resource, resource.number)


def version_of(resource: Resource, number: int) -> ResourceVersion:
    """A version by its number; the newest when there is none such."""
    statement = select(ResourceVersion).where(ResourceVersion.resource_id == resource.id)
    found = db.session.scalar(statement.where(ResourceVersion.number == number))
    if found is None:
        found = db.session.scalars(statement.order_by(ResourceVersion.number.desc())).first()
    assert found is not None
    return found
