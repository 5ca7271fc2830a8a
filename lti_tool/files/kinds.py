"""What a file is, found by its content, and the named sets of types that a feature takes.

Neither the name nor what the browser says counts; the name only tells apart what looks alike inside (a Word document and
a plain zip archive share their first bytes, and are told apart by what is in them).
"""

from __future__ import annotations

import codecs
import re
import zipfile
from collections.abc import Collection
from typing import Any, BinaryIO

from flask_babel import lazy_gettext as _l

HEAD = 16 * 1024
"""Bytes that tell the type."""
UNKNOWN = "application/octet-stream"
HTML, SVG, TEXT, ZIP = "text/html", "image/svg+xml", "text/plain", "application/zip"
OLE = "application/x-ole-storage"
"""Word, Excel and PowerPoint before 2007."""
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."

_SIGNS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"%PDF-", "application/pdf"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"AT&TFORM", "image/vnd.djvu"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (257, b"ustar", "application/x-tar"),
)
_BRANDS = {
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    **dict.fromkeys((b"heic", b"heix", b"mif1", b"msf1"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    b"qt  ": "video/quicktime",
}
_MARKUP = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|svg|math|meta|style|link|img|table|a\s|div|p>)", re.I
)

IMAGES, AUDIO, VIDEO = "images", "audio", "video"
DOCUMENTS, ARCHIVES, ANYTHING = "documents", "archives", "anything"
KINDS: dict[str, Any] = {
    DOCUMENTS: _l("documents (PDF, Word, Excel, PowerPoint, OpenDocument, RTF, text)"),
    IMAGES: _l("pictures (JPEG, PNG, GIF, WebP, HEIC, TIFF)"),
    AUDIO: _l("sound (MP3, M4A, OGG, WAV, FLAC)"),
    VIDEO: _l("video (MP4, WebM, MOV, AVI)"),
    ARCHIVES: _l("archives (ZIP, 7z, RAR, TAR, GZ)"),
    ANYTHING: _l("any files"),
}
"""Sets of types and how a refusal names them."""
_DOCUMENT_TYPES = {"application/pdf", "application/rtf", "application/epub+zip", "image/vnd.djvu", OLE, TEXT}
_ARCHIVE_TYPES = {
    ZIP,
    "application/x-7z-compressed",
    "application/vnd.rar",
    "application/gzip",
    "application/x-tar",
}
ENDINGS = {
    DOCUMENTS: ".pdf,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp,.rtf,.txt,.csv,.md,.epub,.djvu",
    IMAGES: ".jpg,.jpeg,.png,.gif,.webp,.heic,.avif,.tif,.tiff,.bmp",
    AUDIO: ".mp3,.m4a,.ogg,.oga,.opus,.wav,.flac",
    VIDEO: ".mp4,.m4v,.webm,.mov,.avi,.mkv",
    ARCHIVES: ".zip,.7z,.rar,.tar,.gz,.tgz",
}
"""What a browser offers when files are picked; also what a name of each set ends in."""
_SHOWN_INLINE = {"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}


def bare(media_type: str) -> str:
    """A type without its charset."""
    return media_type.partition(";")[0]


def is_one_of(media_type: str, kinds: Collection[str]) -> bool:
    """Does a feature that takes these sets take this type?"""
    return any(_belongs(bare(media_type), kind) for kind in kinds)


def _belongs(plain: str, kind: str) -> bool:
    if kind == ANYTHING:
        return True
    if kind == DOCUMENTS:
        return plain in _DOCUMENT_TYPES or plain.startswith((_OFFICE, _ODF))
    if kind == ARCHIVES:
        return plain in _ARCHIVE_TYPES
    family = {IMAGES: "image/", AUDIO: "audio/", VIDEO: "video/"}[kind]
    return plain.startswith(family) and plain not in (SVG, "image/vnd.djvu")


def shown_as(media_type: str) -> str:
    """How a page can show it without letting it act: pdf, image, audio, video, text; nothing for all others."""
    plain = bare(media_type)
    if plain == TEXT:
        return "text"
    if plain in _SHOWN_INLINE:
        return "pdf" if plain == "application/pdf" else "image"
    family = plain.partition("/")[0]
    return family if family in (AUDIO, VIDEO) else ""


def accepted(kinds: Collection[str]) -> str:
    """The `accept` attribute of a field that takes these sets; empty when it takes anything."""
    return "" if ANYTHING in kinds else ",".join(ENDINGS[kind] for kind in kinds)


def detect(file: BinaryIO, name: str) -> str:
    """The type of a whole file."""
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    if head[4:8] == b"ftyp":  # sound alone often calls itself a film
        film = "audio/mp4" if name.lower().endswith(".m4a") else "video/mp4"
        return _BRANDS.get(head[8:12], film)
    if head[:1] == b"\xff" and len(head) > 1 and head[1] & 0xE6 == 0xE2:  # an MPEG frame, layer III
        return "audio/mpeg"
    if head[:2] == b"BM" and head[6:10] == bytes(4):
        return "image/bmp"
    for place, sign, media_type in _SIGNS:
        if head.startswith(sign, place):
            return _ogg(head) if media_type == "audio/ogg" else media_type
    return _text(head, whole=len(head) < HEAD)


def _ogg(head: bytes) -> str:
    return "video/ogg" if b"theora" in head[:200] else "audio/ogg"


def _in_zip(file: BinaryIO) -> str:
    """Office documents are zip archives with a table of contents."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if names and names[0] == "mimetype" and archive.getinfo("mimetype").file_size < 200:
                told = archive.read("mimetype").decode("ascii", "replace").strip()
                if told == "application/epub+zip" or told.startswith(_ODF):
                    return told
            if "[Content_Types].xml" in names:
                for folder, kind in (("word/", "wordprocessingml.document"), ("xl/", "spreadsheetml.sheet")):
                    if any(name.startswith(folder) for name in names):
                        return _OFFICE + kind
                if any(name.startswith("ppt/") for name in names):
                    return _OFFICE + "presentationml.presentation"
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, OSError, EOFError, KeyError):
        return ZIP
    return ZIP


def _text(head: bytes, *, whole: bool) -> str:
    """A text's charset, or that it is a page that could act in a browser; UNKNOWN for everything else."""
    charset = _charset(head, whole=whole)
    if charset is None:
        return UNKNOWN
    start = head.replace(b"\0", b"")  # UTF-16
    if _MARKUP.search(start):
        return SVG if re.search(rb"<\s*svg", start, re.I) else HTML
    return f"{TEXT}; charset={charset}"


def _charset(head: bytes, *, whole: bool) -> str | None:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head):
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "windows-1251"  # what Russian schools' older programs write
    return "utf-8"
