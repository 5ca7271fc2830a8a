"""Settings: every variable is read, and a wrong one is named with its fault and a right example."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lti_tool.core.settings import SettingsError, load


def test_nothing_set_gives_a_trial_on_this_machine(tmp_path: Path) -> None:
    settings = load({}, tmp_path)
    assert settings.base_url == "http://localhost:8080"
    assert settings.database_url == f"sqlite:///{tmp_path}/lti_tool.sqlite"
    assert settings.embedded_worker
    assert settings.default_locale == "ru"
    assert settings.platform_allow == ()


def test_the_development_secret_is_kept_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    first = load({}, tmp_path).secret_key
    assert len(first) >= 32
    assert load({}, tmp_path).secret_key == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


def test_secrets_do_not_show_in_repr(tmp_path: Path) -> None:
    settings = load(
        {"LTI_TOOL_SECRET_KEY": "hush-hush-hush", "LTI_TOOL_DATABASE_URL": "postgresql://me:pass-word@db/x"}, tmp_path
    )
    assert "hush" not in repr(settings)
    assert "pass-word" not in repr(settings)


def test_everything_set(tmp_path: Path) -> None:
    settings = load(
        {
            "LTI_TOOL_BASE_URL": "https://together.example.org/",
            "LTI_TOOL_SECRET_KEY": "x" * 40,
            "LTI_TOOL_DATABASE_URL": "postgres://u:p@db/x",
            "LTI_TOOL_BROKER_URL": "redis://localhost:6379/1",
            "LTI_TOOL_STORAGE_URL": "s3://bucket/prefix",
            "LTI_TOOL_KEYS_DIR": str(tmp_path / "keys"),
            "LTI_TOOL_PLATFORM_ALLOW": "127.0.0.0/8, Moodle.local:8443",
            "LTI_TOOL_PROXY_HOPS": "2",
            "LTI_TOOL_DEFAULT_LOCALE": "en",
            "LTI_TOOL_LOG_FORMAT": "json",
        },
        tmp_path,
    )
    assert settings.base_url == "https://together.example.org"
    assert settings.https
    assert settings.database_url == "postgresql+psycopg://u:p@db/x"
    assert not settings.embedded_worker
    assert settings.platform_allow == ("127.0.0.0/8", "moodle.local:8443")
    assert settings.proxy_hops == 2


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LTI_TOOL_BASE_URL", "together.example.org"),
        ("LTI_TOOL_BASE_URL", "http://together.example.org"),
        ("LTI_TOOL_BASE_URL", "https://together.example.org/tool"),
        ("LTI_TOOL_BASE_URL", "https://[bad"),
        ("LTI_TOOL_DATABASE_URL", "mysql://db/x"),
        ("LTI_TOOL_BROKER_URL", "localhost:6379"),
        ("LTI_TOOL_STORAGE_URL", "ftp://files"),
        ("LTI_TOOL_PLATFORM_ALLOW", "127.0.0.0/99"),
        ("LTI_TOOL_PLATFORM_ALLOW", "https://moodle.local"),
        ("LTI_TOOL_PROXY_HOPS", "-1"),
        ("LTI_TOOL_DEFAULT_LOCALE", "de"),
        ("LTI_TOOL_LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_named_with_an_example(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({variable: value}, tmp_path)
    assert str(refused.value).startswith(f"{variable}: ")
    example = str(refused.value).rpartition(f"{variable}=")[2]
    load({variable: example, "LTI_TOOL_SECRET_KEY": "x" * 40}, tmp_path)


def test_a_public_address_needs_a_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="LTI_TOOL_SECRET_KEY"):
        load({"LTI_TOOL_BASE_URL": "https://together.example.org"}, tmp_path)
    assert not (tmp_path / "secret_key").exists()


def test_mail_is_off_until_both_are_set(tmp_path: Path) -> None:
    assert load({}, tmp_path).mail is None
    url, sender = "smtp://me%40x:pass%2Fword@mail.example.org", "together@example.org"
    settings = load({"LTI_TOOL_SMTP_URL": url, "LTI_TOOL_MAIL_FROM": sender}, tmp_path)
    assert settings.mail is not None
    assert (settings.mail.host, settings.mail.port, settings.mail.sender) == ("mail.example.org", 587, sender)
    assert (settings.mail.user, settings.mail.password) == ("me@x", "pass/word")
    assert "pass" not in repr(settings) + repr(settings.mail)
    at_once = load({"LTI_TOOL_SMTP_URL": "smtps://mail.example.org", "LTI_TOOL_MAIL_FROM": sender}, tmp_path).mail
    assert at_once is not None
    assert (at_once.port, at_once.tls_at_once) == (465, True)


@pytest.mark.parametrize(
    ("url", "sender", "variable"),
    [
        ("smtp://mail.example.org", "", "LTI_TOOL_MAIL_FROM"),
        ("", "together@example.org", "LTI_TOOL_SMTP_URL"),
        ("smtp://mail.example.org", "Together <together@example.org>", "LTI_TOOL_MAIL_FROM"),
        ("https://u:hush-hush@mail.example.org", "a@b.org", "LTI_TOOL_SMTP_URL"),
        ("smtp://u:hush-hush@mail.example.org:port", "a@b.org", "LTI_TOOL_SMTP_URL"),
        ("smtp://u:hush-hush@mail.example.org/path", "a@b.org", "LTI_TOOL_SMTP_URL"),
    ],
)
def test_mail_that_cannot_be_sent(tmp_path: Path, url: str, sender: str, variable: str) -> None:
    with pytest.raises(SettingsError) as fault:
        load({"LTI_TOOL_SMTP_URL": url, "LTI_TOOL_MAIL_FROM": sender}, tmp_path)
    assert fault.value.variable == variable
    assert "hush" not in str(fault.value)
