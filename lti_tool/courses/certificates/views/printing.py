"""One certificate: the sheet to print, its validity, its public page; and the sheets of a class at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import segno
from flask import flash, g, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup

from lti_tool.core.errors import Invalid
from lti_tool.core.i18n import LOCALE_NAMES
from lti_tool.core.paging import paged
from lti_tool.core.policy import allows, require
from lti_tool.core.settings import current_settings
from lti_tool.courses.certificates import operations
from lti_tool.courses.certificates.access import CertificateAccess, certificate_access
from lti_tool.courses.certificates.models import Certificate
from lti_tool.courses.certificates.numbers import grouped
from lti_tool.courses.certificates.queries import SHEETS_PER_PAGE, valid_in
from lti_tool.courses.certificates.statements import Statement
from lti_tool.courses.certificates.wording import stated_sentences
from lti_tool.courses.views.base import actor, blueprint, course_for, page, page_number
from lti_tool.people.names import display_name, full_name, school_name


@dataclass(frozen=True)
class Sheet:
    """A certificate as it is printed."""

    number: str
    stated: Statement
    name: str
    """As this reader may know the holder."""
    school: str
    """Of the holder."""
    issued_on: date
    revoked: bool
    address: str
    """Where anybody checks it."""

    @property
    def conditions(self) -> list[str]:
        return stated_sentences(self.stated)

    @property
    def picture(self) -> Markup:
        """The address as a QR code, an SVG picture."""
        drawn = segno.make(self.address, error="m", micro=False)
        return Markup(drawn.svg_inline(border=2, light="white", omitsize=True, svgclass="qr"))  # noqa: S704 - made of squares


def sheet_of(certificate: Certificate, *, holds: bool = False) -> Sheet:
    """The sheet for its holder, or a teacher who sees it: the school decides whether the host's read full names."""
    holder, number = certificate.identity, grouped(certificate.number)
    full = certificate.participation.full_names
    return Sheet(
        number=number,
        stated=Statement.kept(certificate.stated),
        name=full_name(holder) if holds else display_name(g.actor, holder, full=full),
        school=school_name(holder),
        issued_on=certificate.issued_on,
        revoked=certificate.revoked_on is not None,
        address=current_settings().base_url + url_for("certificates.check", code=number),
    )


def certificate_for(verb: str, certificate_id: int) -> CertificateAccess:
    """The certificate, when the actor may do `verb`; NotFound when she may not even know of it."""
    access = certificate_access(actor(), certificate_id)
    require(actor(), verb, access, see="certificate.see")
    assert access is not None
    return access


def _language(usual: str) -> str:
    asked = request.args.get("language", "")
    return asked if asked in LOCALE_NAMES else usual


@blueprint.get("/certificates/<int:certificate_id>")
def certificate(certificate_id: int) -> Any:
    """The certificate with what can be done with it."""
    access = certificate_for("certificate.see", certificate_id)
    return _certificate_page(access)


def _certificate_page(access: CertificateAccess, *, reason: str = "", fault: str = "") -> Any:
    found = access.certificate
    sheet = sheet_of(found, holds=access.holds)
    return page(
        "certificates/show",
        status=422 if fault else 200,
        certificate=found,
        access=access,
        sheet=sheet,
        reason=reason,
        fault=fault,
        revokes=allows(actor(), "certificate.revoke", access),
    )


@blueprint.get("/certificates/<int:certificate_id>/sheet")
def certificate_sheet(certificate_id: int) -> Any:
    """The sheet to print, in the course's language unless another is asked for."""
    access = certificate_for("certificate.see", certificate_id)
    language = _language(Statement.kept(access.certificate.stated).language)
    with force_locale(language):
        sheet = sheet_of(access.certificate, holds=access.holds)
        return page("certificates/sheet", certificate=access.certificate, sheet=sheet, language=language)


@blueprint.get("/<int:course_id>/certificates/sheets")
def certificate_sheets(course_id: int) -> Any:
    """Valid certificates of all pupils whom the teacher sees, a sheet for each."""
    access = course_for("certificates.list", course_id)
    language = _language(access.course.language)

    def address(number: int) -> str:
        return url_for("courses.certificate_sheets", course_id=course_id, page=number, language=language)

    found = paged(valid_in(course_id, access.seen_classes), page_number(), address, size=SHEETS_PER_PAGE)
    with force_locale(language):
        sheets = [sheet_of(one) for one in found.items]
        return page("certificates/sheets", course=access.course, found=found, sheets=sheets, language=language)


@blueprint.post("/certificates/<int:certificate_id>/revoke")
def revoke_certificate(certificate_id: int) -> Any:
    """It holds no more."""
    access = certificate_for("certificate.revoke", certificate_id)
    reason = request.form.get("reason", "")
    try:
        operations.revoke(actor=actor(), certificate=access.certificate, reason=reason)
    except Invalid as fault:
        return _certificate_page(access, reason=reason, fault=str(fault.message))
    flash(_("The certificate is revoked: whoever checks it is told so."), "success")
    return redirect(url_for("courses.certificate", certificate_id=certificate_id), 303)


@blueprint.post("/certificates/<int:certificate_id>/restore")
def restore_certificate(certificate_id: int) -> Any:
    """It holds again."""
    access = certificate_for("certificate.revoke", certificate_id)
    operations.restore(actor=actor(), certificate=access.certificate)
    flash(_("The certificate is valid again."), "success")
    return redirect(url_for("courses.certificate", certificate_id=certificate_id), 303)


@blueprint.post("/certificates/<int:certificate_id>/name")
def show_certificate_name(certificate_id: int) -> Any:
    """The holder lets the public page tell the name, or no longer."""
    access = certificate_for("certificate.show_name", certificate_id)
    shown = request.form.get("shown") == "yes"
    operations.show_name(actor=actor(), certificate=access.certificate, shown=shown)
    flash(_("Whoever has the number now reads your name.") if shown else _("Your name is not told."), "success")
    return redirect(url_for("courses.certificate", certificate_id=certificate_id), 303)
