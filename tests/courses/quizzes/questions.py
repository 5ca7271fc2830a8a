"""Questions of every type, made by hypothesis."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from lti_tool.courses.quizzes.questions import (
    Accepted,
    AcceptedNumber,
    Content,
    Essay,
    Gaps,
    Matching,
    Multiple,
    Numeric,
    Option,
    Ordering,
    Pair,
    ShortAnswer,
    Single,
    TrueFalse,
    Unit,
)
from lti_tool.courses.quizzes.questions.numeric import plain

SIGNS = "abc АБВё123 .,:;!?()-+*_#<>&\"'`~=%{}\\/$|[]\n"
words = st.text(SIGNS, min_size=1, max_size=30).filter(
    lambda text: any(sign.isalnum() for sign in text) and "[[" not in text
)
line = words.map(lambda text: " ".join(text.split()))
plain_line = st.text("abcdАБВГё12 ", min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
number = st.decimals(-1000, 1000, places=3)


def options(right: st.SearchStrategy[bool]) -> st.SearchStrategy[list[Option]]:
    made = st.builds(Option, text=line, right=right, feedback=st.one_of(st.just(""), line))
    return st.lists(made, min_size=2, max_size=5)


single = st.builds(Single, text=words, feedback=st.just(""), options=options(st.booleans()).map(tuple))
multiple = st.builds(
    Multiple, text=words, feedback=line, options=options(st.booleans()).map(tuple), exact=st.booleans()
)
truefalse = st.builds(TrueFalse, text=words, true=st.booleans(), if_true=line, if_false=line, feedback=st.just(""))
short = st.builds(
    ShortAnswer,
    text=words,
    feedback=line,
    accepted=st.lists(
        st.builds(Accepted, text=line, share=st.sampled_from([100.0, 50.0, 0.0]), feedback=line), min_size=1, max_size=3
    ).map(tuple),
    case=st.booleans(),
)
numeric = st.builds(
    Numeric,
    text=words,
    feedback=line,
    accepted=st.lists(
        st.builds(AcceptedNumber, value=number, tolerance=st.decimals(0, 5, places=2), share=st.just(100.0)),
        min_size=1,
        max_size=3,
    ).map(tuple),
    units=st.sampled_from([(), (Unit(name="м"), Unit(name="см", factor=Decimal("0.01")))]),
)
matching = st.builds(
    Matching,
    text=words,
    pairs=st.lists(st.builds(Pair, left=line, right=plain_line), min_size=2, max_size=5).map(tuple),
    extra=st.lists(plain_line, max_size=2).map(tuple),
)
ordering = st.builds(
    Ordering,
    text=words,
    items=st.lists(plain_line, min_size=2, max_size=5, unique_by=lambda text: text.casefold().replace("ё", "е")).map(
        tuple
    ),
    exact=st.booleans(),
)
gap = st.one_of(
    plain_line.map(lambda text: f"[[{text}]]"),
    st.lists(plain_line, min_size=2, max_size=4, unique=True).map(lambda texts: f"[[>{'|'.join(texts)}]]"),
    st.tuples(number, st.decimals(0, 2, places=1)).map(
        lambda pair: f"[[#{plain(pair[0])}{f'±{plain(pair[1])}' if pair[1] else ''}]]"
    ),
)
gaps = st.lists(st.tuples(plain_line, gap), min_size=1, max_size=4).map(
    lambda parts: Gaps(text=" ".join(f"{text} {hole}" for text, hole in parts) + " end.")
)
essay = st.builds(Essay, text=words, lines=st.integers(2, 60), notes_for_marking=line)
contents: st.SearchStrategy[Content] = st.one_of(
    single, multiple, truefalse, short, numeric, matching, ordering, gaps, essay
)
sound = contents.filter(lambda content: not content.faults())
