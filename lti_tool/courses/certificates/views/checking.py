"""The public page: anybody checks a certificate by its number, without signing in.

It tells what the certificate says of the course, and of the holder nothing but the name, where the holder lets it. What
is no number and what is nobody's number get the same answer.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from lti_tool.core.limits import limit
from lti_tool.courses.certificates.models import Certificate
from lti_tool.courses.certificates.numbers import grouped, read_number
from lti_tool.courses.certificates.queries import certificate_numbered
from lti_tool.courses.certificates.statements import Statement
from lti_tool.courses.certificates.wording import stated_sentences
from lti_tool.people.names import full_name
from lti_tool.people.session import is_held

blueprint = Blueprint("certificates", __name__, url_prefix="/certificates")
OPEN = ("certificates.lookup", "certificates.check")
"""Pages for everybody."""


@blueprint.after_request
def _unlisted(response: Response) -> Response:
    """No search engine keeps these pages."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("")
@limit("60 per minute")
def lookup() -> Any:
    """Where a number is typed."""
    typed = request.args.get("number", "").strip()[:100]
    if not typed:
        return render_template("courses/certificates/lookup.html", typed="", unknown=False)
    found = _numbered(typed)
    return _unknown(typed) if found is None else redirect(url_for(".check", code=grouped(found.number)), 303)


@blueprint.get("/<code>")
@limit("60 per minute")
def check(code: str) -> Any:
    """What the certificate with this number says, and whether it holds."""
    found = _numbered(code)
    if found is None:
        return _unknown(code[:100])
    stated = Statement.kept(found.stated)
    return render_template(
        "courses/certificates/check.html",
        certificate=found,
        number=grouped(found.number),
        stated=stated,
        conditions=stated_sentences(stated),
        name=_name(found),
    )


def _numbered(typed: str) -> Certificate | None:
    number = read_number(typed)
    return certificate_numbered(number) if number else None


def _name(certificate: Certificate) -> str:
    """The holder's, when they let it be told and may use the tool; else empty."""
    if not certificate.shows_name or certificate.revoked_on is not None:
        return ""
    return "" if is_held(certificate.identity_id, pupil=True) else full_name(certificate.identity)


def _unknown(typed: str) -> Response:
    response = make_response(render_template("courses/certificates/lookup.html", typed=typed, unknown=True))
    response.status_code = 404
    return response
