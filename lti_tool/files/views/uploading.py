"""tus 1.0 (https://tus.io/protocols/resumable-upload): core, creation, expiration, checksum and termination.

A session is needed as for any page; an address of an upload is of no use to anybody else. The answer to the last piece
names the whole file in `X-File`, by the id that a form then brings.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import tempfile
from typing import Any, BinaryIO, cast

from flask import Response, g, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import ClientDisconnected
from werkzeug.http import http_date

from lti_tool.core.db import end_reading, unit_of_work
from lti_tool.core.errors import DomainError, Invalid, SignInNeeded
from lti_tool.core.limits import limit
from lti_tool.core.storage import CHUNK, current_storage
from lti_tool.files.inspection import examine
from lti_tool.files.models import Upload
from lti_tool.files.operations import uploading
from lti_tool.files.operations.keeping import MAX_FILE
from lti_tool.files.operations.uploading import Held, TooMuch
from lti_tool.files.views.base import blueprint
from lti_tool.people.actor import Actor

VERSION = "1.0.0"
MAX_PIECE = 16 * 1024**2
"""Bytes of one piece. They wait on this machine's disk until all have come: a slow line blocks nobody."""
CHECKSUMS = ("sha1", "sha256")
PIECE_TYPE = "application/offset+octet-stream"
_IN_MEMORY = 1024**2


class Refused(DomainError):
    """The client does not speak the protocol; these are for programmers."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@blueprint.url_value_preprocessor
def _accept_pieces(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything looks at the body."""
    if endpoint == "files.piece":
        request.max_content_length = MAX_PIECE


@blueprint.before_request
def _speaks_tus() -> None:
    if request.endpoint in ("files.preview", "files.abilities"):
        return
    if g.actor is None:
        raise SignInNeeded
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Refused(412, f"Tus-Resumable: {VERSION}")


@blueprint.after_request
def _version(response: Response) -> Response:
    response.headers["Tus-Resumable"] = VERSION
    if response.status_code == 412:
        response.headers["Tus-Version"] = VERSION
    return response


def _person() -> str:
    return str(g.actor.person_id)


def _actor() -> Actor:
    signed_in: Actor = g.actor
    return signed_in


@blueprint.route("/uploads", methods=["OPTIONS"])
def abilities() -> Response:
    """What this server speaks."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": "creation,expiration,checksum,termination",
        "Tus-Max-Size": str(MAX_FILE),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status=204, headers=headers)


@blueprint.post("/uploads")
@limit("300 per minute", key=_person)
def create() -> Response:
    """Begin an upload: `Upload-Length`, and in `Upload-Metadata` a filename and the kinds the page takes."""
    size = _number("Upload-Length")
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    name, kinds = told.get("filename", ""), told.get("kinds", "anything").split()
    uploading.require_room(actor=_actor(), name=name, size=size, kinds=kinds)
    end_reading()
    begun = current_storage().begin()
    try:
        with unit_of_work():
            upload = uploading.begin(actor=_actor(), begun=begun, name=name, size=size, kinds=kinds)
            headers = {"Location": url_for("files.piece", token=upload.token), **_expiry(upload)}
    except BaseException:
        current_storage().abandon(begun)
        raise
    return Response(status=201, headers=headers)


@blueprint.route("/uploads/<token>", methods=["HEAD"])
def offset(token: str) -> Response:
    """How far it has come."""
    upload = uploading.find(actor=_actor(), token=token)
    headers = {"Upload-Offset": str(upload.received), "Upload-Length": str(upload.size), "Cache-Control": "no-store"}
    return Response(status=200, headers=headers | _expiry(upload) | _file(upload.file_id))


@blueprint.route("/uploads/<token>", methods=["PATCH"])
def piece(token: str) -> Response:
    """The next piece. It is received before anything is held, so that a slow line keeps nobody waiting."""
    if request.mimetype != PIECE_TYPE:
        raise Refused(415, f"Content-Type: {PIECE_TYPE}")
    begins, actor = _number("Upload-Offset"), _actor()
    end_reading()
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as received:
        length = _receive(cast("BinaryIO", received))
        with unit_of_work():
            held = uploading.hold(actor=actor, token=token, offset=begins, length=length)
        file_id = _write(actor, held, cast("BinaryIO", received), length)
    headers = {"Upload-Offset": str(held.received + length), **_file(file_id)}
    with unit_of_work():
        headers |= _expiry(uploading.find(actor=actor, token=token))
    return Response(status=204, headers=headers)


def _receive(target: BinaryIO) -> int:
    """What came of the body, also when the line broke; its length. Checks `Upload-Checksum`."""
    algorithm, _space, wanted = request.headers.get("Upload-Checksum", "").partition(" ")
    if algorithm and algorithm not in CHECKSUMS:
        raise Refused(400, f"Upload-Checksum: {', '.join(CHECKSUMS)}")
    digest, length = hashlib.new(algorithm or "sha256"), 0
    try:
        while some := request.stream.read(CHUNK):
            length += len(some)
            if length > MAX_PIECE:
                raise TooMuch
            digest.update(some)
            target.write(some)
    except ClientDisconnected:
        if algorithm:
            raise
    if algorithm and base64.b64encode(digest.digest()).decode() != wanted:
        raise Refused(460, _("A piece of the file arrived damaged."))
    target.seek(0)
    return length


def _write(actor: Actor, held: Held, received: BinaryIO, length: int) -> int | None:
    """Put the piece into the storage and count it; the file's id when it was the last."""
    counted = None
    try:
        if length:
            current_storage().append(held.begun, held.received, received)
        counted = held.received + length
        if counted < held.size:
            return None
        return _finish(actor, held)
    except FileNotFoundError:  # the storage lost what had come: from the beginning
        counted = 0
        raise uploading.WrongOffset from None
    finally:
        with unit_of_work():
            uploading.let_go(held, received=counted)


def _finish(actor: Actor, held: Held) -> int:
    current_storage().finish(held.begun, held.size)
    facts = examine(held.begun.key, held.name)
    try:
        with unit_of_work():
            return uploading.complete(actor=actor, held=held, facts=facts).id
    except Invalid:
        with unit_of_work():
            uploading.give_up(actor=actor, token=held.token)
        current_storage().delete(held.begun.key)
        raise


@blueprint.delete("/uploads/<token>")
def give_up(token: str) -> Response:
    """Forget the upload, or the file it became while nobody has taken it."""
    begun = uploading.give_up(actor=_actor(), token=token)
    if begun is not None:
        current_storage().abandon(begun)
    return Response(status=204)


def _number(header: str) -> int:
    text = request.headers.get(header, "")
    if not text.isdecimal() or len(text) > 15:
        raise Refused(400, f"{header}?")
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """Pairs of a name and a base64 value, with commas between (tus 1.0, Creation)."""
    told: dict[str, str] = {}
    for pair in text.split(","):
        name, _space, value = pair.strip().partition(" ")
        try:
            told[name] = base64.b64decode(value, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise Refused(400, "Upload-Metadata?") from None
    return told


def _expiry(upload: Upload) -> dict[str, str]:
    return {"Upload-Expires": http_date(upload.expires_at)}


def _file(file_id: int | None) -> dict[str, Any]:
    return {} if file_id is None else {"X-File": str(file_id)}
