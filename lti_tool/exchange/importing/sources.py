"""What an import is given, opened by its kind into entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath

from lti_tool.core.storage import clean_name, current_storage
from lti_tool.exchange.importing.backups import BACKUP, read_backup
from lti_tool.exchange.importing.cartridges import MANIFEST, read_cartridge
from lti_tool.exchange.importing.descriptions import lom_records, of_lom
from lti_tool.exchange.importing.fetching import fetch, name_in
from lti_tool.exchange.importing.items import MOST_ENTRIES, Contents, Item, Member, Refused
from lti_tool.exchange.importing.links import read_links
from lti_tool.exchange.importing.markup import parse, to_markdown
from lti_tool.exchange.importing.models import ADDRESS, DESCRIPTIONS, FILES, LINKS, PACKAGE
from lti_tool.exchange.importing.packages import OneFile, Package, opened
from lti_tool.exchange.models import FILE, LINK
from lti_tool.files.kinds import HTML, bare, detect
from lti_tool.files.models import ERASED, INFECTED, StoredFile

MOST_TABLE = 16 * 1024**2
"""Bytes of a list or a description."""

MOST_HEAD = 1024**2
"""Bytes of a page in which its title is looked for."""


@dataclass(frozen=True)
class SourceFile:
    """A stored file, as values."""

    id: int
    key: str
    name: str
    size: int
    state: str
    fault: str
    sha256: str

    @classmethod
    def of(cls, file: StoredFile) -> SourceFile:
        return cls(file.id, file.key, file.name, file.size, file.virus_state, file.fault, file.sha256)


@contextmanager
def opened_source(source: str, url: str, files: Sequence[SourceFile]) -> Iterator[tuple[Contents, Package | None]]:
    """The entries, and the package in which their files are. Raises Refused when nothing can be read at all."""
    if source == PACKAGE:
        if not files:
            raise Refused("gone")
        _require_clean(files[0])
        with current_storage().open(files[0].key) as file, opened(file, files[0].size) as package:
            is_cartridge = package.settle((MANIFEST, BACKUP)) == MANIFEST
            yield (read_cartridge if is_cartridge else read_backup)(package), package
    elif source == ADDRESS:
        yield _at(url)
    else:
        read = {FILES: _of_file, LINKS: _of_list, DESCRIPTIONS: _of_descriptions}[source]
        items = [item for each in files for item in _or_refusal(each, read)]
        if len(items) > MOST_ENTRIES:
            raise Refused("too_many")
        yield Contents("", len(items), iter(items)), None


def _require_clean(file: SourceFile) -> None:
    if file.state in (INFECTED, ERASED):
        raise Refused("virus" if file.state == INFECTED else "gone")


def _or_refusal(file: SourceFile, read: Callable[[SourceFile], Iterable[Item]]) -> list[Item]:
    """The entries of one file; a single line with the reason when it cannot be read."""
    try:
        _require_clean(file)
        return list(read(file))
    except Refused as refused:
        return [Item(file.name, refusal=refused.code)]


def _of_file(file: SourceFile) -> list[Item]:
    if file.fault:
        raise Refused(file.fault)
    return [Item(_title(file.name), file.name, kind=FILE, stored=file.id, digest=file.sha256)]


def _title(name: str) -> str:
    """A file's name without its ending and the signs that stand for spaces."""
    return " ".join(PurePosixPath(name).stem.replace("_", " ").split()) or name


def _whole(file: SourceFile) -> bytes:
    if file.size > MOST_TABLE:
        raise Refused("too_large")
    with current_storage().open(file.key) as stream:
        return stream.read()


def _of_list(file: SourceFile) -> list[Item]:
    return read_links(_whole(file))


def _of_descriptions(file: SourceFile) -> list[Item]:
    items = [of_lom(record) for record in lom_records(parse(_whole(file)))]
    if not items:
        raise Refused("not_lom")
    return items


def _at(url: str) -> tuple[Contents, Package | None]:
    """What is at an address: a page becomes a link, everything else a file."""
    address, content = fetch(url)
    if not content:
        raise Refused("empty")
    name = clean_name(name_in(address))
    if bare(detect(BytesIO(content), name)) == HTML:
        title = to_markdown(content[:MOST_HEAD])[0] or address
        return Contents(title, 1, iter([Item(title[:200], address[:300], kind=LINK, url=address)])), None
    item = Item(_title(name)[:200], address[:300], members=(Member(name, name),))
    return Contents(item.title, 1, iter([item])), OneFile(name, content)
