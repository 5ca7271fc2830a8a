"""The files in deploy/ name only settings and commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())
SETTINGS = set(
    re.findall(r'"(LTI_TOOL_\w+)"', (ROOT / "lti_tool" / "core" / "settings.py").read_text(encoding="utf-8"))
)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_settings_exist(path: Path) -> None:
    assert set(re.findall(r"\bLTI_TOOL_\w+", path.read_text(encoding="utf-8"))) <= SETTINGS


def test_commands_exist(app: Flask) -> None:
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    words = [
        re.split(r"[\s,\[\]]+", found) for text in texts for found in re.findall(r"--app,? wsgi,?\s([^\]\n]+)", text)
    ]
    called = {tuple(word for word in found if re.fullmatch(r"[a-z]+", word))[:2] for found in words}
    assert called == {("db", "upgrade"), ("jobs", "run")}
    for command in called:
        assert app.test_cli_runner().invoke(args=[*command, "--help"]).exit_code == 0


def test_files_that_are_named_exist() -> None:
    for text in (path.read_text(encoding="utf-8") for path in FILES):
        for name in re.findall(
            r"(?:dockerfile: |docker build -f |--config |COPY )([\w./]+\.\w+|deploy/Dockerfile)", text
        ):
            assert (ROOT / name).exists(), name


def test_nothing_in_front_forbids_frames_or_adds_to_what_is_trusted() -> None:
    directives = [
        line for line in (DEPLOY / "nginx.conf.template").read_text(encoding="utf-8").splitlines() if "#" not in line
    ]
    text = "\n".join(directives)
    assert "X-Frame-Options" not in text
    assert "$proxy_add_x_forwarded_for" not in text
    assert re.search(r"X-Forwarded-For\s+\$remote_addr", text)
