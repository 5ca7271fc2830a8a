"""Rooms of other services: their addresses for one person, and the call that opens one.

BigBlueButton signs a call by a hash of its name, its query and the installation's secret, and lets people into a meeting
only after it was created; creating it again while it runs changes nothing. Jitsi makes a room of any name at any time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from flask import current_app
from lxml import etree

from lti_tool.core.errors import DomainError
from lti_tool.core.http import BadAnswer, GuardedSession
from lti_tool.core.settings import Settings
from lti_tool.courses.live.models import BIGBLUEBUTTON, JITSI, LINK

MAX_ANSWER = 64 * 1024
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class RoomRefused(DomainError):
    """The service answered and does not open the room."""


@dataclass(frozen=True)
class Visitor:
    """Who comes into a room, as everybody there reads it."""

    name: str
    leads: bool


def services(settings: Settings) -> tuple[str, ...]:
    """What rooms this installation offers."""
    found = [LINK]
    if settings.bigbluebutton is not None:
        found.append(BIGBLUEBUTTON)
    if settings.jitsi_url:
        found.append(JITSI)
    return tuple(found)


def way_in(settings: Settings, room: str, room_name: str, address: str, visitor: Visitor) -> str:
    """The address by which this visitor comes in; empty when the installation no longer has the service."""
    if room == LINK:
        return address
    if room == JITSI and settings.jitsi_url:
        shown = quote(f'"{visitor.name}"', safe="")
        return f"{settings.jitsi_url}/{quote(room_name)}#userInfo.displayName={shown}"
    if room == BIGBLUEBUTTON and settings.bigbluebutton is not None:
        return _signed(
            settings,
            "join",
            fullName=visitor.name,
            meetingID=room_name,
            role="MODERATOR" if visitor.leads else "VIEWER",
            redirect="true",
        )
    return ""


def open_room(settings: Settings, room_name: str, title: str, minutes: int) -> None:
    """Have BigBlueButton make the meeting. Raises RemoteError, RoomRefused. Never inside a transaction."""
    http: GuardedSession = current_app.extensions["http"]
    url = _signed(settings, "create", meetingID=room_name, name=title[:100], duration=str(minutes + 60), record="false")
    answer = http.request("GET", url, max_bytes=MAX_ANSWER)
    try:
        told = etree.fromstring(answer.content, _PARSER).findtext("returncode")
    except etree.XMLSyntaxError:
        raise BadAnswer("not_xml") from None
    if told != "SUCCESS":
        raise RoomRefused


def _signed(settings: Settings, call: str, **query: str) -> str:
    server = settings.bigbluebutton
    assert server is not None
    text = urlencode(query)
    checksum = hashlib.sha256(f"{call}{text}{server.secret}".encode()).hexdigest()
    return f"{server.url}/api/{call}?{text}&checksum={checksum}"
