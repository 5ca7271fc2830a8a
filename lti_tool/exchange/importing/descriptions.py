"""Descriptions of resources elsewhere: IEEE LOM and simple Dublin Core, read into entries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lti_tool.exchange.importing.items import Item, Refused, licence_in, web_address
from lti_tool.exchange.models import LINK

MOST_WORDS = 30
"""Keywords, authors."""


def lom_records(root: Any) -> Iterator[Any]:
    """The LOM records of a document that is one, or holds several."""
    if _name(root) == "lom":
        yield root
        return
    yield from root.iterfind(".//{*}lom")


def _name(node: Any) -> str:
    return str(node.tag).rpartition("}")[2]


def of_lom(record: Any) -> Item:
    """One LOM record; refused without a title or an address of the web."""
    locations = _all(record, "{*}technical/{*}location") + _all(record, "{*}general/{*}identifier/{*}entry")
    rights = _all(record, "{*}rights/{*}description/*")
    cards = _all(record, "{*}lifeCycle/{*}contribute/{*}entity")
    return _described(
        titles=_all(record, "{*}general/{*}title/*"),
        addresses=locations,
        summaries=_all(record, "{*}general/{*}description/*"),
        keywords=_all(record, "{*}general/{*}keyword/*"),
        languages=_all(record, "{*}general/{*}language"),
        rights=rights,
        authors=[name for card in cards if (name := _named(card))],
    )


def _named(card: str) -> str:
    """The formatted name of a vCard."""
    lines = [line.partition(":") for line in card.splitlines()]
    return next((value.strip() for key, _sign, value in lines if key.partition(";")[0].upper().endswith("FN")), "")


def of_dublin_core(record: Any) -> Item:
    """One oai_dc record; refused without a title or an address of the web."""
    return _described(
        titles=_all(record, "{*}title"),
        addresses=_all(record, "{*}identifier"),
        summaries=_all(record, "{*}description"),
        keywords=_all(record, "{*}subject"),
        languages=_all(record, "{*}language"),
        rights=_all(record, "{*}rights"),
        authors=_all(record, "{*}creator"),
    )


def _all(record: Any, path: str) -> list[str]:
    return [each.text.strip() for each in record.iterfind(path) if each.text and each.text.strip()]


def _described(
    *,
    titles: list[str],
    addresses: list[str],
    summaries: list[str],
    keywords: list[str],
    languages: list[str],
    rights: list[str],
    authors: list[str],
) -> Item:
    title = " ".join(titles[0].split())[:200] if titles else ""
    usable = [each for each in addresses if each.lower().startswith(("http://", "https://"))]
    try:
        if not title:
            raise Refused("untitled")
        address = web_address(usable[0] if usable else "")
    except Refused as refused:
        return Item(title or "–", (addresses or [""])[0][:300], refusal=refused.code)
    return Item(
        title,
        address[:300],
        kind=LINK,
        url=address,
        summary="\n\n".join(summaries)[:5000],
        keywords=tuple(dict.fromkeys(" ".join(each.split())[:60] for each in keywords))[:MOST_WORDS],
        language=languages[0].lower()[:2] if languages else "",
        licence=next((code for each in rights if (code := licence_in(each))), ""),
        authors=tuple(dict.fromkeys(" ".join(each.split())[:200] for each in authors))[:20],
    )
