"""Files people hand in: a local directory or an S3 bucket. Keys are ours, never a name somebody typed."""

from __future__ import annotations

import hashlib
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, Protocol, cast
from urllib.parse import urlsplit

from flask import Flask, current_app
from flask_babel import gettext as _

from lti_tool.core.errors import Invalid

CHUNK = 256 * 1024
MAX_NAME = 120
"""Characters of a file name that are kept."""


_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")


class TooLarge(Exception):
    """The stream is longer than the caller allows; nothing was kept."""


@dataclass(frozen=True)
class StoredFile:
    key: str
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""


class Storage(Protocol):
    def save(self, stream: BinaryIO, *, limit: int) -> StoredFile:
        """Keep a stream of at most `limit` bytes. Raises TooLarge."""

    def read(self, key: str) -> Iterator[bytes]:
        """The content in pieces. Raises FileNotFoundError."""

    def delete(self, key: str) -> None:
        """Remove; no error when it is gone already."""

    def every_key(self) -> Iterator[str]:
        """Keys of everything that is kept."""

    def put(self, key: str, stream: BinaryIO) -> bool:
        """Bring back what was kept under this key; True when nothing was there."""

    def check(self) -> None:
        """Raise an OSError when files cannot be kept now (for /readyz)."""


def _new_key() -> str:
    name = secrets.token_hex(16)
    return f"{name[:2]}/{name}"


def is_storage_key(key: str) -> bool:
    """Whether this is a key of ours: no other path can be written or told."""
    return _KEY.fullmatch(key) is not None


def checked(key: str) -> str:
    """The key itself. Raises ValueError for what is none."""
    if not is_storage_key(key):
        raise ValueError("not a key of the storage")
    return key


def _spool(stream: BinaryIO, target: BinaryIO, limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    while piece := stream.read(CHUNK):
        size += len(piece)
        if size > limit:
            raise TooLarge
        digest.update(piece)
        target.write(piece)
    return size, digest.hexdigest()


class LocalStorage:
    """A directory; a file appears under its key only when it is whole."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def save(self, stream: BinaryIO, *, limit: int) -> StoredFile:
        key = _new_key()
        path = self.directory / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            try:
                size, digest = _spool(stream, cast("BinaryIO", part), limit)
            except BaseException:
                Path(part.name).unlink()
                raise
        Path(part.name).replace(path)
        return StoredFile(key, size, digest)

    def read(self, key: str) -> Iterator[bytes]:
        file = (self.directory / key).open("rb")
        return _pieces(file)

    def delete(self, key: str) -> None:
        (self.directory / key).unlink(missing_ok=True)

    def every_key(self) -> Iterator[str]:
        found = (path.relative_to(self.directory).as_posix() for path in self.directory.glob("??/*"))
        return (key for key in found if is_storage_key(key))

    def put(self, key: str, stream: BinaryIO) -> bool:
        path = self.directory / checked(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
            shutil.copyfileobj(stream, part)
        Path(part.name).replace(path)
        return is_new

    def check(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=self.directory):
            pass


class S3Storage:
    """A bucket under a prefix; credentials and region come from the usual AWS_* environment."""

    def __init__(self, bucket: str, prefix: str) -> None:
        import boto3  # an optional extra, needed only by installations that use S3

        self.client: Any = boto3.client("s3")
        self.bucket, self.prefix = bucket, prefix

    def save(self, stream: BinaryIO, *, limit: int) -> StoredFile:
        key = _new_key()
        with tempfile.SpooledTemporaryFile(max_size=8 * CHUNK) as part:
            size, digest = _spool(stream, cast("BinaryIO", part), limit)
            part.seek(0)
            self.client.upload_fileobj(part, self.bucket, self.prefix + key)
        return StoredFile(key, size, digest)

    def read(self, key: str) -> Iterator[bytes]:
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key)["Body"]
        except self.client.exceptions.NoSuchKey:
            raise FileNotFoundError(key) from None
        return cast("Iterator[bytes]", body.iter_chunks(CHUNK))

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self.prefix + key)

    def every_key(self) -> Iterator[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=self.prefix)
        found = (each["Key"].removeprefix(self.prefix) for page in pages for each in page.get("Contents", ()))
        return (key for key in found if is_storage_key(key))

    def put(self, key: str, stream: BinaryIO) -> bool:
        name = self.prefix + checked(key)
        listed = self.client.list_objects_v2(Bucket=self.bucket, Prefix=name, MaxKeys=1)
        self.client.upload_fileobj(stream, self.bucket, name)
        return not listed.get("KeyCount")

    def check(self) -> None:
        self.client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix, MaxKeys=1)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def keep_upload(stream: BinaryIO, name: str, *, limit: int, field: str) -> StoredFile:
    """Put an upload into the storage, before any row is locked. Raises Invalid, for the form's `field`, when it is empty
    or has more than `limit` bytes."""
    try:
        stored = current_storage().save(stream, limit=limit)
    except TooLarge:
        size = limit // (1024 * 1024)
        raise Invalid({field: _("%(name)s is larger than %(size)d MB.", name=clean_name(name), size=size)}) from None
    if stored.size == 0:
        current_storage().delete(stored.key)
        raise Invalid({field: _("%(name)s is empty.", name=clean_name(name))})
    return stored


def clean_name(name: str) -> str:
    """A file's name without folders, control and direction signs; letters of every script stay."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(
        sign
        for sign in unicodedata.normalize("NFC", last)
        if unicodedata.category(sign)[0] != "C" and sign not in '<>:"|?*'
    ).strip(" .")
    if len(kept) > MAX_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: MAX_NAME - 11]}.{ending[:10]}" if dot else kept[:MAX_NAME]
    return kept or "file"


def open_storage(url: str) -> Storage:
    """The storage a `file:` or `s3:` address names."""
    parts = urlsplit(url)
    if parts.scheme == "s3":
        return S3Storage(parts.netloc, parts.path.strip("/") + "/" if parts.path.strip("/") else "")
    return LocalStorage(Path(parts.path))


def init_app(app: Flask, url: str) -> None:
    app.extensions["storage"] = open_storage(url)


def current_storage() -> Storage:
    return cast("Storage", current_app.extensions["storage"])
