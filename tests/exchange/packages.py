"""Packages as other programs write them, and as an enemy would."""

from __future__ import annotations

import gzip
import io
import stat
import tarfile
import zipfile
from html import escape

CP = "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"


def manifest(items: str, resources: str, version: str = "1.1.0") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest identifier="m" xmlns="{CP.replace("v1p1/", f"v1p{version[2]}/")}" xmlns:l="http://ltsc.ieee.org/xsd/imscc/LOM">
<metadata><schema>IMS Common Cartridge</schema><schemaversion>{version}</schemaversion>
<l:lom><l:general><l:title><l:string language="en">Levers</l:string></l:title></l:general></l:lom></metadata>
<organizations><organization identifier="o" structure="rooted-hierarchy"><item identifier="root">{items}</item>
</organization></organizations><resources>{resources}</resources></manifest>""".encode()


def item(ident: str, title: str, inside: str = "") -> str:
    reference = f' identifierref="{ident}"' if not inside else ""
    return f'<item identifier="i-{ident}"{reference}><title>{escape(title)}</title>{inside}</item>'


def resource(ident: str, href: str, kind: str = "webcontent") -> str:
    return f'<resource identifier="{ident}" type="{kind}" href="{href}"><file href="{href}"/></resource>'


def link(url: str, version: int = 1) -> bytes:
    space = f"http://www.imsglobal.org/xsd/imsccv1p{version}/imswl_v1p{version}"
    return f'<webLink xmlns="{space}"><title>x</title><url href="{escape(url)}"/></webLink>'.encode()


def zipped(members: dict[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def cartridge(entries: dict[str, bytes], more: dict[str, bytes | str] | None = None) -> bytes:
    """A flat cartridge: a file is an item of its own name."""
    names = list(entries)
    items = "".join(item(f"r{number}", name) for number, name in enumerate(names))
    resources = "".join(resource(f"r{number}", escape(name)) for number, name in enumerate(names))
    return zipped({"imsmanifest.xml": manifest(items, resources), **entries, **(more or {})})


def with_symlink(name: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("imsmanifest.xml", manifest(item("r", "Pointer"), resource("r", name)))
        info = zipfile.ZipInfo(name)
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    return target.getvalue()


def bomb() -> bytes:
    """Sixty megabytes of nothing in sixty kilobytes."""
    return cartridge({"big.txt": bytes(60 * 1024**2)})


def crowd(count: int = 100_000) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("imsmanifest.xml", manifest("", ""))
        for number in range(count):
            archive.writestr(f"{number}", b"")
    return target.getvalue()


BACKUP = b"""<?xml version="1.0" encoding="UTF-8"?><moodle_backup><information>
<original_course_fullname>Physics 8</original_course_fullname></information></moodle_backup>"""


def listed(files: list[tuple[str, str, str, str]]) -> bytes:
    """files.xml of (digest, component, area, name)."""
    rows = "".join(
        f"<file id='{number}'><contenthash>{digest}</contenthash><component>{component}</component>"
        f"<filearea>{area}</filearea><filepath>/</filepath><filename>{escape(name)}</filename>"
        f"<license>cc-sa-4.0</license></file>"
        for number, (digest, component, area, name) in enumerate(files)
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><files>{rows}</files>'.encode()


def tarred(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, target in (links or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)
    return gzip.compress(plain.getvalue())


def fat_header() -> bytes:
    """A tar archive whose first head asks for fifty megabytes of memory."""
    info = tarfile.TarInfo("pax")
    info.type, info.size = tarfile.XHDTYPE, 50 * 1024**2
    return gzip.compress(info.tobuf() + bytes(info.size) + bytes(1024))
