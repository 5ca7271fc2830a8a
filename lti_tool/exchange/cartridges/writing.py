"""A resource, or a collection with what is in it, as a Common Cartridge 1.3 that LMSs restore."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from lxml import etree

from lti_tool.core.markdown import render
from lti_tool.core.storage import current_storage
from lti_tool.exchange.metadata import fit, rights_of, spaces
from lti_tool.exchange.models import Resource, ResourceVersion

CP = "http://www.imsglobal.org/xsd/imsccv1p3/imscp_v1p1"
LOM_OF_MANIFEST = "http://ltsc.ieee.org/xsd/imsccv1p3/LOM/manifest"
WEB_LINK = "http://www.imsglobal.org/xsd/imsccv1p3/imswl_v1p3"
MOST_BYTES = 1024**3
"""Of all files together."""


class TooMuch(Exception):
    """The files together are larger than a cartridge may be."""


@dataclass(frozen=True)
class Part:
    """One resource of the cartridge, with the line that names its authors and licence."""

    resource: Resource
    version: ResourceVersion
    credit: str
    note: str = ""


def write_cartridge(target: BinaryIO, title: str, parts: Sequence[Part]) -> None:
    """Write the whole package. Raises TooMuch, and FileNotFoundError when the storage has lost a file."""
    sizes = sum(each.file.size for part in parts for each in part.version.files)
    if sizes > MOST_BYTES:
        raise TooMuch
    root, items, resources = _manifest(title, parts)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, part in enumerate(parts, 1):
            item = _item(items, f"item_{number}", part.resource.title)
            for place, entry in enumerate(_entries(number, part), 1):
                reference = f"resource_{number}_{place}"
                _resource(resources, reference, entry)
                _item(item, f"item_{number}_{place}", entry.title).set("identifierref", reference)
                with archive.open(entry.path, "w") as file:
                    for piece in entry.pieces:
                        file.write(piece)
        archive.writestr("imsmanifest.xml", etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


@dataclass(frozen=True)
class _Entry:
    title: str
    path: str
    kind: str
    pieces: Any
    """The content, in pieces."""


def _entries(number: int, part: Part) -> Iterator[_Entry]:
    version, folder = part.version, f"resource_{number}"
    yield _Entry(part.resource.title, f"{folder}/about.html", "webcontent", [_page(part)])
    if version.url:
        yield _Entry(version.title, f"{folder}/link.xml", "imswl_xmlv1p3", [_link(version)])
    for place, each in enumerate(version.files, 1):
        ending = PurePosixPath(each.file.name).suffix
        name = f"{folder}/file_{place}{ending if ending.isascii() and ending[1:].isalnum() else ''}"
        yield _Entry(each.file.name, name, "webcontent", current_storage().read(each.file.key))


def _page(part: Part) -> bytes:
    """The text with its credit; made of our own safe HTML."""
    parts = (
        f"<h1>{escape(part.resource.title)}</h1>",
        f"<p>{escape(part.resource.summary)}</p>" if part.resource.summary else "",
        f"<p>{escape(part.note)}</p>" if part.note else "",
        str(render(part.version.body)) if part.version.body else "",
        f"<p><small>{escape(part.credit)}</small></p>",
    )
    head = f'<meta charset="utf-8"><title>{escape(part.resource.title)}</title>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{''.join(parts)}</body></html>".encode()


def _link(version: ResourceVersion) -> bytes:
    root = etree.Element(f"{{{WEB_LINK}}}webLink", nsmap=spaces({None: WEB_LINK}))
    etree.SubElement(root, f"{{{WEB_LINK}}}title").text = fit(version.title)
    etree.SubElement(root, f"{{{WEB_LINK}}}url", href=fit(version.url), target="_blank")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _manifest(title: str, parts: Sequence[Part]) -> tuple[Any, Any, Any]:
    """(the manifest, where items go, where resources go)."""
    root = etree.Element(
        f"{{{CP}}}manifest", nsmap=spaces({None: CP, "lomimscc": LOM_OF_MANIFEST}), identifier="cartridge"
    )
    metadata = etree.SubElement(root, f"{{{CP}}}metadata")
    etree.SubElement(metadata, f"{{{CP}}}schema").text = "IMS Common Cartridge"
    etree.SubElement(metadata, f"{{{CP}}}schemaversion").text = "1.3.0"
    language = parts[0].resource.language if parts else "en"
    described = etree.SubElement(metadata, f"{{{LOM_OF_MANIFEST}}}lom")
    _said(etree.SubElement(described, f"{{{LOM_OF_MANIFEST}}}general"), "title", title, language)
    if len(parts) == 1:
        rights = etree.SubElement(described, f"{{{LOM_OF_MANIFEST}}}rights")
        restricted = etree.SubElement(rights, f"{{{LOM_OF_MANIFEST}}}copyrightAndOtherRestrictions")
        free = parts[0].resource.licence == "cc0"
        etree.SubElement(restricted, f"{{{LOM_OF_MANIFEST}}}value").text = "no" if free else "yes"
        _said(rights, "description", rights_of(parts[0].resource), language)
    organizations = etree.SubElement(root, f"{{{CP}}}organizations")
    tree = etree.SubElement(
        organizations, f"{{{CP}}}organization", identifier="organization_1", structure="rooted-hierarchy"
    )
    items = etree.SubElement(tree, f"{{{CP}}}item", identifier="root")
    return root, items, etree.SubElement(root, f"{{{CP}}}resources")


def _said(parent: Any, name: str, text: str, language: str) -> None:
    holder = etree.SubElement(parent, f"{{{LOM_OF_MANIFEST}}}{name}")
    string = etree.SubElement(holder, f"{{{LOM_OF_MANIFEST}}}string", language=language)
    string.text = fit(text)


def _item(parent: Any, identifier: str, title: str) -> Any:
    item = etree.SubElement(parent, f"{{{CP}}}item", identifier=identifier)
    etree.SubElement(item, f"{{{CP}}}title").text = fit(title)
    return item


def _resource(resources: Any, reference: str, entry: _Entry) -> None:
    row = etree.SubElement(resources, f"{{{CP}}}resource", identifier=reference, type=entry.kind)
    if entry.kind == "webcontent":
        row.set("href", entry.path)
    etree.SubElement(row, f"{{{CP}}}file", href=entry.path)
