"""What one person is called before another: the privacy table between schools, in one function.

| viewer sees → | pupils of the own organization | pupils of others | teachers |
|---|---|---|---|
| pupil, teacher | full name | first name and initial; full where the home school allows it to the host | full name |
| external partner | an alias | an alias | full name |
| operator | a number | a number | a number |
| operator in a support access | as a coordinator of that school | an alias | full name |

Everybody sees their own full name. Whoever has the number of a certificate reads the full name on its public page, once its
holder lets it be told there. A school that sends no names shows a stable alias.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from lti_tool.people.actor import Actor
from lti_tool.people.guests.models import Guest
from lti_tool.people.models import Identity


def display_name(viewer: Actor | None, identity: Identity, *, full: bool = False, teacher: bool = False) -> str:
    """The name `viewer` may read.

    `full`: the participation lets this viewer see full names. `teacher`: `identity` is a teacher there.
    """
    if viewer is None or (viewer.is_operator and viewer.identity_id != identity.id):
        return str(_("Person %(number)d", number=identity.id))
    if viewer.is_partner:
        return full_name(identity) if teacher else alias(identity)
    if viewer.support is not None:
        supported = viewer.supports == identity.registration.organization_id
        return full_name(identity) if supported or teacher else alias(identity)
    own = viewer.identity_id == identity.id or viewer.organization_id == identity.registration.organization_id
    return full_name(identity) if own or full or teacher else short_name(identity)


def guest_name(viewer: Actor | None, guest: Guest) -> str:
    """What `viewer` may call somebody invited by name: adults who act for an organization, as teachers do."""
    if viewer is None or (viewer.is_operator and viewer.guest_id != guest.id):
        return str(_("Invited person %(number)d", number=guest.id))
    return guest.name


def office_name(viewer: Actor | None, office: Any) -> str:
    """What `viewer` may call the coordinator of an Office of queries: an adult in office, as teachers are."""
    if office.identity is not None:
        return display_name(viewer, office.identity, teacher=True)
    if office.guest is not None:
        return guest_name(viewer, office.guest)
    return str(_("Person %(number)d", number=office.coordinator.person_id))


def school_name(identity: Identity) -> str:
    return identity.registration.organization.name


def full_name(identity: Identity) -> str:
    """As the LMS sends it, or the alias when it sends nothing."""
    return told_name(identity) or alias(identity)


def told_name(identity: Any) -> str:
    """The whole name as the LMS sends it, of an Identity or a row with its names; empty when it sends none."""
    joined = " ".join(part for part in (identity.given_name, identity.family_name) if part)
    return str(identity.name or joined)


def short_name(identity: Identity) -> str:
    """First name and initial of the family name, or the alias."""
    parts = short_parts(identity.name, identity.given_name, identity.family_name)
    return " ".join(part for part in parts if part) or alias(identity)


def short_parts(name: str, given: str, family: str) -> tuple[str, str]:
    """First name, and the family name's initial with a dot; either is empty when it was not told."""
    given, family = given.strip(), family.strip()
    if not given and not family:
        words = name.split()
        given, family = (words[0] if words else ""), (words[-1] if len(words) > 1 else "")
    return (given.split()[0] if given else ""), (f"{family[0]}." if family else "")


def alias(identity: Identity) -> str:
    """A stable stand-in for a name that was not sent."""
    return numbered(identity.alias_number, school_name(identity))


def numbered(number: int, school: str) -> str:
    """The wording of an alias."""
    return str(_("Participant %(number)d, %(school)s", number=number, school=school))
