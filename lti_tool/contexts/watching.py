"""Who wants to know that the participants of a context changed: features above register themselves."""

from __future__ import annotations

from collections.abc import Callable

Watcher = Callable[[int], object]
_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """Call `watcher` with the context's id, in the transaction in which somebody joined, left or changed roles."""
    if watcher not in _watchers:
        _watchers.append(watcher)


def tell(context_id: int) -> None:
    """The participants of this context changed."""
    for watcher in _watchers:
        watcher(context_id)
