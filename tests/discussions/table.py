"""A small feature with discussions: round tables that pupils of both schools sit at, and teachers look after."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_tool.core.db import db
from lti_tool.discussions import places
from lti_tool.discussions.places import Participant, Place
from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import ACTIVE, Guest
from lti_tool.people.models import Identity
from tests.courses.scene import Person
from tests.lms import PUPIL, TEACHER, School

TABLE: dict[str, Any] = {"teachers": set(), "full_names": False}


def find(actor: Actor, rest: str) -> Place | None:
    """Table 2 is for teachers; everybody may sit at the others."""
    if not rest.isdecimal() or (rest == "2" and not actor.is_teacher()) or actor.is_operator:
        return None
    return Place(
        name=f"table-{rest}",
        title=f"Round table {rest}",
        crumbs=(("/", "Home"),),
        organization_id=1,
        reads=True,
        writes=True,
        moderates=actor.is_teacher(),
        full_names=lambda _identity: TABLE["full_names"],
        teachers=frozenset(TABLE["teachers"]),
        participants=participants,
    )


def participants() -> list[Participant]:
    people = [
        Participant(one.person_id, identity=one) for one in db.session.scalars(select(Identity).order_by(Identity.id))
    ]
    guests = db.session.scalars(select(Guest).where(Guest.state == ACTIVE))
    return people + [Participant(one.person_id, guest=one) for one in guests if one.person_id]


class Writer(Person):
    """A person at the tables, who reads English."""

    def __init__(self, app: Flask, school: School, number: int) -> None:
        super().__init__(app, school, number)
        self.post("/language", locale="en")

    def form(self, path: str, **data: Any) -> TestResponse:
        """Post the page's own form: with its token, its once, its version."""
        page = self.get(path).text
        hidden = dict(re.findall(r'name="(once|version)"[^>]* value="([^"]+)"', page))
        return self.post(path, **{**hidden, **data})

    def start(
        self, title: str = "Water", text: str = "What is in our river?", table: int = 1, **data: Any
    ) -> TestResponse:
        return self.form(f"/discussions/table-{table}/new", title=title, text=text, **data)

    def reply(self, text: str, thread: int = 1, **data: Any) -> TestResponse:
        page = self.get(f"/discussions/threads/{thread}").text
        once = re.search(r'name="once"[^>]* value="([^"]+)"', page)
        values = {"once": once[1] if once else "0" * 32, "text": text, **data}
        return self.post(f"/discussions/threads/{thread}/reply", **values)

    def thread(self, number: int = 1) -> str:
        return self.get(f"/discussions/threads/{number}").text

    def forum(self, table: int = 1, query: str = "") -> str:
        return self.get(f"/discussions/table-{table}{query}").text


def people(app: Flask, school_a: School, school_b: School) -> dict[str, Writer]:
    places.register("table", find)
    TABLE.update(teachers=set(), full_names=False)
    return {
        "teacher": Writer(app, school_a, TEACHER),
        "pupil": Writer(app, school_a, PUPIL),
        "classmate": Writer(app, school_a, PUPIL + 1),
        "partner's pupil": Writer(app, school_b, PUPIL),
        "partner": Writer(app, school_b, TEACHER),
    }
