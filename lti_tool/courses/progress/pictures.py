"""A share as a bar, drawn by the server; the number stands beside it for everybody."""

from __future__ import annotations

from markupsafe import Markup


def share_bar(percent: int | None) -> Markup:
    """A bar of so many percent, hidden from screen readers; empty when there is nothing to show."""
    if percent is None:
        return Markup()
    return Markup(
        '<svg class="share-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="share-bar-all" width="100" height="8"/><rect width="{}" height="8"/></svg>'
    ).format(min(max(percent, 0), 100))
