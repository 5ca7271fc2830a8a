from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lti_tool.sandbox.browser import Form, read_forms

PAGE = """
<form action="/go" method="POST" target="_blank">
  <input name="a" value="1"><input type="checkbox" name="b"><input type="checkbox" name="c" checked>
  <input type="radio" name="d" value="x"><input type="radio" name="d" value="y" checked>
  <select name="e"><option value="1">One</option><option value="2" selected>Two</option></select>
  <select name="f"><option value="first">First</option></select>
  <textarea name="g">some &amp; text</textarea>
  <button name="h" value="pressed">Go</button><input type="submit" name="i" value="pressed">
</form>
<form><input name="q" value="&lt;x&gt;"></form>
"""


def test_forms_have_the_values_a_browser_sends() -> None:
    assert read_forms(PAGE, "http://school.example/page?x=1") == [
        Form(
            "http://school.example/go",
            "post",
            {"a": "1", "c": "on", "d": "y", "e": "2", "f": "first", "g": "some & text"},
            "_blank",
        ),
        Form("http://school.example/page?x=1", "get", {"q": "<x>"}),
    ]


@given(st.lists(st.sampled_from([*PAGE.split(), "</form>", "<form", "<", "</select>", "<textarea>"]), max_size=30))
def test_broken_pages_are_read_without_an_error(words: list[str]) -> None:
    assert all(isinstance(form, Form) for form in read_forms(" ".join(words), "http://school.example/"))
