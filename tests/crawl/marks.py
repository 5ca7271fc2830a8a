"""Who the scene is about, and the marks that their rows carry."""

from __future__ import annotations

A, B, MUSEUM = 1, 2, 3
"""The organizations: the host's school, the partner's school, a museum without an LMS. 0 is nobody's."""


def mark(kind: str, organization_id: int, row: int) -> str:
    """What stands in a row's text."""
    return f"zq{kind}-{organization_id}-{row}qz"
