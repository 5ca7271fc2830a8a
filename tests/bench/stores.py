"""What the floor and the pylti1p3 tool share: the least code that stores the same facts, and the same page.

The page is rendered from the product's own templates, so that what is compared is everything around it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask, g, render_template, request, session
from sqlalchemy import (
    JSON,
    Column,
    DateTime,
    Engine,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)

from lti_tool.contexts.queries import Entered
from lti_tool.courses.queries.courses import ContextHome
from lti_tool.people.actor import Actor
from tests.bench.driver import LTI

CSRF = "0" * 40

metadata = MetaData(schema=None)


def _id() -> Column[Any]:
    return Column("id", Integer, primary_key=True)


registration = Table(
    "floor_registration",
    metadata,
    _id(),
    Column("issuer", String(255), index=True),
    Column("client_id", String(255)),
    Column("auth_url", String(255)),
    Column("deployment_id", String(255)),
)
used_state = Table("floor_used_state", metadata, Column("state", String(200), primary_key=True))
identity = Table(
    "floor_identity",
    metadata,
    _id(),
    Column("registration_id", ForeignKey("floor_registration.id")),
    Column("sub", String(255)),
    Column("name", String(255)),
    Column("seen_at", DateTime),
    UniqueConstraint("registration_id", "sub"),
)
context = Table(
    "floor_context",
    metadata,
    _id(),
    Column("registration_id", ForeignKey("floor_registration.id")),
    Column("lms_id", String(255)),
    Column("title", String(255)),
    UniqueConstraint("registration_id", "lms_id"),
)
link = Table(
    "floor_link",
    metadata,
    _id(),
    Column("context_id", ForeignKey("floor_context.id")),
    Column("lms_id", String(255)),
    Column("title", String(255)),
    UniqueConstraint("context_id", "lms_id"),
)
membership = Table(
    "floor_membership",
    metadata,
    _id(),
    Column("context_id", ForeignKey("floor_context.id")),
    Column("identity_id", ForeignKey("floor_identity.id")),
    Column("role", String(20)),
    UniqueConstraint("context_id", "identity_id"),
)
audit = Table("floor_audit", metadata, _id(), Column("at", DateTime), Column("verb", String(50)), Column("facts", JSON))


def store(connection: Any, registration_id: int, claims: dict[str, Any]) -> tuple[int, int]:
    """Person, context, link, membership and a line of the audit trail; (identity id, context id)."""
    now = datetime.now(UTC).replace(tzinfo=None)
    name, course, place = claims["name"], claims[f"{LTI}/context"], claims[f"{LTI}/resource_link"]
    identity_id = _found(
        connection, identity, {"registration_id": registration_id, "sub": claims["sub"]}, {"name": name, "seen_at": now}
    )
    context_id = _found(
        connection, context, {"registration_id": registration_id, "lms_id": course["id"]}, {"title": course["title"]}
    )
    _found(connection, link, {"context_id": context_id, "lms_id": place["id"]}, {"title": place["title"]})
    _found(connection, membership, {"context_id": context_id, "identity_id": identity_id}, {"role": "learner"})
    facts = {"identity": identity_id, "context": context_id, "roles": claims[f"{LTI}/roles"]}
    connection.execute(insert(audit).values(at=now, verb="launch", facts=facts))
    return identity_id, context_id


def _found(connection: Any, table: Table, keys: dict[str, Any], rest: dict[str, Any]) -> int:
    """The row's id, made when it is new and changed when what varies has changed; a time alone is no change."""
    row = connection.execute(select(table).filter_by(**keys)).first()
    if row is None:
        return int(connection.execute(insert(table).values(**keys, **rest)).inserted_primary_key[0])
    if any(getattr(row, column) != value for column, value in rest.items() if column != "seen_at"):
        connection.execute(update(table).where(table.c.id == row.id).values(**rest))
    return int(row.id)


def page_of(product: Flask) -> Callable[[str, str], str]:
    """The same page from the same templates, with the name of a person and the title of a course."""

    def page(name: str, title: str) -> str:
        with product.request_context(request.environ):
            session.update(locale="ru", csrf_token=CSRF)
            g.actor = Actor(1, 1, 1, 1, 1, {1: "learner"}, display_name=name, organization_name="Школа")
            here = {"context": Entered(1, 1, title, None), "home": ContextHome(1, teaches=False)}
            return render_template("launch/home.html", **here, others=[], roster=None, teaches=False)

    return page


def landing(engine: Engine, page: Callable[[str, str], str], identity_id: int, context_id: int) -> str:
    """The landing page from the database."""
    with engine.connect() as connection:
        person = connection.execute(select(identity.c.name).where(identity.c.id == identity_id)).scalar_one()
        title = connection.execute(select(context.c.title).where(context.c.id == context_id)).scalar_one()
    return page(person, title)
