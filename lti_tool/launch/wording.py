"""Why a login or a launch is not accepted, as sentences: what is wrong and what to do, for whoever reads the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.lti.refusals import Refusal

_AGAIN = _l("Return to your course and open the activity once more.")
_TELL = _l("If it happens again, give the reference code below to your LMS administrator.")
_CLOCK = _l("The administrator should compare the clock of the LMS server with the right time.")
_SETTINGS = _l("The LMS administrator should compare the tool's settings with the tool's configuration page.")
_OPERATOR = _l("Write to the people who run this tool for your schools; they can see the school and let it in.")

_EXPLAINED: dict[str, tuple[object, tuple[object, ...]]] = {
    "login": (
        _l("This address is opened by a school's LMS, and something is missing from its request."),
        (_l("Open the tool from your course in the LMS."), _TELL),
    ),
    "platform": (
        _l("The LMS you come from is not registered here."),
        (_l("The LMS administrator can register it: the people who run this tool send the address for that."),),
    ),
    "moved": (
        _l("Your LMS has another address now, and this launch came from its old one."),
        (_l("Open your LMS at its new address, then open the activity there."), _TELL),
    ),
    "ambiguous": (
        _l("Several schools share this LMS, and it did not say which one you belong to."),
        (_SETTINGS, _l("The LMS must send the deployment id (lti_deployment_id) when it begins a login.")),
    ),
    "state": (
        _l("This way in does not belong to a login that began here."),
        (_AGAIN, _l("If you use several windows, close the others first."), _TELL),
    ),
    "late": (_l("It took too long between the click in the course and the arrival here."), (_AGAIN,)),
    "used": (
        _l("This way in has been used already: each click in the course opens it once."),
        (_AGAIN,),
    ),
    "browser": (
        _l("The login began in another browser or window than this one."),
        (_AGAIN, _l("If it happens again, allow cookies for this site or use another browser.")),
    ),
    "lms": (
        _l("Your LMS did not confirm who you are (%(error)s)."),
        (_l("Sign in to your LMS again, then open the activity once more."), _TELL),
    ),
    "token": (_l("What your LMS sent cannot be read as a signed message."), (_AGAIN, _TELL)),
    "key": (
        _l("The signature of your LMS cannot be checked with the keys it publishes."),
        (_AGAIN, _l("The LMS administrator should check the address of the LMS's public keys."), _TELL),
    ),
    "keys": (
        _l("The public keys of your LMS cannot be read at the moment."),
        (_l("Try again in a few minutes."), _TELL),
    ),
    "parties": (_l("The message of your LMS is meant for another tool, or comes from another LMS."), (_SETTINGS,)),
    "times": (_l("The message of your LMS says nothing about when it was made."), (_TELL,)),
    "expired": (
        _l("The message of your LMS ran out %(seconds)s seconds ago."),
        (_AGAIN, _CLOCK),
    ),
    "future": (
        _l("The message of your LMS is dated %(seconds)s seconds in the future."),
        (_CLOCK, _AGAIN),
    ),
    "message": (
        _l("Your LMS sent a kind of message this tool does not know."),
        (_l("The tool needs LTI 1.3; the LMS administrator should check the version in the tool's settings."),),
    ),
    "claims": (
        _l("A part of the message of your LMS is missing or not as it should be (%(part)s)."),
        (_SETTINGS, _TELL),
    ),
    "target": (
        _l("The link in your course leads to another address than this tool."),
        (_l("A teacher should delete the activity and add it again by choosing content."), _SETTINGS),
    ),
    "anonymous": (
        _l("Your LMS did not say who you are, so there is no work and no grade to show."),
        (_l("Sign in to your LMS with your own account, then open the activity once more."),),
    ),
    "review": (_l("Your LMS did not say whose work is to be shown."), (_l("Open the work from the gradebook here."),)),
    "registration_pending": (
        _l("The registration of this LMS waits for approval."),
        (_OPERATOR, _l("Once it is approved, open the activity once more: nothing else is needed.")),
    ),
    "registration_suspended": (
        _l("The registration of this LMS is suspended at the moment."),
        (_OPERATOR, _l("Work and grades are kept.")),
    ),
    "deployment_pending": (
        _l("This LMS is known here, but the place the link comes from (its deployment) has not been accepted yet."),
        (_OPERATOR, _l("Once it is accepted, open the activity once more.")),
    ),
    "not_teacher": (
        _l("Only teachers of the course can choose content for it."),
        (_l("Ask a teacher of the course to add the activity."),),
    ),
    "kept_out": (
        _l("Your school has had your data removed from this tool and does not let you in any more."),
        (_l("If that is a mistake, ask the coordinator of your school: they can let you in again."),),
    ),
    "link_over": (
        _l("This way on has been used already, or its ten minutes are over."),
        (_AGAIN,),
    ),
}

_OF_REFUSAL: dict[str, str] = {
    Refusal.LOGIN_INCOMPLETE: "login",
    Refusal.LOGIN_PARAMETER_TOO_LONG: "login",
    Refusal.PLATFORM_UNKNOWN: "platform",
    Refusal.PLATFORM_MOVED: "moved",
    Refusal.PLATFORM_AMBIGUOUS: "ambiguous",
    Refusal.STATE_MISSING: "state",
    Refusal.STATE_INVALID: "state",
    Refusal.STATE_EXPIRED: "late",
    Refusal.STATE_USED: "used",
    Refusal.BROWSER_MISMATCH: "browser",
    Refusal.PLATFORM_ERROR: "lms",
    Refusal.TOKEN_MISSING: "token",
    Refusal.TOKEN_TOO_LONG: "token",
    Refusal.TOKEN_MALFORMED: "token",
    Refusal.ALGORITHM_REFUSED: "token",
    Refusal.KEY_ID_MISSING: "key",
    Refusal.KEY_UNKNOWN: "key",
    Refusal.KEY_UNUSABLE: "key",
    Refusal.KEYS_UNAVAILABLE: "keys",
    Refusal.SIGNATURE_INVALID: "key",
    Refusal.ISSUER_MISMATCH: "parties",
    Refusal.AUDIENCE_MISMATCH: "parties",
    Refusal.AUTHORIZED_PARTY_MISMATCH: "parties",
    Refusal.TIMES_MISSING: "times",
    Refusal.TOKEN_EXPIRED: "expired",
    Refusal.TOKEN_FROM_FUTURE: "future",
    Refusal.TOKEN_TOO_OLD: "expired",
    Refusal.NONCE_MISMATCH: "state",
    Refusal.DEPLOYMENT_MISMATCH: "parties",
    Refusal.VERSION_UNSUPPORTED: "message",
    Refusal.MESSAGE_TYPE_UNSUPPORTED: "message",
    Refusal.DEPLOYMENT_INVALID: "claims",
    Refusal.TARGET_MISSING: "target",
    Refusal.TARGET_FOREIGN: "target",
    Refusal.USER_MISSING: "anonymous",
    Refusal.USER_INVALID: "claims",
    Refusal.ROLES_INVALID: "claims",
    Refusal.RESOURCE_LINK_INVALID: "claims",
    Refusal.DEEP_LINKING_INVALID: "claims",
    Refusal.REVIEW_INVALID: "review",
    Refusal.CLAIM_INVALID: "claims",
}
"""Which explanation fits; people need fewer distinctions than the log."""

_PARTS: dict[str, str] = {
    Refusal.DEPLOYMENT_INVALID: "deployment_id",
    Refusal.USER_INVALID: "sub",
    Refusal.ROLES_INVALID: "roles",
    Refusal.RESOURCE_LINK_INVALID: "resource_link",
    Refusal.DEEP_LINKING_INVALID: "deep_linking_settings",
}

HAPPENED: dict[str, Any] = {"launch": _l("Came in from the LMS")}
"""Verbs of the audit trail."""


def explain(reason: str, facts: Mapping[str, str | int] | None = None) -> tuple[str, tuple[str, ...]]:
    """(what is wrong, what to do) for a Refusal or a reason of NotServed."""
    facts = facts or {}
    what, todo = _EXPLAINED[_OF_REFUSAL.get(reason, reason)]
    claim = str(facts.get("claim", "")).rpartition("/")[2]
    values = {"part": claim or _PARTS.get(reason, ""), **facts}
    return str(what) % values, tuple(str(each) for each in todo)
