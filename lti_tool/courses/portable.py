"""A course without people, as one file that another hub can read: a zip archive with `course.json` and `files/…`.

The format is documented in docs/developer/course-archive.md; the models below are its definition. What is not known is
refused rather than left out: half a course helps nobody.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

COURSE = "course.json"
MAX_JSON = 50 * 1024**2
"""Bytes of course.json."""
MAX_FILES = 5_000
MAX_BYTES = 20 * 1024**3
"""Bytes of all files of one archive, unpacked."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PortableFile(_Part):
    """A file of an activity."""

    path: str = Field(pattern=r"^files/[0-9]{1,6}$")
    """In the archive."""
    name: str = Field(min_length=1, max_length=200)


class PortableActivity(_Part):
    """An activity. `number` is unique in the archive, and what `after` of another one names."""

    number: int
    kind: str
    title: str = Field(min_length=1, max_length=200)
    body: str = Field(default="", max_length=200_000)
    published: bool = True
    points: float | None = Field(default=None, gt=0, le=1000)
    due_at: AwareDatetime | None = None
    available_from: AwareDatetime | None = None
    available_until: AwareDatetime | None = None
    asks_done: bool = False
    after: int | None = None
    files: tuple[PortableFile, ...] = ()
    enclosed: tuple[PortableFile, ...] = ()
    """Files that only the content names: Kind.enclosed and Kind.receive."""
    content: dict[str, Any] = {}
    """What its kind keeps beyond this: Kind.pack and Kind.unpack of kinds.py."""


class PortableUnit(_Part):
    """A unit with its activities in order; the first one of a course has no title: what stands before the first unit."""

    title: str = Field(default="", max_length=200)
    summary: str = Field(default="", max_length=200_000)
    published: bool = True
    available_from: AwareDatetime | None = None
    activities: tuple[PortableActivity, ...] = ()


class PortableCourse(_Part):
    """The whole of `course.json`."""

    format: Literal["schools-together/course"] = "schools-together/course"
    version: Literal[1] = 1
    host: str = ""
    """Name of the organization it comes from."""
    exported_at: datetime
    title: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=200_000)
    language: Literal["ru", "en"] = "ru"
    units: tuple[PortableUnit, ...]

    def activities(self) -> Iterator[PortableActivity]:
        for unit in self.units:
            yield from unit.activities


class Unreadable(Exception):
    """The file is no course that can be imported; `faults` says each reason in a sentence."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


class Archive:
    """An archive that was opened and judged: whole, known, and not larger than it may be. Raises Unreadable."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
            self.course = self._read_course()
            self._check_files()
        except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError) as error:
            raise Unreadable(f"{path.name} is no archive that can be read: {error}") from None

    def _read_course(self) -> PortableCourse:
        try:
            info = self._zip.getinfo(COURSE)
        except KeyError:
            raise Unreadable(f"the archive holds no {COURSE}: it was not made by `courses export`") from None
        if info.file_size > MAX_JSON:
            raise Unreadable(f"{COURSE} is larger than {MAX_JSON // 1024**2} MB")
        with self._zip.open(info) as stream:
            text = stream.read(MAX_JSON + 1)
        if len(text) > MAX_JSON:
            raise Unreadable(f"{COURSE} is larger than {MAX_JSON // 1024**2} MB")
        try:
            return PortableCourse.model_validate(json.loads(text))
        except ValidationError as error:
            places = [(".".join(map(str, fault["loc"])), fault["msg"]) for fault in error.errors()]
            raise Unreadable(*(f"{place}: {said}" for place, said in places)) from None
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{COURSE} is no JSON: {error}") from None

    def _check_files(self) -> None:
        activities = self.course.activities()
        wanted = [file.path for activity in activities for file in (*activity.files, *activity.enclosed)]
        sizes = {info.filename: info.file_size for info in self._zip.infolist()}
        faults = [f"the archive lacks {path}" for path in dict.fromkeys(wanted) if path not in sizes]
        if len(wanted) > MAX_FILES:
            faults.append(f"more than {MAX_FILES} files")
        if sum(sizes.get(path, 0) for path in wanted) > MAX_BYTES:
            faults.append(f"more than {MAX_BYTES // 1024**3} GB of files")
        numbers = [activity.number for activity in self.course.activities()]
        faults += [
            f"activity number {one} stands twice" for one in sorted({n for n in numbers if numbers.count(n) > 1})
        ]
        if self.course.units and self.course.units[0].title:
            faults.append("units.0: what stands before the first unit has no title")
        faults += [
            f"units.{place}: a title is missing"
            for place, unit in enumerate(self.course.units)
            if place and not unit.title
        ]
        if faults:
            raise Unreadable(*faults)

    def open(self, file: PortableFile) -> BinaryIO:
        """The content; reading more than it was declared to hold raises an error of zipfile."""
        return cast("BinaryIO", self._zip.open(file.path))
