"""What is attached to an activity: pictures that its text shows by their names, and files to look at or to keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from lti_tool.core.db import db
from lti_tool.core.errors import NotFound
from lti_tool.courses.models import Activity, ActivityFile
from lti_tool.files.kinds import ARCHIVES, AUDIO, DOCUMENTS, IMAGES, VIDEO
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules

MATERIALS = Rules(kinds=(DOCUMENTS, IMAGES, AUDIO, VIDEO, ARCHIVES), most=20, looks_inside=True)
PURPOSE = "activity"


def materials_of(activity: Activity) -> Sequence[StoredFile]:
    """The attached files in the order they were brought. One statement."""
    statement = select(ActivityFile).where(ActivityFile.activity_id == activity.id).order_by(ActivityFile.id)
    return [each.file for each in db.session.scalars(statement)]


def attached_file(activity: Activity, file_id: int) -> StoredFile:
    """This one of them. Raises NotFound when it is none."""
    statement = select(ActivityFile).where(ActivityFile.activity_id == activity.id, ActivityFile.file_id == file_id)
    found = db.session.scalar(statement)
    if found is None:
        raise NotFound
    return found.file


@dataclass
class Pictures:
    """Finds attached pictures by name for a text, and remembers which ones it showed."""

    files: Sequence[StoredFile]
    address: Callable[[StoredFile], str]
    used: set[int] = field(default_factory=set)

    def __call__(self, name: str) -> str | None:
        found = next((file for file in self.files if file.name == name and file.is_open), None)
        if found is None or not found.media_type.startswith("image/"):
            return None
        self.used.add(found.id)
        return self.address(found)

    @property
    def others(self) -> list[StoredFile]:
        """Files the text does not show itself."""
        return [file for file in self.files if file.id not in self.used]
