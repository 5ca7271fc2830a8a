"""Answers of the platform's services: exact media types, and refusals shaped like Moodle's."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from .tokens import Unauthorized


class Refusal(Exception):
    """A service refuses a call with a status and a reason."""

    def __init__(self, status: int, reason: str, media_type: str = "") -> None:
        super().__init__(reason)
        self.status, self.reason, self.media_type = status, reason, media_type


def data(body: object, media_type: str, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer; an empty string stays an empty body."""
    text = "" if body == "" else json.dumps(body, ensure_ascii=False)
    return Response(text, status, headers, content_type=f"{media_type}; charset=utf-8")


def accepted(*media_types: str) -> None:
    """Refuse an Accept header that names anything but exactly one of `media_types`."""
    wanted = request.headers.get("Accept", "*/*")
    if wanted not in ("*/*", *media_types):
        raise Refusal(400, f"No handler found for {request.path} {wanted} ")


def sent(media_type: str) -> dict[str, Any]:
    """The JSON object of the request, whose content type has to be exactly `media_type`."""
    if request.headers.get("Content-Type", "") != media_type:
        raise Refusal(400, f"No handler found for {request.path}  {request.headers.get('Content-Type', '')}")
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise Refusal(400, "Bad Request")
    return body


def refused(error: Exception) -> Response:
    """The answer to a Refusal or to a call without a fitting token."""
    refusal = error if isinstance(error, Refusal) else Refusal(401, "Unauthorized")
    if refusal.media_type:
        return _status_line(data([], refusal.media_type, refusal.status), refusal)
    body = {
        "status": refusal.status,
        "reason": refusal.reason,
        "request": {
            "method": request.method,
            "url": request.full_path.rstrip("?"),
            "accept": request.headers.get("Accept", ""),
            "contentType": request.headers.get("Content-Type", ""),
        },
    }
    return _status_line(data(body, "application/json", refusal.status), refusal)


def _status_line(answer: Response, refusal: Refusal) -> Response:
    printable = refusal.reason.encode("ascii", "replace").decode().replace("\n", " ").replace("\r", " ")
    answer.status = f"{refusal.status} {printable}"
    return answer


REFUSALS = (Refusal, Unauthorized)
