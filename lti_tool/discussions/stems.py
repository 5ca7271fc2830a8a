"""Words of a text, folded and without their endings: what the word filter and the search compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_CYRILLIC = re.compile("[а-я]")


def _stemmers() -> tuple[Callable[[str], str], Callable[[str], str]] | None:
    try:
        import snowballstemmer  # where it is not installed, words are compared as they are
    except ImportError:
        return None
    return snowballstemmer.stemmer("russian").stemWord, snowballstemmer.stemmer("english").stemWord


_STEMMERS = _stemmers()


def folded(text: str) -> str:
    """Small letters, ё as е, and none of the signs that nobody sees."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")
    return "".join(sign for sign in plain if unicodedata.category(sign) not in ("Cf", "Mn"))


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """A folded word without its ending."""
    if _STEMMERS is None:
        return word
    russian, english = _STEMMERS
    return russian(word) if _CYRILLIC.search(word) else english(word)


def words(text: str) -> Iterator[str]:
    """The stems of a text, in its order; of a word with a hyphen, of its parts as well."""
    for found in _WORD.finditer(folded(text)):
        yield stem(found[0])
        parts = re.split(r"[-'’]", found[0])
        yield from (stem(part) for part in parts if len(parts) > 1)


def indexed(text: str) -> str:
    """Each stem once, between spaces: a stem is there when ` stem ` or ` stem…` is in it."""
    return " ".join(["", *dict.fromkeys(words(text)), ""])
