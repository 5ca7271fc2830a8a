"""Rules of certificates and how they are met, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lti_tool.courses.certificates.queries import (
    ACTIVITIES,
    EARNED,
    ISSUED,
    NOT_YET,
    POINTS,
    REVOKED,
    SESSIONS,
    Progress,
    Ruleset,
)
from lti_tool.courses.certificates.statements import Statement

HAPPENED: dict[str, Any] = {
    "certificate_rules": _l("Rules of certificates decided"),
    "issue_certificates": _l("Certificates issued"),
    "revoke_certificate": _l("Certificate revoked"),
    "restore_certificate": _l("Certificate made valid again"),
    "show_name_on_certificate": _l("Name on a certificate's public page decided"),
}
THINGS: dict[str, Any] = {"certificate": _l("Certificate")}


@dataclass(frozen=True)
class Line:
    """A rule for one pupil: what is asked for, what there is, and whether that is enough."""

    name: str
    asked: str
    has: str
    met: bool


def rule_sentences(rules: Ruleset) -> dict[str, str]:
    """What is asked for, by rule."""
    every = {
        ACTIVITIES: ngettext(
            "Do the activity that is asked for",
            "Do all %(num)d activities that are asked for",
            len(rules.activity_ids),
        ),
        POINTS: _("Reach at least %(least)d%% of all points", least=rules.rule.least_points or 0),
        SESSIONS: _("Attend at least %(least)d%% of the live sessions", least=rules.rule.least_sessions or 0),
    }
    return {name: str(every[name]) for name in rules.sets}


def stated_sentences(stated: Statement) -> list[str]:
    """What was asked for the certificate, as it says itself."""
    told = []
    if stated.activities:
        text = ngettext("%(num)d activity done", "%(num)d activities done", stated.activities)
        told.append(str(text))
    if stated.points is not None:
        told.append(str(_("at least %(least)d%% of the points", least=stated.points)))
    if stated.sessions is not None:
        told.append(str(_("at least %(least)d%% of the live sessions attended", least=stated.sessions)))
    return told


def lines_of(rules: Ruleset, progress: Progress) -> list[Line]:
    """The rules for one pupil. A share is cut, not rounded: 59.9 is not 60."""
    share = int(100 * progress.points / progress.maximum + 1e-6) if progress.maximum else 0
    has = {
        ACTIVITIES: _("%(done)d of %(all)d", done=progress.done, all=len(rules.activity_ids)),
        POINTS: f"{share}%",
        SESSIONS: _("%(done)d of %(all)d", done=progress.attended, all=len(rules.session_ids)),
    }
    asked = rule_sentences(rules)
    return [Line(name, asked[name], str(has[name]), met) for name, met in progress.met.items()]


def rule_names() -> dict[str, str]:
    """The rules in a word."""
    return {ACTIVITIES: _("Activities"), POINTS: _("Points"), SESSIONS: _("Live sessions")}


def obstacles(rules: Ruleset) -> list[str]:
    """Why nobody can earn a certificate as things stand; empty when somebody can."""
    lacks = {
        ACTIVITIES: _("The course has none of the activities that are asked for."),
        POINTS: _("No activity of the course has points."),
        SESSIONS: _("The course has no live sessions."),
    }
    found = [str(lacks[name]) for name in rules.unmeasurable]
    if rules.hidden:
        hidden = ngettext(
            "%(num)d activity that is asked for is not shown to pupils.",
            "%(num)d activities that are asked for are not shown to pupils.",
            rules.hidden,
        )
        found.append(str(hidden))
    return found


def choice_names(rules: Ruleset) -> dict[str, str]:
    """What can be chosen above the list of pupils."""
    missing = {
        ACTIVITIES: _("activities missing"),
        POINTS: _("points missing"),
        SESSIONS: _("live sessions missing"),
    }
    names = {
        EARNED: _("earned, to be issued"),
        ISSUED: _("issued"),
        REVOKED: _("revoked"),
        NOT_YET: _("not earned yet"),
    }
    return names | {name: missing[name] for name in rules.sets}


def state_badges() -> dict[str, tuple[str, str, str]]:
    """(words, kind of badge, icon) of how a pupil stands."""
    return {
        EARNED: (_("earned, to be issued"), "info", "award"),
        ISSUED: (_("issued"), "success", "check2"),
        REVOKED: (_("revoked"), "danger", "x-octagon"),
        NOT_YET: (_("not earned yet"), "secondary", "hourglass-split"),
    }
