"""The kinds of activities. Each is a room of its own; here is all that the course's pages need to know of one.

A new kind is a new folder with a `kind.py` that makes one Kind, and one line in `courses/__init__.py`.

What a kind keeps of its own has to survive three ways: a copy within the hub (`copy`), a new year (`shift`), and an archive
that another hub reads (`pack`, `unpack`). Titles, texts, dates, prerequisites and files of an activity are cared for by
the course; a kind says only what nobody else knows. Nothing of pupils may go any of these ways.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_tool.core.errors import NotFound
from lti_tool.courses.models import Activity
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules

DUE = _l("due")
Settings = Any
"""What a kind keeps of an activity beyond the columns all share: a frozen value of its own, or None."""


def _nothing(_activity: Activity) -> Any:
    return {}


def _no_settings(_activity: Activity) -> Settings:
    return None


def _nothing_to_shift(_activity: Activity, _days: int | None) -> None:
    return None


def _nothing_follows(_activity: Activity) -> None:
    return None


def _no_files(_activity: Activity) -> Sequence[StoredFile]:
    return ()


def _keep_nothing(_activity: Activity, _settings: Settings) -> None:
    return None


def _no_more(_access: Any, _work: Any) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Kind:
    """One kind of activity, as the course's pages meet it."""

    name: str
    title: Any
    """What it is called, in the reader's language."""
    add: Any
    """"Add a …", on a button."""
    new: Any
    """"New …", over its form."""
    icon: str
    form: Callable[[Activity | None], Any]
    """The form a teacher writes it with: an ActivityForm."""
    fields: str
    """Template of the form's own fields."""
    show: Callable[[Any], Any]
    """Answer with the page for an ActivityAccess: for pupils, for teachers who look."""
    works: bool = False
    """Pupils do something that is kept as their Submission, and that a teacher may review."""
    work: str = ""
    """Template of what a pupil did, for the pages of a reviewer."""
    review: Callable[[Any, Any], Mapping[str, Any]] = _no_more
    """What that template needs of a WorkAccess and its Work beyond these two."""
    grading: str = ""
    """Template of the grading form; empty: points and a comment, as for all."""
    grade: Callable[[Any], Any] | None = None
    """Answer that form, for a WorkAccess."""
    give_grade: Callable[..., Any] | None = None
    """What becomes of points given by whichever page: takes and answers what operations.grading.record_grade does, or
    None while they are held back; None: they are the grade."""
    due: Any = DUE
    """The word before the activity's date."""
    kept: Callable[[Activity], Settings] = _no_settings
    """The activity's own settings."""
    keep: Callable[[Activity, Settings], None] = _keep_nothing
    """Store them."""
    changed: Callable[[Activity], None] = _nothing_follows
    """A teacher changed dates or settings: see to what follows for pupils who are at work."""
    copy: Callable[[Activity, Activity], None] | None = None
    """Give the second, new activity the content of the first; None: the settings are all there is."""
    shift: Callable[[Activity, int | None], None] = _nothing_to_shift
    """Move the kind's own dates by so many days; None: leave them out."""
    pack: Callable[[Activity], Mapping[str, Any]] = _nothing
    """The kind's own settings and content as plain JSON, for another hub."""
    unpack: Callable[[Activity, Mapping[str, Any]], None] = _keep_nothing
    """Give a new activity what `pack` gave, on whatever hub. Raises ValueError, with a sentence, for what it cannot be."""
    enclosed: Callable[[Activity], Sequence[StoredFile]] = _no_files
    """Files that the content needs beside the attached ones, in an order that `pack` may refer to."""
    receive: Callable[[Activity, Sequence[StoredFile]], None] = _keep_nothing
    """Take these files of another hub, in the same order, for the new activity; before `unpack`."""
    confirms: bool = False
    """Pupils say themselves that they are done, where the teacher or what comes after asks for it."""
    materials: Rules | None = None
    """Which files a teacher may attach to it; None: none. See courses/materials.py."""


_kinds: dict[str, Kind] = {}


def register(*kinds: Kind) -> None:
    """Make kinds known, in the order in which they are offered to teachers."""
    _kinds.update({kind.name: kind for kind in kinds})


def all_kinds() -> list[Kind]:
    """The kinds a teacher can choose from, in order."""
    return list(_kinds.values())


def kind_named(name: str) -> Kind:
    """Raises NotFound when there is no such kind."""
    if name not in _kinds:
        raise NotFound
    return _kinds[name]


def kind_of(activity: Activity) -> Kind:
    """The kind of this activity."""
    return _kinds[activity.kind]


def copy_content(source: Activity, target: Activity) -> None:
    """Give a new activity everything its kind keeps of another: settings and content, nothing of pupils."""
    kind = kind_of(source)
    kind.keep(target, kind.kept(source))
    if kind.copy is not None:
        kind.copy(source, target)


def shift_dates(activity: Activity, days: int | None) -> None:
    """Move the dates only its kind knows of by so many days, or leave them out."""
    kind_of(activity).shift(activity, days)
