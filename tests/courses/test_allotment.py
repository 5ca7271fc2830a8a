"""The arithmetic of seats: whatever happens, nobody is promised what is not there, and nobody overtakes in a class."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lti_tool.courses.seats.allotment import Allotment, Class, Rules

SCHOOLS = (1, 2, 3)


def test_quota_first_then_the_common_reserve() -> None:
    rules = Rules(quotas={1: 2, 2: 1}, reserve=1)
    room = Allotment(rules, [Class(10, 1), Class(20, 2)], {})
    line = [(pupil, 10) for pupil in range(4)] + [(pupil, 20) for pupil in range(10, 13)]
    assert room.move_up(line) == [0, 1, 2, 10]  # two of its own, the common one, then the other school's own
    assert room.free(1) == room.free(2) == 0


def test_what_is_kept_free_for_a_class_is_its_own() -> None:
    room = Allotment(Rules(reserve=3), [Class(10, 1, seats=2, held=2), Class(20, 2)], {})
    assert room.move_up([(1, 20), (2, 20), (3, 10), (4, 10), (5, 10)]) == [1, 3, 4]


def test_an_agreement_with_fewer_seats_counts() -> None:
    room = Allotment(Rules(quotas={1: 5}, reserve=5, limits={1: 2}), [Class(10, 1)], {})
    assert room.move_up([(pupil, 10) for pupil in range(4)]) == [0, 1]


def test_nobody_moves_after_the_deadline() -> None:
    room = Allotment(Rules(reserve=5, open=False), [Class(10, 1)], {})
    assert room.move_up([(1, 10)]) == []


@given(
    quotas=st.dictionaries(st.sampled_from(SCHOOLS), st.integers(0, 6)),
    reserve=st.integers(0, 6),
    line=st.lists(st.sampled_from((10, 11, 20, 30)), max_size=30),
)
@settings(deadline=None)
def test_all_seats_are_used_and_no_more(quotas: dict[int, int], reserve: int, line: list[int]) -> None:
    classes = [Class(10, 1), Class(11, 1), Class(20, 2), Class(30, 3)]
    room = Allotment(Rules(quotas=quotas, reserve=reserve), classes, {})
    lucky = set(room.move_up(list(enumerate(line))))
    used = room.used()
    assert sum(max(0, used.get(one, 0) - quotas.get(one, 0)) for one in SCHOOLS) <= reserve
    school = {one.id: one.organization_id for one in classes}
    for pupil, class_id in enumerate(line):
        if pupil not in lucky:
            assert room.free(school[class_id]) == 0  # nobody waits beside a free seat
    for class_id in school:
        own = [pupil for pupil, each in enumerate(line) if each == class_id]
        assert [pupil in lucky for pupil in own] == sorted((pupil in lucky for pupil in own), reverse=True)


class Line(RuleBasedStateMachine):
    """Pupils come, leave and are withdrawn while the host changes the numbers."""

    @initialize(quota=st.integers(0, 4), reserve=st.integers(0, 4))
    def begin(self, quota: int, reserve: int) -> None:
        self.classes = [Class(10, 1, seats=3, held=1), Class(20, 2)]
        self.rules = Rules(quotas={1: quota}, reserve=reserve)
        self.seated: dict[int, int] = {}
        self.line: list[tuple[int, int]] = []
        self.next = 0
        self.most = 0

    def settle(self) -> None:
        counts = {one.id: list(self.seated.values()).count(one.id) for one in self.classes}
        self.before = dict(self.seated)
        room = Allotment(self.rules, self.classes, counts)
        lucky = set(room.move_up(self.line))
        self.seated |= {pupil: class_id for pupil, class_id in self.line if pupil in lucky}
        self.line = [one for one in self.line if one[0] not in lucky]

    @rule(class_id=st.sampled_from((10, 20)))
    def comes(self, class_id: int) -> None:
        self.next += 1
        self.line.append((self.next, class_id))
        self.settle()

    @rule(which=st.integers(0, 20))
    def leaves(self, which: int) -> None:
        if self.seated:
            del self.seated[sorted(self.seated)[which % len(self.seated)]]
        self.settle()

    @rule(quota=st.integers(0, 4), reserve=st.integers(0, 4))
    def host_decides(self, quota: int, reserve: int) -> None:
        self.rules = Rules(quotas={1: quota}, reserve=reserve)
        self.settle()
        assert self.before.items() <= self.seated.items()  # fewer seats put nobody out

    @invariant()
    def no_class_has_more_than_was_accepted(self) -> None:
        assert list(getattr(self, "seated", {}).values()).count(10) <= 3


TestLine = Line.TestCase
