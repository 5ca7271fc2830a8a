"""Dealing pupils out into groups: as even as it goes, in size and by school."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from random import Random


def deal(schools: Mapping[int, Sequence[int]], number: int, chance: Random) -> list[list[int]]:
    """Pupils by school into `number` groups: sizes differ by one at most, and so does each school's share of them."""
    groups: list[list[int]] = [[] for _group in range(number)]
    shuffled = [chance.sample(list(schools[each]), len(schools[each])) for each in sorted(schools)]
    for index, pupil in enumerate(chain.from_iterable(shuffled)):
        groups[index % number].append(pupil)
    return groups


def smallest(sizes: Mapping[int, int], shares: Mapping[int, int], most: int | None = None) -> int | None:
    """Of the groups (with their sizes and how many of the newcomer's school are in each) the one to join.

    None when all are full.
    """
    open_ones = [group for group, size in sizes.items() if most is None or size < most]
    return min(open_ones, key=lambda group: (sizes[group], shares.get(group, 0), group), default=None)
