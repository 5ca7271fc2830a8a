"""Archives of strangers: listed and measured before anything is unpacked, read in streams, never written by a name of
theirs."""

from __future__ import annotations

import gzip
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from lti_tool.core.storage import CHUNK
from lti_tool.exchange.importing.items import Refused
from lti_tool.exchange.importing.markup import MOST_XML
from lti_tool.files.inspection import MOST_MEMBERS, MOST_RATIO, MOST_UNPACKED, RATIO_MATTERS

MOST_MEMBER = 500 * 1024**2
"""Bytes of one file inside."""
MOST_STORED = MOST_UNPACKED
"""Bytes that one import writes, however often its list names the same file."""
MOST_HEADER = 1024**2
"""Bytes that the head of a member of a tar archive may ask for at once."""
_UNREADABLE = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError, tarfile.TarError)


def inside(name: str) -> str:
    """A member's path; nothing when it leads out of the archive."""
    path = name.replace("\\", "/")
    if path.startswith("/") or path[1:2] == ":" or any(ord(sign) < 32 for sign in path):
        return ""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    return "" if ".." in parts else "/".join(parts)


class Package:
    """Files inside an archive by their paths, below the folder that holds the list of contents."""

    def __init__(self) -> None:
        self.members: dict[str, Any] = {}
        self.refused: dict[str, str] = {}
        """Paths as written, with the reason why they are not read."""
        self.left = MOST_STORED
        """Bytes that may still be read whole."""

    def settle(self, marks: tuple[str, ...]) -> str:
        """Which of these lists of contents is there; paths begin beside it from now on. Raises Refused(not_package)."""
        for mark in marks:
            found = [path for path in self.members if path == mark or path.endswith(f"/{mark}")]
            if found:
                root = min(found, key=lambda path: path.count("/")).removesuffix(mark)
                members = self.members.items()
                self.members = {path.removeprefix(root): each for path, each in members if path.startswith(root)}
                return mark
        raise Refused("not_package")

    def read(self, path: str, limit: int = MOST_XML) -> bytes:
        """A whole small member. Raises Refused: missing, too_large, full, broken, locked."""
        with self.open(path) as member:
            content = bytearray()
            while piece := member.read(CHUNK):
                content += piece
                self.left -= len(piece)
                if len(content) > limit:
                    raise Refused("too_large")
                if self.left < 0:
                    raise Refused("full")
        return bytes(content)

    @contextmanager
    def open(self, path: str) -> Iterator[BinaryIO]:
        """A member as a stream. Raises Refused: path, missing, too_large, broken, locked."""
        if path not in self.members:
            raise Refused(self.refused.get(path, "missing") if inside(path) else "path")
        if self.size(path) > MOST_MEMBER:
            raise Refused("too_large")
        try:
            stream = self.stream(path)
        except RuntimeError as error:
            raise Refused("locked" if "password" in str(error) else "broken") from None
        except _UNREADABLE:
            raise Refused("broken") from None
        with stream:
            yield cast("BinaryIO", _Careful(stream))

    def size(self, path: str) -> int:
        """Bytes unpacked, as declared: no more than these are ever read."""
        raise NotImplementedError

    def stream(self, path: str) -> BinaryIO:
        raise NotImplementedError


class ZipPackage(Package):
    """A zip archive."""

    def __init__(self, archive: zipfile.ZipFile, packed: int) -> None:
        super().__init__()
        self.archive = archive
        listed = [one for one in archive.infolist() if not one.is_dir()]
        _measure(len(listed), sum(one.file_size for one in listed), packed)
        for one in listed:
            path = inside(_readable(one))
            if not path:
                self.refused[_readable(one)] = "path"
            elif stat.S_ISLNK(one.external_attr >> 16):
                self.refused[path] = "symlink"
            else:
                self.members[path] = one

    def size(self, path: str) -> int:
        return int(self.members[path].file_size)

    def stream(self, path: str) -> BinaryIO:
        return cast("BinaryIO", self.archive.open(self.members[path]))


def _readable(one: zipfile.ZipInfo) -> str:
    """The name as it was meant: programs that say nothing of their encoding write UTF-8 or, in Russia, DOS letters."""
    if one.flag_bits & 0x800 or one.filename.isascii():
        return one.filename
    raw = one.filename.encode("cp437", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp866")


class TarPackage(Package):
    """A tar archive that lies unpacked from gzip in a temporary file."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        super().__init__()
        self.archive = archive
        total = 0
        for count, one in enumerate(archive):
            total += one.size
            _measure(count, total, total)
            path = inside(one.name)
            if one.isdir():
                continue
            if not path:
                self.refused[one.name] = "path"
            elif not one.isreg():
                self.refused[path] = "symlink"
            else:
                self.members[path] = one

    def size(self, path: str) -> int:
        return int(self.members[path].size)

    def stream(self, path: str) -> BinaryIO:
        found = self.archive.extractfile(self.members[path])
        assert found is not None
        return cast("BinaryIO", found)


class OneFile(Package):
    """A single file that was fetched, as if it were in a package."""

    def __init__(self, name: str, content: bytes) -> None:
        super().__init__()
        self.members[name] = content

    def size(self, path: str) -> int:
        return len(self.members[path])

    def stream(self, path: str) -> BinaryIO:
        return BytesIO(self.members[path])


def _measure(count: int, unpacked: int, packed: int) -> None:
    if count > MOST_MEMBERS:
        raise Refused("too_many")
    if unpacked > MOST_UNPACKED or (unpacked > RATIO_MATTERS and unpacked > MOST_RATIO * max(packed, 1)):
        raise Refused("bomb")


class _Careful:
    """A member as a stream; what is wrong with the archive shows only while it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except _UNREADABLE:
            raise Refused("broken") from None


class _Sparing:
    """A file that gives no more at once than a member's head may need: tar reads whole heads into memory."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > MOST_HEADER:
            raise Refused("bomb")
        return cast("bytes", self._file.read(size))


@contextmanager
def opened(file: BinaryIO, size: int) -> Iterator[Package]:
    """The archive in a stored file of `size` bytes. Raises Refused: not_package, bomb, too_many, broken."""
    head = file.read(4)
    file.seek(0)
    if head.startswith(b"PK"):
        try:
            archive = zipfile.ZipFile(file)
        except _UNREADABLE:
            raise Refused("broken") from None
        with archive:
            yield ZipPackage(archive, size)
    elif head.startswith(b"\x1f\x8b"):
        with tempfile.TemporaryFile() as plain:
            _unzip(file, cast("BinaryIO", plain), size)
            try:
                tar = tarfile.open(fileobj=cast("Any", _Sparing(plain)), mode="r:")  # noqa: SIM115  # closed below
                package = TarPackage(tar)
            except _UNREADABLE:
                raise Refused("broken") from None
            with tar:
                yield package
    else:
        raise Refused("not_package")


def _unzip(file: BinaryIO, target: BinaryIO, size: int) -> None:
    written = 0
    try:
        with gzip.GzipFile(fileobj=file) as stream:
            while piece := stream.read(CHUNK):
                written += len(piece)
                _measure(0, written, size)
                target.write(piece)
    except _UNREADABLE:
        raise Refused("broken") from None
    target.seek(0)


def last_name(path: str) -> str:
    """A member's own name."""
    return PurePosixPath(path).name
