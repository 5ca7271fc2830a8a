"""Who may bring files: everybody who is signed in. What becomes of them is for the features to say."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from lti_tool.core.policy import Predicate, says
from lti_tool.files.models import StoredFile, Upload
from lti_tool.people.actor import Actor


@says(_l("Whoever began to send the file"))
def began_it(actor: Actor, upload: Upload) -> bool:
    return upload.person_id == actor.person_id


@says(_l("Whoever brought the file, until it is used somewhere"))
def brought_it(actor: Actor, file: StoredFile) -> bool:
    return file.person_id == actor.person_id and file.kept_at is None


RULES: dict[str, tuple[Predicate, ...]] = {
    "upload.continue": (began_it,),
    "file.drop": (brought_it,),
}
ACTS = {
    "upload.continue": _l("Go on with an upload"),
    "file.drop": _l("Take back a file that no form has taken"),
}
