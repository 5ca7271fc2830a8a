"""Numbers of certificates: Crockford's base 32, which people can read out and copy from paper."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U."""
LENGTH = 12
"""60 bits: nobody finds one by trying."""
_GROUP = 4
_MEANT = str.maketrans("OILАВЕКМНОРСТУХ", "011ABEKMH0PCTYX")
"""What is mistaken for another, also on a Russian keyboard."""


def new_number() -> str:
    """A number that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def grouped(number: str) -> str:
    """As people read it: `7K2M-9QXA-0DWB`."""
    return "-".join(number[place : place + _GROUP] for place in range(0, len(number), _GROUP))


def read_number(typed: str) -> str:
    """The number that was meant; empty when it can be none."""
    number = "".join(typed.upper().translate(_MEANT).replace("-", " ").split())
    return number if len(number) == LENGTH and not set(number) - set(ALPHABET) else ""
