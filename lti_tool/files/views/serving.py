"""A stored file as an answer: a download, or shown where its type cannot act; whole or a part of it (RFC 9110, 14)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath

from flask import Response, current_app, g, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeTimedSerializer

from lti_tool.core.db import get_or_none, utcnow
from lti_tool.core.errors import Conflict, NotFound
from lti_tool.core.web import attachment
from lti_tool.files.kinds import AUDIO, VIDEO, shown_as
from lti_tool.files.models import ERASED, INFECTED, StoredFile
from lti_tool.files.views.base import blueprint

PREVIEW_HOLDS = timedelta(minutes=10)
"""How long a page may take to load what it shows."""
PLAYING_HOLDS = timedelta(minutes=90)
"""The same for sound and film, which are fetched while they play."""


def serve(file: StoredFile, *, name: str = "", inline: bool = False) -> Response:
    """Answer with a file that the feature lets this person have: as a download, or `inline` where its type can be shown
    without acting. `name`: another one than the file's own. Raises NotFound, and Conflict while it waits for the virus
    check.
    """
    _require_open(file, name or file.name)
    part = _wanted_part(file)
    if part is not None and not part[0] < part[1]:
        return Response(status=416, headers={"Content-Range": f"bytes */{file.size}"})
    response = attachment(file.key, name or file.name, file.size, part=part)
    response.set_etag(file.sha256)
    response.headers["Accept-Ranges"] = "bytes"
    if inline and shown_as(file.media_type):
        response.headers["Content-Type"] = file.media_type
        response.headers["Content-Disposition"] = response.headers["Content-Disposition"].replace(
            "attachment", "inline", 1
        )
        # whoever is around our page may be around what it shows: there is nothing in it to be clicked
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; "
            "frame-ancestors *; sandbox"
        )
    return response


def _require_open(file: StoredFile, name: str) -> None:
    if file.is_open:
        return
    if file.virus_state == INFECTED:
        raise NotFound(_("A virus was found in %(name)s. The file was removed.", name=name))
    if file.virus_state == ERASED:
        raise NotFound
    raise Conflict(_("This file is still being checked for viruses."), _("Try again in a minute."))


def _wanted_part(file: StoredFile) -> tuple[int, int] | None:
    """The one range asked for, as bytes from and before; None: the whole file. Several at once get the whole."""
    wanted = request.range
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    unless = request.if_range
    if (unless.etag or unless.date) and unless.etag != file.sha256:
        return None
    found = wanted.range_for_length(file.size)
    return found if found is not None else (0, 0)


def preview_address(file: StoredFile) -> str:
    """An address that shows the file for some minutes to whom the current page is for: a picture, a film or a frame
    asks without the session where the browser keeps no cookies. The page that calls this has judged the access.
    """
    return url_for("files.preview", ticket=_tickets().dumps([file.id, g.actor.person_id]))


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="files.preview")


@blueprint.get("/preview/<ticket>")
def preview(ticket: str) -> Response:
    """What a page shows by `preview_address`."""
    try:
        (file_id, person_id), made_at = _tickets().loads(
            ticket, max_age=int(PLAYING_HOLDS.total_seconds()), return_timestamp=True
        )
    except (BadData, ValueError):
        raise NotFound from None
    file = get_or_none(StoredFile, file_id)
    another = g.actor is not None and g.actor.person_id != person_id
    if file is None or another or _is_over(file, made_at.timestamp()):
        raise NotFound
    plain = f"file-{file.id}{PurePath(file.name).suffix[:10]}"  # where the page withholds the name, this has to
    return serve(file, name=plain, inline=True)


def _is_over(file: StoredFile, made_at: float) -> bool:
    plays = shown_as(file.media_type) in (AUDIO, VIDEO)
    return utcnow().timestamp() - made_at > (PLAYING_HOLDS if plays else PREVIEW_HOLDS).total_seconds()
