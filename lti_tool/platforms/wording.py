"""Codes of checks and of failed registrations as sentences: what was found, and exactly what to change where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_tool.lti.moodle import FAMILY as MOODLE
from lti_tool.lti.registration import RegistrationRefused

HAPPENED: dict[str, Any] = {
    "registration.add": _l("LMS registered by hand"),
    "registration.register": _l("LMS registered"),
    "registration.change": _l("Registration changed"),
    "registration.approve": _l("Registration approved"),
    "registration.suspend": _l("Registration suspended"),
    "registration.check": _l("Check of an LMS asked for"),
    "registration.continue": _l("New registration goes on as an earlier one"),
    "deployment.accept": _l("Deployment accepted"),
    "invitation.create": _l("Invitation made"),
    "invitation.revoke": _l("Invitation taken back"),
    "move.begin": _l("Move of an LMS prepared"),
    "move.tell": _l("New address of an LMS told"),
    "move.confirm": _l("Move of an LMS confirmed"),
    "move.undo": _l("Move of an LMS undone"),
    "move.cancel": _l("Move of an LMS given up"),
}
"""Verbs of the audit trail."""
THINGS: dict[str, Any] = {
    "registration": _l("Registration"),
    "deployment": _l("Deployment"),
    "invitation": _l("Invitation"),
}


@dataclass(frozen=True)
class Explained:
    """A finding in words."""

    title: str
    what: str
    todo: list[str] = field(default_factory=list)


TITLES: dict[str, Any] = {
    "registration": _l("Registration"),
    "keys": _l("Public keys of the LMS"),
    "clock": _l("Clock of the LMS"),
    "token": _l("Access to services"),
    "scopes": _l("Permissions"),
    "roster": _l("List of participants"),
    "column": _l("Gradebook columns"),
    "launch": _l("Last launch"),
}
VERDICTS: dict[str, Any] = {
    "ok": _l("works"),
    "warning": _l("needs a look"),
    "failed": _l("does not work"),
    "skipped": _l("not checked"),
}
SERVICES: dict[str, Any] = {
    "scores": _l("send grades"),
    "columns": _l("make gradebook columns"),
    "roster": _l("read the list of participants"),
}

_SETTINGS = (
    _l("Moodle: Site administration → Plugins → Activity modules → External tool → Manage tools → cog of this tool."),
    _l("In the LMS: the settings of this tool, as its administrator sees them."),
)
_SERVICES = (
    _l(
        "Moodle: Site administration → Plugins → Activity modules → External tool → Manage tools → cog of this tool "
        "→ Services: “Use this service for grade sync and column management” and "
        "“Use this service to retrieve members' information as per privacy settings”."
    ),
    _l("In the LMS: allow the tool the services Assignment and Grades and Names and Roles."),
)
_PRIVACY = (
    _l(
        "Moodle: Site administration → Plugins → Activity modules → External tool → Manage tools → cog of this tool "
        "→ Privacy: “Share launcher's name with tool”: Always."
    ),
    _l("In the LMS: let the tool receive names. If the school does not want that, all is well as it is."),
)
_TOOL_KEYS = (
    _l(
        "Moodle: in the tool's settings “Public key type” is “Keyset URL” and “Public keyset” is %(jwks)s. Moodle must "
        "be able to open that address: see Site administration → General → Security → HTTP security."
    ),
    _l("In the LMS: the tool's public key set is %(jwks)s, and the LMS must be able to open that address."),
)
_CLOCK = (
    _l("Moodle: set the time of the server that runs Moodle (NTP), for example with timedatectl set-ntp true."),
    _l("In the LMS: set the time of its server (NTP)."),
)
_RETRY = _l("Try again in a few minutes. If it stays so, look into the log of the LMS.")
_OPEN_ONCE = _l("Open the tool once from a course as a teacher, then check again.")
_OPERATOR = _l("The people who run this tool can change that on the registration's page.")


def explain(check: Mapping[str, Any], product: str, jwks_url: str = "") -> Explained:
    """One finding of the doctor (a doctor.Check as a mapping) for an LMS of this family."""
    name, code = str(check["name"]), str(check["code"])
    facts = {"why": "", "status": "", "count": 0, "seconds": 0, **check.get("facts", {})}
    what, todo = _EXPLAINERS[name](code, facts)
    lines = [line for each in todo for line in _lines(each, product)]
    return Explained(str(TITLES[name]), str(what), [str(line) % {"jwks": jwks_url} for line in lines])


def _lines(todo: Any, product: str) -> list[Any]:
    """A place in Moodle, in other LMSs, or in both when the product is not known."""
    if not isinstance(todo, tuple):
        return [todo]
    if product == MOODLE:
        return [todo[0]]
    return [todo[1]] if product else list(todo)


def _registration(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    known: dict[str, tuple[Any, list[Any]]] = {
        "active": (_("Approved; people can come in."), []),
        "no_deployments": (
            _("Approved. The LMS has not named a deployment yet; the first launch will, and it must be accepted then."),
            [_OPERATOR],
        ),
        "pending": (_("Waits for approval: nobody can come in yet."), [_OPERATOR]),
        "suspended": (_("Suspended: nobody can come in."), [_OPERATOR]),
        "pending_deployments": (
            _("People came from a deployment that has not been accepted: %(names)s.", names=facts.get("deployments")),
            [_OPERATOR],
        ),
        "cut_off": (_("The check was cut off several times before it ended."), [_RETRY]),
    }
    return known[code]


def _keys(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    if code == "read":
        return _("Read: %(count)d usable.", count=facts["count"]), []
    if code == "none_usable":
        what = _("The address answers, but holds no RSA key of 2048 bits or more for signatures.")
        return what, [_l("Check the address of the public keyset in the registration."), _OPERATOR]
    if code == "blocked":
        return _blocked(facts)
    return _("The key set cannot be read (%(why)s).", why=facts["why"]), [
        _l("Open the keyset address in a browser outside the school's network: it must answer with JSON."),
        _l("A firewall in front of the LMS must let the tool in."),
    ]


def _blocked(facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    what = _("The tool may not contact this address (%(why)s).", why=facts["why"])
    return what, [
        _l("The LMS needs a public https address. For a trial the operator can allow it in LTI_TOOL_PLATFORM_ALLOW.")
    ]


def _clock(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    seconds = facts["seconds"]
    known: dict[str, tuple[Any, list[Any]]] = {
        "agrees": (_("Agrees with ours."), []),
        "ahead": (_("Is %(seconds)d seconds ahead of ours.", seconds=seconds), [_CLOCK]),
        "behind": (_("Is %(seconds)d seconds behind ours.", seconds=seconds), [_CLOCK]),
        "not_told": (_("The LMS does not tell its time."), []),
        "unreachable": (_("The LMS did not answer."), []),
    }
    return known[code]


def _token(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    if code == "given":
        return _("The LMS lets the tool in."), []
    if code == "invalid_scope":
        return _("The LMS grants the tool no service at all."), [_SERVICES]
    if code in ("insecure_scheme", "private_address", "bad_url"):
        return _blocked({"why": code})
    if code in ("invalid_client", "invalid_request", "invalid_grant", "unauthorized_client", "token_refused"):
        what = _("The LMS does not accept the tool's signature or client id (%(code)s).", code=_coded(code, facts))
        return what, [_TOOL_KEYS, _CLOCK]
    return _("The LMS gave no usable answer (%(code)s).", code=_coded(code, facts)), [_RETRY]


def _scopes(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    if code == "all":
        return _("The tool may do everything it needs."), []
    if code == "no_token":
        return _("Needs access to services first."), []
    names = ", ".join(str(SERVICES[name]) for name in facts.get("missing", []))
    return _("The tool may not: %(what)s.", what=names), [_SERVICES]


def _service(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]] | None:
    """What is true of both services."""
    coded = _coded(code, facts)
    known: dict[str, tuple[Any, list[Any]]] = {
        "no_token": (_("Needs access to services first."), []),
        "no_place": (_("No course of this LMS has offered it to the tool yet."), [_OPEN_ONCE, _SERVICES]),
        "no_scope": (_("Not permitted: see “Permissions”."), []),
        "foreign_address": (
            _("The service lies on another host than the registered addresses, so it was not called."),
            [_OPERATOR],
        ),
        "forbidden": (_("The LMS does not permit it (%(code)s).", code=coded), [_SERVICES]),
        "unauthorized": (_("The LMS does not accept the tool's access (%(code)s).", code=coded), [_SERVICES]),
        "scope_not_granted": (_("The LMS does not permit it (%(code)s).", code=coded), [_SERVICES]),
        "not_found": (
            _("The LMS no longer knows the course that was tried (%(code)s).", code=coded),
            [_OPEN_ONCE],
        ),
    }
    return known.get(code)


def _roster(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    if code == "read":
        return _("Read: %(count)d people in the course launched last.", count=facts["count"]), []
    if code == "no_names":
        what = _("Read: %(count)d people, all without names. The tool shows numbers instead.", count=facts["count"])
        return what, [_PRIVACY]
    fallback = _("The list cannot be read (%(code)s).", code=_coded(code, facts)), [_RETRY]
    return _service(code, facts) or fallback


def _column(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    if code == "works":
        return _("A test column was made, changed and removed again."), []
    if code == "another_column":
        return _("The LMS answered with another column than the one the tool made; it was left alone."), [_RETRY]
    if facts.get("step") == "remove":
        what = _("The test column “Schools Together: check” could not be removed (%(code)s).", code=_coded(code, facts))
        return what, [_l("The next check removes it, or a teacher does so in the gradebook; it holds no grade.")]
    steps = {
        "find": _("find columns"),
        "create": _("make a column"),
        "read": _("read a column"),
        "change": _("change a column"),
    }
    step = steps.get(str(facts.get("step")), "")
    fallback = _("Could not %(step)s (%(code)s).", step=step, code=_coded(code, facts)), [_SERVICES, _RETRY]
    return _service(code, facts) or fallback


def _launch(code: str, facts: Mapping[str, Any]) -> tuple[Any, list[Any]]:
    if code == "seen":
        return _("People come in; the last did on %(day)s.", day=str(facts.get("at", ""))[:10]), []
    if code == "long_ago":
        return _("Nobody has come in for two months."), []
    return _("Nobody has come in yet."), [
        (
            _l(
                "Moodle: activate the tool in Manage tools, set “Tool configuration usage” to “Show in activity chooser "
                "and as a preconfigured tool”, then add it to a course and open it."
            ),
            _l("In the LMS: add the tool to a course and open it."),
        )
    ]


_EXPLAINERS = {
    "registration": _registration,
    "keys": _keys,
    "clock": _clock,
    "token": _token,
    "scopes": _scopes,
    "roster": _roster,
    "column": _column,
    "launch": _launch,
}


def _coded(code: str, facts: Mapping[str, Any]) -> str:
    return f"{code}, HTTP {facts['status']}" if facts["status"] else code


def explain_refusal(refused: RegistrationRefused) -> tuple[str, list[str]]:
    """Why dynamic registration did not work: what is wrong, what to do."""
    facts = {"reason": "", "status": "", "name": "", "answer": "", **refused.facts}
    again = _("Begin again in your LMS: the same registration address works until a registration succeeds.")
    known: dict[str, tuple[str, list[str]]] = {
        "unreachable": (
            _("Your LMS could not be reached from here (%(reason)s).", reason=facts["reason"]),
            [_("The LMS must answer on its public https address; a firewall must let the tool in."), again],
        ),
        "blocked": (
            _("The tool may not contact this address (%(why)s).", why=facts["reason"]),
            [_("The LMS needs a public https address. For a trial the operator can allow it."), again],
        ),
        "not_a_configuration": (
            _(
                "The address of the LMS's configuration does not answer with one (HTTP %(status)s).",
                status=facts["status"],
            ),
            [_("Check that LTI 1.3 is switched on in the LMS."), again],
        ),
        "incomplete": (
            _("The LMS's configuration lacks a usable “%(name)s”.", name=facts["name"]),
            [_("Update the LMS, or register the tool by hand.")],
        ),
        "not_supported": (
            _("The LMS does not offer %(name)s, which the tool needs.", name=facts["name"]),
            [_("Update the LMS, or ask its maker about LTI 1.3.")],
        ),
        "token_used": (
            _("The LMS says that its registration token was used before or is over."),
            [_("A token works once and for an hour."), again],
        ),
        "token_unusable": (_("The LMS's registration token cannot be used."), [again]),
        "refused": (
            _("The LMS refused the registration: %(answer)s", answer=facts["answer"] or f"HTTP {facts['status']}"),
            [again, _("Or register the tool by hand.")],
        ),
        "bad_answer": (
            _("The LMS answered to the registration with something that cannot be read."),
            [_("Look whether the tool appeared in the LMS; delete it there."), again],
        ),
    }
    fallback = (_("The registration did not work (%(code)s).", code=refused.code), [again])
    what, todo = known.get(refused.code, fallback)
    return str(what), [str(line) for line in todo]
