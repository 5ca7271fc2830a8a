"""Files of questions: read as people write them, never an error but the one that is announced, and round again."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_tool.courses.quizzes.formats import FORMATS, Exported, Picture, Unreadable, guess, write
from lti_tool.courses.quizzes.formats.base import Reading, markdown_of
from lti_tool.courses.quizzes.questions import (
    Content,
    Essay,
    Gaps,
    Matching,
    Multiple,
    Numeric,
    ShortAnswer,
    Single,
    TrueFalse,
)
from lti_tool.courses.quizzes.texts import render
from tests.courses.quizzes.questions import contents, sound

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
GIFT = """// a comment
$CATEGORY: top/Реки России

::Столица:: Столица Франции? {
  =Париж #Верно
  ~Лион
  ~%50%Марсель #Почти
}

Земля круглая. {TRUE#Неверно#Да}

Сколько будет 2+2? {#4:0.1}

От двух до трёх {#2..3}

Кислород по-английски? {=oxygen =%50%O2 ####Это газ}

Два чётных {~%50%2 ~%50%4 ~%-100%3}

Соедините {=кот -> мяу =пёс -> гав = -> му}

Волга впадает в {=Каспийское ~Чёрное} море.

Напишите о реке {}

Просто текст без ответа

Скобки \\{ и \\= знак {=да\\~нет}

Незакрытая {=а
"""


def kinds(reading: Reading) -> list[str]:
    return [line.content.kind if line.content else "-" for line in reading.lines]


def test_gift() -> None:
    reading = FORMATS["gift"](GIFT.encode())
    assert kinds(reading) == [
        *("single", "truefalse", "numeric", "numeric", "short", "multiple"),
        *("matching", "gaps", "essay", "-", "short", "-"),
    ]
    first, true, near, between, gas, two, pairs, sea = (line.content for line in reading.lines[:8])
    assert reading.lines[0].name == "Столица"
    assert {line.pool for line in reading.lines} == {"Реки России"}
    assert isinstance(first, Single)
    assert [first.mark([number]).fraction for number in "012"] == [1, 0, 0.5]
    assert first.options[2].feedback == "Почти"
    assert isinstance(true, TrueFalse)
    assert (true.true, true.if_false, true.if_true) == (True, "Неверно", "Да")
    assert isinstance(near, Numeric)
    assert [near.mark([text]).fraction for text in ("4,1", "4.2")] == [1, 0]
    assert between
    assert [between.mark([text]).fraction for text in ("2", "3", "3,1")] == [1, 1, 0]
    assert isinstance(gas, ShortAnswer)
    assert (gas.feedback, gas.mark(["o2"]).fraction) == ("Это газ", 0.5)
    assert isinstance(two, Multiple)
    assert [two.mark(answer).fraction for answer in (["0", "1"], ["0"], ["0", "2"])] == [1, 0.5, 0]
    assert isinstance(pairs, Matching)
    assert pairs.extra == ("му",)
    assert isinstance(sea, Gaps)
    assert sea.text == "Волга впадает в [[>Каспийское|Чёрное]] море."
    escaped = reading.lines[10].content
    assert escaped
    assert escaped.mark(["да~нет"]).fraction == 1
    assert escaped.text.startswith("Скобки {")
    assert all(line.remarks for line in reading.lines if line.content is None)


AIKEN = """Столица Франции?
A. Лион
B) Париж
ANSWER: B

Без ответа
A. раз
B. два
Третий
А. русская А
В. русская В
ОТВЕТ: В
Пустой
ANSWER: C
"""


def test_aiken() -> None:
    for data in (AIKEN.encode(), AIKEN.encode("cp1251"), AIKEN.encode("utf-16"), AIKEN.replace("\n", "\r\n").encode()):
        assert guess("q.txt", AIKEN.encode()) == "aiken"
        reading = FORMATS["aiken"](data)
        assert kinds(reading) == ["single", "-", "single", "-"]
        first, third = reading.lines[0].content, reading.lines[2].content
        assert first
        assert first.right() == ["1"]
        assert third
        assert third.right() == ["1"]


def moodle(inside: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>{inside}</quiz>'.encode()


def question(kind: str, text: str, rest: str) -> str:
    return (
        f'<question type="{kind}"><name><text>N</text></name>'
        f'<questiontext format="html"><text><![CDATA[{text}]]></text></questiontext>{rest}</question>'
    )


MOODLE = moodle(
    '<question type="category"><category><text>$course$/top/Химия/Газы</text></category></question>'
    + question(
        "multichoice",
        "<p>Вода <b>H<sub>2</sub>O</b> \\(x^2\\)<script>alert(1)</script></p>",
        '<single>true</single><answer fraction="100"><text>да</text><feedback><text>так</text></feedback></answer>'
        '<answer fraction="0"><text>нет</text></answer>',
    )
    + question(
        "cloze",
        "<p>Столица {1:SHORTANSWER:=Париж~%50%Лютеция#почти}, река {2:MULTICHOICE:Темза~=Сена}, {1:NM:=10:1}</p>",
        "",
    )
    + question(
        "gapselect",
        "<p>Кот говорит [[1]], пёс [[2]]</p>",
        "<selectoption><text>мяу</text><group>1</group></selectoption>"
        "<selectoption><text>гав</text><group>1</group></selectoption>",
    )
    + question("description", "Текст", "")
    + question("calculated", "a+b", "")
    + question("essay", "Пишите", "<responsefieldlines>15</responsefieldlines><attachments>1</attachments>")
    + question("numerical", "g?", '<answer fraction="100"><text>9.8</text><tolerance>0.1</tolerance></answer>')
    + question("truefalse", "Да?", '<answer fraction="0"><text>true</text></answer>')
    + '<question type="matching"><questiontext format="html"><text>Пары</text></questiontext>'
    "<subquestion><text>a</text><answer><text>1</text></answer></subquestion>"
    "<subquestion><text>b</text><answer><text>2</text></answer></subquestion></question>"
)


def test_moodle_xml() -> None:
    reading = FORMATS["moodle"](MOODLE)
    assert kinds(reading) == ["single", "gaps", "gaps", "-", "-", "essay", "numeric", "-", "matching"]
    assert reading.lines[0].pool == "Газы"
    first = reading.lines[0].content
    assert first
    assert "alert" not in first.text
    assert "<math" in render(first.text, str)
    assert "**" in first.text
    gaps = reading.lines[1].content
    assert isinstance(gaps, Gaps)
    assert "[[Париж|50%Лютеция]]" in gaps.text
    assert "[[>Сена|Темза]]" in gaps.text
    assert gaps.mark(["лютеция", "0", "9,5"]).fraction == pytest.approx(2.5 / 3)
    assert [line.verdict for line in reading.lines][:6] == [*["changed"] * 3, "refused", "refused", "changed"]
    essay = reading.lines[5].content
    assert isinstance(essay, Essay)
    assert essay.lines == 15


def test_pictures_come_along() -> None:
    encoded = base64.b64encode(PNG).decode()
    text = (
        '<question type="essay"><questiontext format="html"><text><![CDATA[<p>a <img src="@@PLUGINFILE@@/my%20cat.png" '
        f'alt="cat"> <img src="data:image/png;base64,{encoded}"> <img src="http://evil.example/x.png"> '
        '<img src="@@PLUGINFILE@@/page.svg"></p>]]></text>'
        f'<file name="my cat.png" encoding="base64">{encoded}</file>'
        f'<file name="page.svg" encoding="base64">{base64.b64encode(b"<svg/>").decode()}</file></questiontext></question>'
    )
    reading = FORMATS["moodle"](moodle(text))
    assert [picture.data for picture in reading.pictures] == [PNG]
    found = reading.lines[0].content
    assert found
    assert found.text.count("picture:0") == 2
    assert "evil" not in found.text
    assert reading.lines[0].verdict == "changed"


@pytest.mark.parametrize(
    "data",
    [
        b"<quiz><question",
        b"<html/>",
        b"",
        b'<!DOCTYPE quiz [<!ENTITY a "b">]><quiz><question type="essay">&a;</question></quiz>',
        b'<!DOCTYPE quiz SYSTEM "http://evil.example/x.dtd"><quiz/>',
        b"<quiz>" + b"<a>" * 300 + b"</a>" * 300 + b"</quiz>",
        b"<quiz>&undefined;</quiz>",
    ],
)
def test_a_broken_or_wicked_file_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(Unreadable):
        FORMATS["moodle"](data)


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=300))
def test_any_bytes_give_a_report_or_the_announced_error(name: str, data: bytes) -> None:
    try:
        FORMATS[name](data)
    except Unreadable:
        return


PIECES = st.sampled_from(
    [
        *"{}=~#%:\\/ \n",
        "->",
        "::",
        "A. x\n",
        "B) y\n",
        "ANSWER: A\n",
        "a",
        "я",
        "5",
        "..",
        "50",
        "T",
        "$CATEGORY: x",
        "[html]",
        "<p>",
        "<",
    ]
)


@given(st.sampled_from(["gift", "aiken"]), st.lists(PIECES, max_size=40).map("".join))
def test_any_text_of_their_signs_gives_a_report(name: str, text: str) -> None:
    for line in FORMATS[name](text.encode()).lines:
        assert line.content or line.remarks


TAGS = st.sampled_from(
    [
        *("<answer>", "</answer>", "<text>", "</text>", "<file>", "</file>", "<single>", "<tolerance>", "x", "1"),
        *("<subquestion>", "</subquestion>", "<feedback>", "</feedback>", "{1:SA:=a}", "{1:NM:=x}", "[[1]]"),
        '<answer fraction="x">',
    ]
)


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(["multichoice", "cloze", "numerical", "matching", "truefalse", "gapselect", "ordering", "x", ""]),
    st.lists(TAGS, max_size=12).map("".join),
    st.lists(TAGS, max_size=12).map("".join),
)
def test_any_question_in_moodle_s_tags_gives_a_report(kind: str, text: str, rest: str) -> None:
    data = moodle(f'<question type="{kind}"><questiontext>{text}</questiontext>{rest}</question>')
    try:
        FORMATS["moodle"](data)
    except Unreadable:
        return


def look(text: str) -> str:
    """What is seen: an empty heading or line of a list is nothing."""
    return re.sub(r"\s+", " ", re.sub(r"<(h\d|p|li)></\1>", "", render(text, str))).strip()


def shown(content: Content) -> object:
    """What people see of a question, and what it accepts."""
    values = content.model_dump()

    def plain(value: object, key: str = "") -> object:
        if isinstance(value, dict):
            return {name: plain(each, name) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [plain(each, key) for each in value]
        if isinstance(value, str) and key in (
            "text",
            "feedback",
            "left",
            "items",
            "if_true",
            "if_false",
            "notes_for_marking",
        ):
            return look(value)
        return value

    return plain(values)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.lists(sound, min_size=1, max_size=4))
def test_our_own_moodle_xml_comes_back(questions: list[Content]) -> None:
    named = [Exported(f"Q{number}", "Pool / one", 2.0, content) for number, content in enumerate(questions)]
    reading = FORMATS["moodle"](write(named, lambda _number: None))
    assert [line.remarks for line in reading.lines] == [()] * len(questions)
    assert [line.pool for line in reading.lines] == ["Pool / one"] * len(questions)
    for before, line in zip(questions, reading.lines, strict=True):
        assert line.content
        if isinstance(before, ShortAnswer):  # compared, not shown
            assert isinstance(line.content, ShortAnswer)
            assert [each.text for each in line.content.accepted] == [each.text for each in before.accepted]
        assert shown(line.content) == shown(before)


@settings(deadline=None, max_examples=20)
@given(contents)
def test_anything_can_be_written(content: Content) -> None:
    assert FORMATS["moodle"](write([Exported("n\x00", "", 1.0, content)], lambda _number: None)).lines


def test_pictures_go_and_come() -> None:
    essay = Essay(text="![cat](picture:7) and $x^2$")
    data = write([Exported("n", "", 1, essay)], lambda number: Picture(f"{number}", "image/png", PNG))
    assert b"picture-7.png" in data
    assert rb"\(x^2\)" in data
    reading = FORMATS["moodle"](data)
    assert [picture.data for picture in reading.pictures] == [PNG]
    assert "![cat](picture:0)" in (reading.lines[0].content or essay).text


@given(st.text(max_size=200))
def test_any_html_becomes_markdown(source: str) -> None:
    markdown_of(source, lambda _address: None, [])


def test_what_is_written_looks_the_same(tmp_path: Path) -> None:
    for source in (
        "1. not a list",
        "- no list",
        "# no heading",
        "*stars* _lines_",
        "a < b & c",
        "5$ and $6$",
        "`code`",
    ):
        assert (
            look(markdown_of(source, lambda _address: None, []))
            == f"<p>{source.replace('&', '&amp;').replace('<', '&lt;')}</p>"
        )
