"""The screens of certificates: the host's and teachers' lists, the pupil's own, the sheet to print, the public page."""

from __future__ import annotations

from lti_tool.courses.certificates.views import checking, listing, printing, ruling

__all__ = ["checking", "listing", "printing", "ruling"]
