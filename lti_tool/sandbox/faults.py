"""Misbehaviour on demand: what a school's LMS does on a bad day, service by service."""

from __future__ import annotations

import secrets
from dataclasses import replace
from threading import Lock

from flask import Flask, Response, request

from .site import Fault, Site

SERVICES = ("jwks", "token", "nrps", "ags")
KINDS = ("none", "slow", "500", "429", "401", "html", "hang")
HANG_SECONDS = 120.0
RETRY_AFTER = 7

_counting = Lock()


def attach(app: Flask, site: Site) -> None:
    """Let the switches act before a request reaches the database, and write down every service call."""

    @app.before_request
    def misbehave() -> Response | None:
        return _misbehaved(site, request.blueprint or "")

    @app.after_request
    def write_down(response: Response) -> Response:
        if request.blueprint in SERVICES:
            call = {"service": request.blueprint, "method": request.method, "path": request.path}
            site.calls.append(call | {"status": response.status_code, "at": site.now()})
        return response


def _misbehaved(site: Site, service: str) -> Response | None:
    fault = _struck(site, service)
    if fault is None:
        return None
    if fault.kind in ("slow", "hang"):
        site.sleep(HANG_SECONDS if fault.kind == "hang" else fault.seconds)
        return None
    if fault.kind == "html":
        return Response("<!DOCTYPE html><title>Maintenance</title><h1>Back soon</h1>", content_type="text/html")
    headers = {"Retry-After": str(RETRY_AFTER)} if fault.kind == "429" else {}
    return Response(f"The sandbox answers {fault.kind}.", int(fault.kind), headers, content_type="text/plain")


def _struck(site: Site, service: str) -> Fault | None:
    """The fault this request meets, if any; counts down faults that happen only so often."""
    with _counting:
        fault = site.faults.get(service)
        if fault is None or fault.kind == "none" or fault.times == 0:
            return None
        if secrets.randbelow(100) >= fault.percent:
            return None
        if fault.times is not None:
            site.faults[service] = replace(fault, times=fault.times - 1)
        return fault
