"""The files in the form of an activity: those attached, those ticked to be taken out, those just brought."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from lti_tool.core.db import as_key
from lti_tool.core.errors import Invalid
from lti_tool.courses.kinds import Kind
from lti_tool.courses.materials import PURPOSE, Pictures, materials_of
from lti_tool.courses.models import Activity
from lti_tool.courses.operations.attaching import attach, detach
from lti_tool.courses.views.base import actor
from lti_tool.files.forms import picked
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import require_allowed, take
from lti_tool.files.views import preview_address


class Brought:
    """What the form of this request says about files, read once; a kind without materials brings none."""

    def __init__(self, kind: Kind, activity: Activity | None) -> None:
        self.rules = kind.materials
        self.attached: Sequence[StoredFile] = materials_of(activity) if activity and self.rules else []
        self.leaving = set(request.form.getlist("detach", type=as_key)) & {file.id for file in self.attached}
        self.new: Sequence[StoredFile] = []
        self.faults: list[str] = []
        if self.rules and request.method == "POST":
            try:
                self.new = picked(actor(), rules=self.rules)
                require_allowed(self.new, self.rules, field="files")
            except Invalid as fault:
                self.faults = [str(sentence) for sentence in fault.errors.values()]

    @property
    def valid(self) -> bool:
        return not self.faults

    @property
    def pictures(self) -> Pictures:
        """For showing the text as it will be."""
        return Pictures([*self.new, *(file for file in self.attached if file.id not in self.leaving)], preview_address)

    def keep(self, activity: Activity) -> None:
        """Attach what was brought, let go what was ticked. Raises Invalid."""
        if self.rules is None:
            return
        ids = [file.id for file in self.new]
        try:
            taken = take(actor=actor(), ids=ids, purpose=PURPOSE, rules=self.rules)
        except Invalid as fault:
            self.faults = [str(sentence) for sentence in fault.errors.values()]
            raise
        detach(actor=actor(), activity=activity, file_ids=self.leaving)
        attach(actor=actor(), activity=activity, files=taken)
