"""The words in the index by which filters find resources."""

from __future__ import annotations


def token(dimension: str, code: object) -> str:
    """Such as `zzsubject0math`; no text holds such a word by chance."""
    return f"zz{dimension}0{str(code).replace('-', '').lower()}"
