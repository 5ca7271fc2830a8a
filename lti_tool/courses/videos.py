"""Videos elsewhere, known by their address: where the page is, and where a player that can be framed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Video:
    """A video on somebody else's site."""

    address: str
    """Its own page there."""
    player: str
    """The page to show in a frame."""

    @property
    def host(self) -> str:
        """What people know the site by."""
        return (urlsplit(self.address).hostname or "").removeprefix("www.").removeprefix("m.")


_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?")
_PEERTUBE = re.compile(r"/(?:w|videos/watch)/([A-Za-z0-9]{22}|[0-9a-f-]{36})")


def find_video(address: str) -> Video | None:
    """The video behind an https address of YouTube, Rutube, VK, Vimeo or a PeerTube server; None when there is none."""
    parts = urlsplit(address)
    try:
        parts.port  # noqa: B018  # raises for what is no number
    except ValueError:
        return None
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc.lower()):
        return None
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    player = _player(host, parts.path, asked)
    if player is None:
        found = _PEERTUBE.fullmatch(parts.path.rstrip("/"))
        player = f"https://{parts.netloc.lower()}/videos/embed/{found[1]}" if found else None
    return Video(address, player) if player else None


def _player(host: str, path: str, asked: dict[str, str]) -> str | None:
    if host in ("youtube.com", "youtube-nocookie.com", "youtu.be"):
        ident = asked.get("v", "") if path == "/watch" else path.rpartition("/")[2]
        known = host == "youtu.be" or path == "/watch" or path.startswith(("/embed/", "/shorts/", "/live/"))
        fits = known and re.fullmatch(r"[\w-]{11}", ident, re.ASCII)
        return f"https://www.youtube-nocookie.com/embed/{ident}" if fits else None
    patterns = {
        "rutube.ru": (r"/(?:video|play/embed)/([0-9a-f]{32})/?", r"https://rutube.ru/play/embed/\1"),
        "vk.com": (r"/video(-?\d{1,15})_(\d{1,15})", r"https://vk.com/video_ext.php?oid=\1&id=\2"),
        "vkvideo.ru": (r"/video(-?\d{1,15})_(\d{1,15})", r"https://vkvideo.ru/video_ext.php?oid=\1&id=\2"),
        "vimeo.com": (r"/(\d{1,12})", r"https://player.vimeo.com/video/\1"),
    }
    pattern, target = patterns.get(host, ("", ""))
    found = re.fullmatch(pattern, path, re.ASCII) if pattern else None
    return found.expand(target) if found else None
