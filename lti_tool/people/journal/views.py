"""The page of the audit trail, and its lines as a table to download."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, g, render_template, request, url_for
from flask_babel import gettext as _

from lti_tool.core import audit
from lti_tool.core.audit import AuditEvent
from lti_tool.core.db import LAST_KEY, db, get_or_none
from lti_tool.core.errors import SignInNeeded
from lti_tool.core.i18n import current_time_zone
from lti_tool.core.policy import require
from lti_tool.organizations.models import Organization
from lti_tool.people.journal.queries import Wanted, lines, organizations_of, own_people, page_of
from lti_tool.people.names import display_name
from lti_tool.people.support.queries import operators_of
from lti_tool.people.support.wording import page_name

blueprint = Blueprint("journal", __name__, url_prefix="/journal")
ASKED = ("since", "until", "verb", "thing", "number", "person")
MOST_LINES = 10_000
"""Of one download."""


@blueprint.before_request
def _sign_in() -> None:
    if g.actor is None:
        raise SignInNeeded


@blueprint.get("")
def index() -> str:
    """What was done, by whom and when."""
    organization_id = _reader()
    wanted = _wanted()
    events, following = page_of(wanted, organization_id)
    asked: dict[str, Any] = {name: request.args[name] for name in ASKED if request.args.get(name)}
    return render_template(
        "people/journal/index.html",
        events=events,
        asked=asked,
        following=url_for(".index", **{**asked, "before": following}) if following else None,
        newest=url_for(".index", **asked) if wanted.before else None,
        who=_who(events, organization_id),
        verbs=sorted(audit.known_verbs().items(), key=lambda pair: pair[1].casefold()),
        things=sorted(audit.known_things().items(), key=lambda pair: pair[1].casefold()),
        reads_names=organization_id is not None,
    )


@blueprint.get("/lines.csv")
def table() -> Response:
    """The same lines for a spreadsheet, at most MOST_LINES."""
    organization_id = _reader()
    statement = lines(_wanted(), organization_id).limit(MOST_LINES)
    events = list(db.session.scalars(statement))
    response = Response(_csv(events, _who(events, organization_id)), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=journal.csv"
    return response


def _csv(events: list[AuditEvent], who: Callable[[AuditEvent], str]) -> str:
    buffer = io.StringIO()
    buffer.write("\ufeff")  # spreadsheets take it as the sign of UTF-8
    writer = csv.writer(buffer)
    writer.writerow([_("When (UTC)"), _("Who"), _("What"), _("Thing"), _("Number")])
    for each in events:
        told = (who(each), what(each), audit.thing_name(each.thing))
        writer.writerow([each.at.isoformat(timespec="seconds"), *map(_inert, told), each.thing_id or ""])
    return buffer.getvalue()


def what(each: AuditEvent) -> str:
    """What was done, in words, with the page that support opened."""
    page = each.facts.get("page") if each.thing == "support" else None
    return f"{audit.verb_name(each.verb)}: {page_name(page)}" if page else audit.verb_name(each.verb)


def _inert(text: str) -> str:
    """No cell begins a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _reader() -> int | None:
    """The organization whose lines the reader may see; None for the operator, who sees all without names."""
    organization = None if g.actor.is_operator else get_or_none(Organization, g.actor.organization_id or 0)
    require(g.actor, "journal.read", organization or "hub")
    return organization.id if organization else None


def _who(events: Any, organization_id: int | None) -> Callable[[AuditEvent], str]:
    """Who acted, as the reader may know it."""
    if organization_id is None:
        names = organizations_of(events)
        return lambda each: _numbered(each, names)
    people, operators = own_people(events, organization_id), operators_of(events)

    def told(each: AuditEvent) -> str:
        if each.person_id is None:
            return str(_("the tool"))
        if each.organization_id == organization_id:
            known = people.get(each.person_id)
            return display_name(g.actor, known) if known else str(_("Person %(number)d", number=each.person_id))
        if each.organization_id is not None:
            return str(_("another organization"))
        name = operators.get(each.person_id) if each.thing == "support" else None
        return str(_("%(name)s, operator of the hub", name=name) if name else _("an operator of the hub"))

    return told


def _numbered(each: AuditEvent, names: dict[int, str]) -> str:
    if each.person_id is None:
        return str(_("the tool"))
    person = str(_("Person %(number)d", number=each.person_id))
    organization = names.get(each.organization_id or 0)
    return f"{person}, {organization}" if organization else person


def _wanted() -> Wanted:
    asked = request.args
    return Wanted(
        since=_midnight(asked.get("since")),
        until=_midnight(asked.get("until"), days=1),
        verb=asked.get("verb", "")[:60],
        thing=asked.get("thing", "")[:40],
        thing_id=_number(asked.get("number")),
        person_id=_number(asked.get("person")) if g.actor.is_operator else None,
        person="" if g.actor.is_operator else asked.get("person", "").strip()[:100],
        before=_number(asked.get("before")),
    )


def _number(typed: str | None) -> int | None:
    return min(int(typed), LAST_KEY) if typed and typed.isdecimal() and len(typed) < 19 else None


def _midnight(typed: str | None, *, days: int = 0) -> datetime | None:
    """The beginning of a day in the reader's zone; None when nothing that can be read was typed."""
    try:
        day = date.fromisoformat(typed or "") + timedelta(days=days)
        return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(current_time_zone()))
    except (ValueError, OverflowError):
        return None


blueprint.add_app_template_global(what, "what_happened")
blueprint.add_app_template_global(audit.thing_name, "thing_name")
