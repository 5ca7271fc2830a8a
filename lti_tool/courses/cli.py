"""Commands about shared courses."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import click
from flask.cli import AppGroup

from lti_tool.core.cli import as_json, print_rows
from lti_tool.core.db import get_or_none, unit_of_work
from lti_tool.courses.forms import parse_points
from lti_tool.courses.models import SharedCourse
from lti_tool.courses.operations.carrying import export_course, import_course
from lti_tool.courses.operations.grading import ImportedGrade, import_grades
from lti_tool.courses.portable import Archive, Unreadable
from lti_tool.courses.queries.courses import all_courses
from lti_tool.courses.queries.mine import course_teachers, likely_teacher
from lti_tool.grades.cli import grades
from lti_tool.people.models import Identity

courses = AppGroup("courses", help="Shared courses.")
COLUMNS = ("activity", "issuer", "sub", "score", "comment")


@courses.command("list")
@as_json
def list_courses(as_json: bool) -> None:
    """Every course with its host, its state and how many classes and activities it has."""
    rows = [
        {
            "id": course.id,
            "title": course.title,
            "organization": course.organization.name,
            "state": course.state,
            "classes": classes,
            "activities": activities,
        }
        for course, classes, activities in all_courses()
    ]
    print_rows(rows, as_json)


@courses.command("export")
@click.argument("course_id", type=int)
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@as_json
def export_file(course_id: int, file: Path, as_json: bool) -> None:
    """Write the content of a course, without any people, into FILE, which another hub can import."""
    course = get_or_none(SharedCourse, course_id)
    if course is None:
        raise click.ClickException(f"There is no course {course_id}: see `courses list`.")
    if not file.parent.is_dir():
        raise click.ClickException(f"There is no folder {file.parent}.")
    packed = export_course(course=course, path=file)
    activities = list(packed.activities())
    row = {
        "title": packed.title,
        "units": len(packed.units) - 1,
        "activities": len(activities),
        "files": len({each.path for activity in activities for each in activity.files}),
        "bytes": file.stat().st_size,
    }
    print_rows([row], as_json)


@courses.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--teacher", type=int, help="Identity (its id) of the teacher who gets it: see `courses teachers`.")
@as_json
def import_archive(file: Path, teacher: int | None, as_json: bool) -> None:
    """Make a draft course of FILE, as `courses export` wrote it on any hub. All or nothing.

    It belongs to the teacher's organization. With no teacher named: to whoever teaches the newest course of the
    organization the archive comes from, or of the only organization that has courses here.
    """
    try:
        archive = Archive(file)
        with unit_of_work():
            identity = get_or_none(Identity, teacher) if teacher is not None else likely_teacher(archive.course.host)
            if identity is None:
                raise click.ClickException(
                    "Name the teacher who gets the course with --teacher: see `courses teachers`."
                )
            made = import_course(archive=archive, teacher=identity)
            row = {"organization": identity.registration.organization.name, "teacher": identity.id, "id": made.id}
    except Unreadable as unreadable:
        for fault in unreadable.faults:
            click.echo(fault, err=True)
        raise click.ClickException(f"Nothing was imported from {file}.") from None
    if as_json:
        print_rows([row], as_json)
        return
    click.echo(f"Given to identity {row['teacher']} of {row['organization']}.", err=True)
    click.echo(row["id"])


@courses.command("teachers")
@as_json
def list_teachers(as_json: bool) -> None:
    """Everybody who teaches a course at its host: id of the identity, organization, number of courses; no names."""
    rows = [
        {"id": identity_id, "organization": organization, "courses": count}
        for identity_id, organization, count in course_teachers()
    ]
    print_rows(rows, as_json)


@grades.command("import")
@click.argument("course_id", type=int)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(course_id: int, file: Path) -> None:
    """Record the grades of a CSV file (columns activity, issuer, sub, score, comment) and have them delivered.

    All or nothing: with a faulty line, each fault is told and no grade is recorded.
    """
    course = get_or_none(SharedCourse, course_id)
    if course is None:
        raise click.ClickException(f"There is no course {course_id}: see `courses list`.")
    try:
        rows = list(_read(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(f"{file} cannot be read as a CSV file in UTF-8: {error}") from None
    try:
        with unit_of_work():
            count, faults = import_grades(course=course, grades=rows)
            if faults:
                raise _Faulty(faults)
    except _Faulty as faulty:
        for fault in faulty.faults:
            click.echo(fault, err=True)
        raise click.ClickException("No grade was recorded. Correct these lines and import the file again.") from None
    click.echo(count)


class _Faulty(Exception):
    def __init__(self, faults: list[str]) -> None:
        super().__init__(len(faults))
        self.faults = faults


def _read(file: Path) -> Iterator[ImportedGrade]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in COLUMNS[:4] if name not in (reader.fieldnames or ())]
        if missing:
            raise click.ClickException(f"{file} has no column {', '.join(missing)}.")
        for number, row in enumerate(reader, start=2):
            try:
                points = parse_points(row["score"] or "")
            except ValueError:
                raise click.ClickException(f"line {number}: {row['score']!r} is not a number of points.") from None
            yield ImportedGrade(
                line=number,
                activity=(row["activity"] or "").strip(),
                issuer=(row["issuer"] or "").strip(),
                sub=(row["sub"] or "").strip(),
                points=points,
                comment=(row.get("comment") or "").strip(),
            )
