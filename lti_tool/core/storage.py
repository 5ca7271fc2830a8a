"""Files people hand in: a local directory or an S3 bucket. Keys are ours, never a name somebody typed.

A file comes whole (`save`), or in pieces over hours (`begin`, `append`, `finish`): how many bytes count is the caller's to
know, so a piece that was written and never counted is simply written once more.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
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
S3_PART = 8 * 1024 * 1024
"""Bytes of each part of a multipart upload but the last; S3 takes none below 5 MB."""
IN_MEMORY = 8 * CHUNK
"""Bytes of a file from S3 that are read without a temporary file."""


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


@dataclass(frozen=True)
class Begun:
    """A file that comes in pieces."""

    key: str
    """Where it will be once it is whole."""
    handle: str = ""
    """What the storage calls the upload; empty when it needs no name."""


class Storage(Protocol):
    def save(self, stream: BinaryIO, *, limit: int) -> StoredFile:
        """Keep a stream of at most `limit` bytes. Raises TooLarge."""

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The content, or its bytes from `start` to before `stop`, in pieces. Raises FileNotFoundError."""

    def open(self, key: str) -> BinaryIO:
        """The content to read back and forth; to be closed. Raises FileNotFoundError."""

    def begin(self) -> Begun:
        """Start a file that comes in pieces."""

    def append(self, begun: Begun, offset: int, piece: BinaryIO) -> None:
        """Write a piece behind the first `offset` bytes; what was behind them is gone. Raises FileNotFoundError when
        fewer bytes than that are there."""

    def finish(self, begun: Begun, size: int) -> None:
        """Make the first `size` bytes the file; once more does no harm. Raises FileNotFoundError as append does."""

    def abandon(self, begun: Begun) -> None:
        """Remove the pieces; no error when they are gone already."""

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

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        file = self.open(key)
        file.seek(start)
        return _pieces(file, None if stop is None else stop - start)

    def open(self, key: str) -> BinaryIO:
        return (self.directory / key).open("rb")

    def begin(self) -> Begun:
        return Begun(_new_key())

    def append(self, begun: Begun, offset: int, piece: BinaryIO) -> None:
        path = self._part(begun)
        if offset == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        with path.open("r+b") as part:
            if part.seek(0, os.SEEK_END) < offset:
                raise FileNotFoundError(begun.key)
            part.truncate(offset)
            part.seek(offset)
            shutil.copyfileobj(piece, part, CHUNK)
            part.flush()
            os.fsync(part.fileno())

    def finish(self, begun: Begun, size: int) -> None:
        path, whole = self._part(begun), self.directory / begun.key
        if not path.exists() and whole.exists():
            return
        if path.stat().st_size < size:
            raise FileNotFoundError(begun.key)
        os.truncate(path, size)
        path.replace(whole)

    def abandon(self, begun: Begun) -> None:
        self._part(begun).unlink(missing_ok=True)

    def _part(self, begun: Begun) -> Path:
        return self.directory / f"{begun.key}.part"

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

    def read(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        wanted = {} if start == 0 and stop is None else {"Range": f"bytes={start}-{'' if stop is None else stop - 1}"}
        try:
            body = self.client.get_object(Bucket=self.bucket, Key=self.prefix + key, **wanted)["Body"]
        except self.client.exceptions.NoSuchKey:
            raise FileNotFoundError(key) from None
        return cast("Iterator[bytes]", body.iter_chunks(CHUNK))

    def open(self, key: str) -> BinaryIO:
        copy = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  # the caller closes it
        copy.writelines(self.read(key))
        copy.seek(0)
        return cast("BinaryIO", copy)

    def begin(self) -> Begun:
        key = _new_key()
        return Begun(key, self.client.create_multipart_upload(Bucket=self.bucket, Key=self.prefix + key)["UploadId"])

    def append(self, begun: Begun, offset: int, piece: BinaryIO) -> None:
        """Whole parts go to the multipart upload, and what is left over into an object of its own beside it."""
        number, over = divmod(offset, S3_PART)
        part = self._left_over(begun, number, over)
        while more := piece.read(S3_PART - len(part)):
            part += more
            if len(part) == S3_PART:
                self._send(begun, number, part)
                number, part = number + 1, b""
        if part:
            self.client.put_object(Bucket=self.bucket, Key=self._beside(begun, number), Body=part)

    def finish(self, begun: Begun, size: int) -> None:
        number, over = divmod(size, S3_PART)
        if over and not self._is_whole(begun):
            self._send(begun, number, self._left_over(begun, number, over))
        count = number + bool(over)
        where = {"Bucket": self.bucket, "Key": self.prefix + begun.key, "UploadId": begun.handle}
        try:
            pages = self.client.get_paginator("list_parts").paginate(**where)
            tags = {part["PartNumber"]: part["ETag"] for page in pages for part in page.get("Parts", [])}
            if not all(one in tags for one in range(1, count + 1)):
                raise FileNotFoundError(begun.key)
            parts = [{"PartNumber": one, "ETag": tags[one]} for one in range(1, count + 1)]
            self.client.complete_multipart_upload(**where, MultipartUpload={"Parts": parts})
        except self.client.exceptions.NoSuchUpload:
            if not self._is_whole(begun):
                raise FileNotFoundError(begun.key) from None
        self._tidy(begun)

    def abandon(self, begun: Begun) -> None:
        where = {"Bucket": self.bucket, "Key": self.prefix + begun.key, "UploadId": begun.handle}
        with suppress(self.client.exceptions.NoSuchUpload):
            self.client.abort_multipart_upload(**where)
        self._tidy(begun)

    def _send(self, begun: Begun, number: int, part: bytes) -> None:
        where = {"Bucket": self.bucket, "Key": self.prefix + begun.key, "UploadId": begun.handle}
        try:
            self.client.upload_part(**where, PartNumber=number + 1, Body=part)
        except self.client.exceptions.NoSuchUpload:
            raise FileNotFoundError(begun.key) from None

    def _left_over(self, begun: Begun, number: int, length: int) -> bytes:
        if length == 0:
            return b""
        kept = b"".join(self.read(f"{begun.key}.part{number}"))[:length]
        if len(kept) < length:
            raise FileNotFoundError(begun.key)
        return kept

    def _beside(self, begun: Begun, number: int) -> str:
        return f"{self.prefix}{begun.key}.part{number}"

    def _is_whole(self, begun: Begun) -> bool:
        found = self.client.list_objects_v2(Bucket=self.bucket, Prefix=self.prefix + begun.key)
        return any(one["Key"] == self.prefix + begun.key for one in found.get("Contents", []))

    def _tidy(self, begun: Begun) -> None:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=f"{self.prefix}{begun.key}.part"
        )
        for page in pages:
            for one in page.get("Contents", []):
                self.client.delete_object(Bucket=self.bucket, Key=one["Key"])

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


def _pieces(file: BinaryIO, length: int | None) -> Iterator[bytes]:
    left = length
    with file:
        while piece := file.read(CHUNK if left is None else min(CHUNK, left)):
            left = None if left is None else left - len(piece)
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
