"""What a form with the file picker brings: ids of files uploaded before, and files that come with the form itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, request
from werkzeug.datastructures import FileStorage

from lti_tool.core.db import as_key
from lti_tool.core.storage import current_storage, keep_upload
from lti_tool.files.inspection import examine
from lti_tool.files.models import StoredFile
from lti_tool.files.operations.keeping import Rules, add, own_untaken, take
from lti_tool.people.actor import Actor

FORM_BYTES = 2_000_000
"""Of everything but the files."""


def accept_files(blueprint: Blueprint, views: Mapping[str, Rules]) -> None:
    """Let these views (by endpoint, such as `exchange.save`) receive files with the form, for browsers without scripts.

    It has to happen before anything reads the form, so it is said when the blueprint is made.
    """

    @blueprint.url_value_preprocessor
    def raise_limit(endpoint: str | None, _values: dict[str, Any] | None) -> None:
        rules = views.get(endpoint or "")
        if rules is not None:
            request.max_content_length = rules.most * rules.most_bytes + FORM_BYTES


def picked(actor: Actor, *, rules: Rules, field: str = "files") -> Sequence[StoredFile]:
    """The person's files this form brings, in its order, not taken yet; those that came with the form itself are kept
    first. For showing the form again. Raises Invalid for `field` when one that came with it is empty or too large.
    """
    uploads = request.files.getlist(field)
    try:
        came = [keep(actor, upload, rules=rules, field=field) for upload in uploads if upload.filename]
    finally:
        for upload in uploads:
            upload.close()
    return [*own_untaken(actor, _ids(field)), *came]


def take_picked(
    actor: Actor,
    *,
    purpose: str,
    rules: Rules,
    field: str = "files",
    files: Sequence[StoredFile] | None = None,
) -> Sequence[StoredFile]:
    """All of `picked` become the feature's own, by keeping.take. Raises Invalid. `files`: what `picked` gave already."""
    files = picked(actor, rules=rules, field=field) if files is None else files
    return take(actor=actor, ids=[file.id for file in files], purpose=purpose, rules=rules, field=field)


def keep(actor: Actor, upload: FileStorage, *, rules: Rules, field: str = "files") -> StoredFile:
    """One file that came with a form, in the storage and the person's own. Raises Invalid."""
    name = upload.filename or ""
    stored = keep_upload(upload.stream, name, limit=rules.most_bytes, field=field)  # type: ignore[arg-type]  # werkzeug's IO[bytes] is a BinaryIO
    try:
        return add(actor=actor, key=stored.key, name=name, facts=examine(stored.key, name))
    except BaseException:
        current_storage().delete(stored.key)
        raise


def _ids(field: str) -> list[int]:
    return request.form.getlist(f"{field}_id", type=as_key)
