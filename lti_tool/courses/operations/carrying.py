"""A course's content out of this hub into an archive, and from an archive of any hub into this one."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from lti_tool.core import audit
from lti_tool.core.db import db, utcnow
from lti_tool.core.storage import TooLarge, current_storage
from lti_tool.courses.arrangement import holds_up
from lti_tool.courses.kinds import all_kinds, kind_of
from lti_tool.courses.materials import MATERIALS, PURPOSE
from lti_tool.courses.models import Activity, ActivityFile, CourseTeacher, CourseUnit, SharedCourse
from lti_tool.courses.operations.teaching import new_code
from lti_tool.courses.portable import (
    COURSE,
    Archive,
    PortableActivity,
    PortableCourse,
    PortableFile,
    PortableUnit,
    Unreadable,
)
from lti_tool.courses.queries.outline import outline_of
from lti_tool.files.inspection import examine
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import MAX_FILE, add, reason_against, take
from lti_tool.people.actor import Actor
from lti_tool.people.models import Identity

PLAIN = ("kind", "title", "body", "published", "points", "due_at", "available_from", "available_until", "asks_done")


def export_course(*, course: SharedCourse, path: Path) -> PortableCourse:
    """Write the archive; it appears under its name only when it is whole."""
    outline = outline_of(course.id)
    files = _files_by_activity(course.id)
    enclosed = {each.id: list(kind_of(each).enclosed(each)) for each in outline.activities}
    carried = _each_once(files, enclosed)
    paths = {file.id: f"files/{number}" for number, file in enumerate(carried, start=1)}
    units = [
        PortableUnit(
            **(
                {name: getattr(unit, name) for name in ("title", "summary", "published", "available_from")}
                if unit
                else {}
            ),
            activities=tuple(
                _packed(each, files.get(each.id, []), enclosed[each.id], paths)
                for each in outline.activities
                if each.unit_id == (unit.id if unit else None)
            ),
        )
        for unit in [None, *outline.units]
    ]
    packed = PortableCourse(
        host=course.organization.name,
        exported_at=utcnow(),
        title=course.title,
        description=course.description,
        language="en" if course.language == "en" else "ru",
        units=tuple(units),
    )
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        try:
            _write(Path(part.name), packed, {paths[file.id]: file for file in carried})
        except BaseException:
            Path(part.name).unlink()
            raise
    Path(part.name).replace(path)
    return packed


def _files_by_activity(course_id: int) -> dict[int, list[StoredFile]]:
    statement = select(ActivityFile).join(Activity, Activity.id == ActivityFile.activity_id)
    found: dict[int, list[StoredFile]] = {}
    for each in db.session.scalars(statement.where(Activity.course_id == course_id).order_by(ActivityFile.id)):
        if each.file.is_open:
            found.setdefault(each.activity_id, []).append(each.file)
    return found


def _each_once(*files: dict[int, list[StoredFile]]) -> list[StoredFile]:
    return list({file.id: file for some in files for inside in some.values() for file in inside}.values())


def _packed(
    activity: Activity, files: Sequence[StoredFile], enclosed: Sequence[StoredFile], paths: dict[int, str]
) -> PortableActivity:
    return PortableActivity(
        number=activity.id,
        after=activity.after_id,
        files=tuple(PortableFile(path=paths[file.id], name=file.name) for file in files),
        enclosed=tuple(PortableFile(path=paths[file.id], name=file.name) for file in enclosed),
        content=dict(kind_of(activity).pack(activity)),
        **{name: getattr(activity, name) for name in PLAIN},
    )


def _write(path: Path, packed: PortableCourse, files: dict[str, StoredFile]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(COURSE, packed.model_dump_json(indent=1))
        for name, file in files.items():
            with archive.open(name, "w", force_zip64=True) as target:
                for piece in current_storage().read(file.key):
                    target.write(piece)


def import_course(*, archive: Archive, teacher: Identity) -> SharedCourse:
    """A new draft of the teacher's organization with what the archive holds. Raises Unreadable; then nothing is kept."""
    _check(archive.course)
    packed, organization = archive.course, teacher.registration.organization
    course = SharedCourse(
        organization_id=organization.id,
        title=packed.title,
        description=packed.description,
        language=packed.language,
        join_code=new_code(),
    )
    db.session.add(course)
    db.session.flush()
    db.session.add(CourseTeacher(course_id=course.id, identity_id=teacher.id))
    actor = Actor(person_id=teacher.person_id, identity_id=teacher.id, organization_id=organization.id)
    carried = _Carried(actor, course, archive)
    try:
        carried.unpack()
    except BaseException:
        for key in carried.keys:
            current_storage().delete(key)
        raise
    audit.record(None, "import_course", "course", course.id, concerns=organization.id, activities=len(carried.made))
    return course


def _check(packed: PortableCourse) -> None:
    """What only this hub can say of it: kinds it does not know, activities that would wait for each other."""
    known = {kind.name for kind in all_kinds()}
    activities = list(packed.activities())
    numbers = {each.number for each in activities}
    chain = [(each.number, each.after) for each in activities]
    faults = [f"“{each.title}”: this hub knows no kind “{each.kind}”" for each in activities if each.kind not in known]
    faults += [
        f"“{each.title}” comes after an activity that is not in the archive"
        for each in activities
        if each.after is not None and each.after not in numbers
    ]
    if not faults:
        faults += [
            f"“{each.title}” waits for itself" for each in activities if holds_up(chain, each.number, each.after)
        ]
    if faults:
        raise Unreadable(*faults)


@dataclass
class _Carried:
    """What has been made of an archive so far."""

    actor: Actor
    course: SharedCourse
    archive: Archive
    made: dict[int, Activity] = field(default_factory=dict)
    """By their number in the archive."""
    stored: dict[str, StoredFile] = field(default_factory=dict)
    """By their path in the archive: copies of an activity share a file."""
    keys: list[str] = field(default_factory=list)
    """In the storage, to be removed when anything fails."""

    def unpack(self) -> None:
        for place, unit in enumerate(self.archive.course.units):
            self._unit(place, unit)
        for each in self.archive.course.activities():
            self.made[each.number].after_id = self.made[each.after].id if each.after is not None else None
        db.session.flush()

    def _unit(self, place: int, packed: PortableUnit) -> None:
        unit_id = None
        if place:
            values = packed.model_dump(exclude={"activities"})
            unit = CourseUnit(course_id=self.course.id, position=place, **values)
            db.session.add(unit)
            db.session.flush()
            unit_id = unit.id
        for position, each in enumerate(packed.activities, start=1):
            self._activity(each, unit_id, position)

    def _activity(self, packed: PortableActivity, unit_id: int | None, position: int) -> None:
        values = {name: getattr(packed, name) for name in PLAIN}
        activity = Activity(course_id=self.course.id, unit_id=unit_id, position=position, **values)
        activity.course = self.course
        db.session.add(activity)
        db.session.flush()
        self.made[packed.number] = activity
        enclosed = [self._file(packed, file) for file in packed.enclosed]
        try:
            kind_of(activity).receive(activity, enclosed)
            kind_of(activity).unpack(activity, packed.content)
        except (ValueError, TypeError, KeyError) as error:
            raise Unreadable(f"“{packed.title}”: {error}") from None
        for file in packed.files:
            db.session.add(ActivityFile(activity_id=activity.id, file_id=self._file(packed, file).id))

    def _file(self, activity: PortableActivity, packed: PortableFile) -> StoredFile:
        if packed.path not in self.stored:
            try:
                with self.archive.open(packed) as stream:
                    kept = current_storage().save(stream, limit=MAX_FILE)
            except (TooLarge, zipfile.BadZipFile, zlib.error, EOFError):
                raise Unreadable(f"“{activity.title}”: {packed.name} is damaged or too large") from None
            self.keys.append(kept.key)
            file = add(actor=self.actor, key=kept.key, name=packed.name, facts=examine(kept.key, packed.name))
            reason = reason_against(file, MATERIALS)
            if reason:
                raise Unreadable(f"“{activity.title}”: {reason}")
            take(actor=self.actor, ids=[file.id], purpose=PURPOSE, rules=MATERIALS)
            self.stored[packed.path] = file
        return self.stored[packed.path]
