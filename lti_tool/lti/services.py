"""The services a platform offers to the tool: Names and Roles (rosters), Assignments and Grades (gradebook columns).

A *line item* is a column; a *score* is what we send for one pupil; a *result* is what stands in the gradebook. Every
call raises a ServiceError that tells the caller what to do: Retry later, Refused for good, Superseded by a later
grade, or TokenRefused because the registration needs attention.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

import requests
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem as LineItemForm

from lti_tool.core.http import BadAnswer, GuardedSession, json_of
from lti_tool.lti import claims as c
from lti_tool.lti import fields
from lti_tool.lti.calls import (
    EARLY,
    AccessTokens,
    Caller,
    Refused,
    Retry,
    ServiceError,
    ServiceToken,
    Superseded,
    TokenRefused,
    TokenStore,
)
from lti_tool.lti.clock import told_time
from lti_tool.lti.deep_linking import LineItemSpec
from lti_tool.lti.members import Member, members_of
from lti_tool.lti.paging import next_page
from lti_tool.lti.platform import Platform

__all__ = [
    "EARLY",
    "AccessTokens",
    "AssignmentAndGrades",
    "LineItem",
    "LineItemSpec",
    "Member",
    "NamesAndRoles",
    "Refused",
    "Result",
    "Retry",
    "Roster",
    "Score",
    "ServiceError",
    "ServiceToken",
    "Superseded",
    "TokenRefused",
    "TokenStore",
]

MEMBERSHIPS = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
LINE_ITEM = "application/vnd.ims.lis.v2.lineitem+json"
LINE_ITEMS = "application/vnd.ims.lis.v2.lineitemcontainer+json"
SCORE = "application/vnd.ims.lis.v1.score+json"
RESULTS = "application/vnd.ims.lis.v2.resultcontainer+json"
MAX_PAGES = 500
MAX_PAGE_BYTES = 16 * 1024 * 1024
"""Moodle sends a whole course in one page, about 300 bytes a person."""
MAX_ROSTER_BYTES = 4 * MAX_PAGE_BYTES
READING = b"1"
"""Part of every digest: count it up when something else is made of the same answer, so that each is read once more."""
ROSTER_SECONDS = 60.0


@dataclass(frozen=True)
class Roster:
    """All members, complete: a partial answer is an error."""

    members: tuple[Member, ...]
    pages: int
    digest: str = ""
    """Equal answers have equal ones."""
    unchanged: bool = False
    """The answer is the one known before; its members were not read out of it again."""


class NamesAndRoles:
    """Names and Role Provisioning Services 2.0 of one platform."""

    def __init__(
        self, platform: Platform, *, http: GuardedSession, tokens: AccessTokens, origins: Collection[str] = ()
    ) -> None:
        self._caller = Caller(platform, http=http, tokens=tokens, origins=origins)

    def members(self, url: str, *, rlid: str | None = None, known: str | None = None) -> Roster:
        """Everybody in the context, or everybody who can see the link `rlid`. Raises ServiceError.

        `known` is the digest of an earlier answer: an equal one comes back as unchanged.
        """
        start = _with_query(url, {"rlid": rlid} if rlid is not None else {})
        answers, size, seen = [], 0, hashlib.sha256(READING)
        for answer in _answers(self._caller, start, [c.SCOPE_MEMBERS], MEMBERSHIPS):
            answers.append(answer)
            size += len(answer.content)
            seen.update(b"%d:" % len(answer.content))
            seen.update(answer.content)
            if size > MAX_ROSTER_BYTES:
                raise Refused("too_large")
        digest = seen.hexdigest()
        if digest == known:
            return Roster((), len(answers), digest, unchanged=True)
        found: dict[str, Member] = {}
        for answer in answers:
            page = _json(answer)
            rows = page.get("members") if isinstance(page, dict) else None
            if not isinstance(rows, list):
                raise Retry("no_members", 200)
            found |= {member.user_id: member for member in members_of(rows)}
        return Roster(tuple(found.values()), len(answers), digest)


def _answers(caller: Caller, url: str, scopes: Collection[str], accept: str) -> Iterator[requests.Response]:
    """Each page. A page that comes again, or too many of them, is an error: nothing would be complete."""
    seen = {url}
    while True:
        response = caller.call(
            "GET", url, scopes, headers={"Accept": accept}, max_bytes=MAX_PAGE_BYTES, deadline=ROSTER_SECONDS
        )
        yield response
        following = next_page(response.headers.get("Link"), url)
        if following is None:
            return
        if following in seen or len(seen) >= MAX_PAGES:
            raise Refused("paging_endless")
        seen.add(following)
        url = following


def _pages(caller: Caller, url: str, scopes: Collection[str], accept: str) -> Iterator[Any]:
    """The JSON of each page."""
    return map(_json, _answers(caller, url, scopes, accept))


def _text(row: Mapping[str, Any], name: str, limit: int = fields.MAX_ID) -> str:
    value = row.get(name)
    return fields.clean(value)[:limit] if isinstance(value, str) else ""


@dataclass(frozen=True)
class LineItem:
    """A column as the platform has it."""

    url: str
    label: str
    score_maximum: float
    resource_id: str = ""
    resource_link_id: str = ""
    tag: str = ""
    changed_at: datetime | None = None
    """When the platform changed it for us, by its own clock."""


@dataclass(frozen=True)
class Score:
    """A grade to send."""

    user_id: str = field(repr=False)
    given: float
    maximum: float
    timestamp: datetime
    comment: str = field(default="", repr=False)


@dataclass(frozen=True)
class Result:
    """What stands in the gradebook for one person."""

    user_id: str = field(repr=False)
    score: float | None
    maximum: float | None
    comment: str = field(default="", repr=False)
    timestamp: str = ""


class AssignmentAndGrades:
    """Assignment and Grade Services 2.0 of one platform; `scopes` is what the launch or the registration offers."""

    def __init__(
        self,
        platform: Platform,
        *,
        http: GuardedSession,
        tokens: AccessTokens,
        scopes: Collection[str],
        origins: Collection[str] = (),
    ) -> None:
        self._caller = Caller(platform, http=http, tokens=tokens, origins=origins)
        self._scopes = frozenset(scopes)

    def find(
        self,
        lineitems_url: str,
        *,
        resource_id: str | None = None,
        resource_link_id: str | None = None,
        tag: str | None = None,
    ) -> list[LineItem]:
        """The columns that match all that is given. Never with a limit: Moodle's paging links are broken."""
        wanted = {"resource_id": resource_id, "resource_link_id": resource_link_id, "tag": tag}
        filters = {name: value for name, value in wanted.items() if value is not None}
        found: list[LineItem] = []
        scopes = self._for(c.SCOPE_LINE_ITEM, c.SCOPE_LINE_ITEM_READ)
        for page in _pages(self._caller, _with_query(lineitems_url, filters), scopes, LINE_ITEMS):
            if not isinstance(page, list):
                raise Retry("no_line_items", 200)
            found += [_line_item(row) for row in page]
        # platforms may ignore the filters
        return [item for item in found if all(getattr(item, name) == value for name, value in filters.items())]

    def create(self, lineitems_url: str, spec: LineItemSpec, *, resource_link_id: str | None = None) -> LineItem:
        """Make a column. Platforms allow duplicates: find first, and one at a time. Raises ServiceError."""
        form = LineItemForm().set_label(spec.label).set_score_maximum(_number(spec.score_maximum))
        form.set_resource_id(spec.resource_id).set_tag(spec.tag)
        if resource_link_id is not None:
            form.set_resource_link_id(resource_link_id)
        headers = {"Content-Type": LINE_ITEM, "Accept": LINE_ITEM}
        response = self._caller.call(
            "POST", lineitems_url, self._for(c.SCOPE_LINE_ITEM), data=form.get_value().encode(), headers=headers
        )
        return _line_item(_json(response))

    def read(self, lineitem_url: str) -> LineItem:
        """The column as it is now. Raises ServiceError."""
        return _line_item(self._raw(lineitem_url), lineitem_url)

    def update(self, lineitem_url: str, *, label: str | None = None, score_maximum: float | None = None) -> LineItem:
        """Change a column and send back everything else it had: Moodle wipes what is missing.

        A new maximum makes Moodle rescale the grades that are there, and mark them as changed now.
        """
        row = dict(self._raw(lineitem_url))
        if label is not None:
            row["label"] = label
        if score_maximum is not None:
            row["scoreMaximum"] = _number(score_maximum)
        headers = {"Content-Type": LINE_ITEM, "Accept": LINE_ITEM}
        body = json.dumps(row).encode()
        response = self._caller.call("PUT", lineitem_url, self._for(c.SCOPE_LINE_ITEM), data=body, headers=headers)
        return replace(_line_item(_json(response), lineitem_url), changed_at=told_time(response))

    def delete(self, lineitem_url: str) -> None:
        """Remove a column we made. Never an activity's own: that takes its grades away."""
        self._caller.call("DELETE", lineitem_url, self._for(c.SCOPE_LINE_ITEM))

    def post_score(self, lineitem_url: str, score: Score) -> None:
        """Send one grade as complete and fully graded; anything less clears a grade at Moodle.

        Raises Superseded on 409, and other ServiceErrors.
        """
        form = Grade().set_user_id(score.user_id).set_score_given(_number(score.given))
        form.set_score_maximum(_number(score.maximum)).set_timestamp(_iso(score.timestamp))
        form.set_activity_progress("Completed").set_grading_progress("FullyGraded")
        if score.comment:
            form.set_comment(score.comment)
        url, scopes = _inserted(lineitem_url, "scores"), self._for(c.SCOPE_SCORE)
        headers = {"Content-Type": SCORE}
        try:
            response = self._caller.call("POST", url, scopes, data=form.get_value().encode(), headers=headers)
        except Refused as refused:
            if refused.status == 409:
                raise Superseded("superseded", 409) from None
            raise
        if response.content and response.headers.get("Content-Type", "").startswith("text/html"):
            raise Retry("not_json", response.status_code)  # a page of maintenance: nothing was stored

    def results(self, lineitem_url: str, *, user_id: str | None = None) -> list[Result]:
        """What the gradebook holds, for one person or everybody. Never with a limit: Moodle crashes on it."""
        url = _with_query(_inserted(lineitem_url, "results"), {"user_id": user_id} if user_id is not None else {})
        found: list[Result] = []
        for page in _pages(self._caller, url, self._for(c.SCOPE_RESULT), RESULTS):
            if not isinstance(page, list):
                raise Retry("no_results", 200)
            found += [_result(row) for row in page]
        return [result for result in found if user_id in (None, result.user_id)]

    def _for(self, *any_of: str) -> list[str]:
        """The one scope to ask for, the widest that is offered. Raises Refused when none is."""
        for scope in any_of:
            if scope in self._scopes:
                return [scope]
        raise Refused("scope_not_offered")

    def _raw(self, lineitem_url: str) -> dict[str, Any]:
        scopes = self._for(c.SCOPE_LINE_ITEM, c.SCOPE_LINE_ITEM_READ)
        row = _json(self._caller.call("GET", lineitem_url, scopes, headers={"Accept": LINE_ITEM}))
        if not isinstance(row, dict):
            raise Retry("line_item_unreadable", 200)
        return row


def _line_item(row: object, url: str = "") -> LineItem:
    """A column from the platform's JSON. An answer without an id belongs to the address that was asked."""
    found = row.get("id") or url if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(found, str) or not fields.is_url(found):
        raise Retry("line_item_unreadable", 200)
    maximum = row.get("scoreMaximum")
    return LineItem(
        url=found,
        label=_text(row, "label"),
        score_maximum=float(maximum) if isinstance(maximum, int | float) else 0.0,
        resource_id=_text(row, "resourceId"),
        resource_link_id=_identifier(row, "resourceLinkId"),
        tag=_text(row, "tag"),
    )


def _result(row: object) -> Result:
    if not isinstance(row, dict):
        raise Retry("result_unreadable", 200)
    score, maximum = row.get("resultScore"), row.get("resultMaximum")
    return Result(
        user_id=_identifier(row, "userId"),
        score=float(score) if isinstance(score, int | float) else None,
        maximum=float(maximum) if isinstance(maximum, int | float) else None,
        comment=_text(row, "comment", 10_000),
        timestamp=_text(row, "timestamp"),
    )


def _identifier(row: Mapping[str, Any], name: str) -> str:
    """An id; some platforms send theirs as numbers."""
    value = row.get(name)
    return str(value) if isinstance(value, int) else _text(row, name)


def _json(response: requests.Response) -> Any:
    try:
        return json_of(response)
    except BadAnswer:
        raise Retry("not_json", response.status_code) from None


def _number(value: float) -> int | float:
    """Without the tail of binary arithmetic: 0.1 + 0.2 goes out as 0.3. Raises Refused for what is no score."""
    if not math.isfinite(value) or value < 0:
        raise Refused("score_invalid")
    rounded = round(value, 5)
    return int(rounded) if rounded == int(rounded) else rounded


def _iso(moment: datetime) -> str:
    """ISO 8601 with milliseconds and offset (AGS 2.0, section 3.4.7)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


@lru_cache(maxsize=4096)
def _inserted(url: str, ending: str) -> str:
    """The address with one more path segment, before its query."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{ending}"))


def _with_query(url: str, more: Mapping[str, str]) -> str:
    """The address with further parameters after the ones it has."""
    if not more:
        return url
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(more))))
    return urlunsplit(parts._replace(query=query))
