import base64

import pytest

from asyncjira import BasicAuth, BearerAuth, ConfigError
from asyncjira.jira.address import base_url


def test_basic_auth_is_what_the_rfc_says() -> None:
    header = BasicAuth("ann@example.com", "pässword").header()
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "ann@example.com:pässword"


def test_bearer_auth_carries_the_token() -> None:
    assert BearerAuth("abc").header() == "Bearer abc"


def test_no_repr_shows_a_secret() -> None:
    assert "hunter2" not in repr(BasicAuth("ann@example.com", "hunter2")) + repr(BearerAuth("hunter2"))


@pytest.mark.parametrize("token", ["", "  ", "a\nb", "a\r\nX-Evil: 1", "\x1b[31m"])
def test_a_token_that_cannot_stand_in_a_header_is_refused(token: str) -> None:
    for make in (lambda: BasicAuth("ann", token), lambda: BearerAuth(token)):
        with pytest.raises(ConfigError) as caught:
            make()
        assert not token.strip() or token not in str(caught.value)


@pytest.mark.parametrize("email", ["", "a:b", "a\nb"])
def test_a_user_that_basic_auth_cannot_carry_is_refused(email: str) -> None:
    with pytest.raises(ConfigError):
        BasicAuth(email, "token")


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://jira.example.com", "https://jira.example.com"),
        ("https://jira.example.com/", "https://jira.example.com"),
        ("https://host:8443/jira/", "https://host:8443/jira"),
        (" https://host ", "https://host"),
        ("http://localhost:8080/jira", "http://localhost:8080/jira"),
        ("http://127.0.0.9:1", "http://127.0.0.9:1"),
        ("http://[::1]:1", "http://[::1]:1"),
    ],
)
def test_a_base_url_keeps_its_context_path(url: str, base: str) -> None:
    assert base_url(url, credentials=True) == base


@pytest.mark.parametrize(
    "url",
    [
        "",
        "jira.example.com",
        "ftp://host",
        "https://",
        "https:///jira",
        "https://host/?q=1",
        "https://host/#x",
        "https://ann:hunter2@host",
        "https://hunter2@host",
        "https://host:x",
        "https://ho st",
        "https://host/\x1b",
        "https://[::1",
        "https://a..b",
    ],
)
def test_what_is_no_base_url_is_refused_without_showing_secrets(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        base_url(url, credentials=False)
    assert "hunter2" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_credentials_do_not_cross_the_network_readable() -> None:
    with pytest.raises(ConfigError, match="--allow-http"):
        base_url("http://jira.example.com", credentials=True)
    assert base_url("http://jira.example.com", credentials=False)
    assert base_url("http://jira.example.com", credentials=True, allow_http=True)
