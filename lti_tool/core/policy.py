"""The engine of "who may do what": verbs and their predicates. It holds no rule of its own.

Each feature's policy.py registers one dictionary verb → predicates; a verb is allowed when any predicate says yes.
`says` gives a predicate its wording on the page that lists all rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from lti_tool.core.errors import NotAllowed, NotFound

Predicate = Callable[[Any, Any], bool]
P = TypeVar("P", bound=Predicate)
_rules: dict[str, tuple[Predicate, ...]] = {}
_wordings: dict[Predicate, Any] = {}
_acts: dict[str, Any] = {}


def says(wording: Any) -> Callable[[P], P]:
    """Decorator of a predicate: whom it means, in words people read."""

    def add(predicate: P) -> P:
        _wordings[predicate] = wording
        return predicate

    return add


def register(rules: Mapping[str, tuple[Predicate, ...]], acts: Mapping[str, Any] | None = None) -> None:
    """Add a feature's rules and what its verbs are called; the same verb may not be given two meanings."""
    _acts.update(acts or {})
    for verb, predicates in rules.items():
        if _rules.get(verb, predicates) != predicates:
            raise ValueError(f"the verb {verb!r} has rules already")
        _rules[verb] = predicates


def allows(actor: object, verb: str, thing: object) -> bool:
    """May `actor` (None: nobody is signed in) do `verb` to `thing`? Raises KeyError for a verb without rules."""
    return actor is not None and any(predicate(actor, thing) for predicate in _rules[verb])


def require(actor: object, verb: str, thing: object, *, see: str | None = None) -> None:
    """Pass, or raise NotAllowed; raise NotFound instead when the actor may not even `see` the thing."""
    if thing is None or (see is not None and not allows(actor, see, thing)):
        raise NotFound
    if not allows(actor, verb, thing):
        raise NotAllowed if see is not None else NotFound


def all_rules() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Every verb, what it is called, and the wording of its predicates, for the page that lists them."""
    for verb in sorted(_rules):
        yield verb, str(_acts.get(verb, verb)), tuple(str(_wordings[predicate]) for predicate in _rules[verb])
