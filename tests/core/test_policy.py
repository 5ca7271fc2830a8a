"""The policy engine: any predicate is enough, unknown verbs are errors, what one may not see does not exist."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lti_tool.core import policy
from lti_tool.core.errors import NotAllowed, NotFound


@policy.says("The owner")
def is_owner(actor: str, thing: str) -> bool:
    return thing.startswith(actor)


@policy.says("A guest")
def is_guest(actor: str, _thing: str) -> bool:
    return actor == "guest"


@pytest.fixture(autouse=True)
def rules() -> Iterator[None]:
    before = dict(policy._rules)
    policy.register({"cake.see": (is_owner, is_guest), "cake.eat": (is_owner,)}, {"cake.see": "See a cake"})
    yield
    policy._rules.clear()
    policy._rules.update(before)


def test_any_predicate_is_enough() -> None:
    assert policy.allows("guest", "cake.see", "anna's")
    assert policy.allows("anna", "cake.eat", "anna's")
    assert not policy.allows("guest", "cake.eat", "anna's")


def test_nobody_may_do_nothing() -> None:
    assert not policy.allows(None, "cake.see", "anna's")


def test_a_verb_without_rules_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        policy.allows("anna", "cake.bake", "anna's")


def test_require() -> None:
    policy.require("anna", "cake.eat", "anna's", see="cake.see")
    with pytest.raises(NotAllowed):
        policy.require("guest", "cake.eat", "anna's", see="cake.see")
    with pytest.raises(NotFound):
        policy.require("boris", "cake.eat", "anna's", see="cake.see")
    with pytest.raises(NotFound):
        policy.require("guest", "cake.eat", "anna's")
    with pytest.raises(NotFound):
        policy.require("anna", "cake.eat", None)


def test_a_verb_cannot_mean_two_things() -> None:
    with pytest.raises(ValueError, match=r"cake\.eat"):
        policy.register({"cake.eat": (is_guest,)}, {})


def test_rules_are_listed_in_words() -> None:
    assert ("cake.see", "See a cake", ("The owner", "A guest")) in list(policy.all_rules())
