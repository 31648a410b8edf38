"""Sites of a config file as a user meets them: who logs in where, what is refused, and what `config` shows."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import keyring.errors
import pytest

from asyncjira import BearerAuth, ConfigError
from asyncjira.cli import main, token_places
from asyncjira.cli.config_file import read_config, site_names
from asyncjira.cli.connection import connect

TOKEN = "s3cr+t/=%"
Capture = Any


class Written:
    """A config file, which a test writes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, content: str, mode: int = 0o644) -> Path:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(content)
        self.path.chmod(mode)
        return self.path


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Written:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return Written(tmp_path / "asyncjira" / "config.toml")


def private(path: Path, content: str = TOKEN + "\n", mode: int = 0o600) -> Path:
    path.write_text(content)
    path.chmod(mode)
    return path


def run(capfd: Capture, *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    out, err = capfd.readouterr()
    assert TOKEN not in out + err
    return code, out, err


def test_a_site_stands_for_its_address_and_its_login(write: Written, capfd: Capture, mock_jira: Any) -> None:
    basic, bearer = mock_jira(issues=3, email="ann", token=TOKEN), mock_jira(issues=4, token=TOKEN)
    anybody = mock_jira(issues=5)
    file = write(f"""
        [site.basic]
        url = "{basic.url}"
        email = "ann"
        token_file = "token"
        [site.bearer]
        url = "{bearer.url}"
        token_file = "token"
        [site.public]
        url = "{anybody.url}"
        anonymous = true
    """)
    private(file.parent / "token")
    assert run(capfd, "count", "--site", "basic") == (0, "3\n", "")
    assert run(capfd, "count", "--site", "bearer") == (0, "4\n", "")
    assert run(capfd, "count", "--site", "public") == (0, "5\n", "")


def test_the_default_site_needs_no_flag_and_gives_way_to_another_url(
    write: Written, capfd: Capture, mock_jira: Any
) -> None:
    mock, other = mock_jira(issues=3, token=TOKEN), mock_jira(token=TOKEN)
    file = write(f'default = "a"\n[site.a]\nurl = "{mock.url}"\ntoken_file = "token"\n')
    private(file.parent / "token")
    assert run(capfd, "count") == (0, "3\n", "")
    code, _, err = run(capfd, "count", "--url", other.url)
    assert (code, "no credentials were given" in err) == (4, True)


def test_a_token_that_was_left_in_the_environment_is_sent_to_no_other_site(
    write: Written, capfd: Capture, mock_jira: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock = mock_jira(issues=3)
    file = write(f'[site.b]\nurl = "{mock.url}"\n')
    monkeypatch.setenv("JIRA_PAT", TOKEN)
    code, _, err = run(capfd, "count", "--site", "b")
    assert (code, f'[site.b] of {file}: put token_env = "JIRA_PAT" (or anonymous = true) there' in err) == (2, True)
    monkeypatch.setenv("JIRA_URL", "https://a.example.com")
    assert run(capfd, "count", "--site", "b")[0] == 2
    assert not mock.wire
    assert run(capfd, "count", "--url", mock.url) == (0, "3\n", "")
    monkeypatch.setenv("JIRA_URL", mock.url)
    assert run(capfd, "count", "--site", "b") == (0, "3\n", "")


def test_a_site_that_names_the_variable_gets_its_token(
    write: Written, capfd: Capture, mock_jira: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(f'[site.b]\nurl = "{mock_jira(issues=3, token=TOKEN).url}"\ntoken_env = "TOKEN_OF_B"\n')
    code, _, err = run(capfd, "count", "--site", "b")
    assert (code, "TOKEN_OF_B is empty or not set" in err) == (2, True)
    monkeypatch.setenv("TOKEN_OF_B", TOKEN)
    assert run(capfd, "count", "--site", "b") == (0, "3\n", "")


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        ("machine 127.0.0.1 login ann password {}", 0o600, None),
        ("machine 127.0.0.1 password {}", 0o600, "no login, so it is an access token"),
        ("machine 127.0.0.1 login ann password {}", 0o640, "chmod 600"),
        ("default login ann password {}", 0o600, "no entry `machine 127.0.0.1`"),
        ("machine 127.0.0.10 login ann password {}", 0o600, "no entry `machine 127.0.0.1`"),
        ("machine 127.0.0.1 login ann password x {}", 0o600, "line 1 is not as"),
        (None, 0o600, "cannot read the .netrc"),
    ],
)
def test_a_netrc_is_read_where_it_is_asked_for(
    content: str | None, mode: int, words: str | None, capfd: Capture, mock_jira: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bearer = bool(words) and "access token" in str(words)
    mock = mock_jira(issues=3, email=None if bearer else "ann", token=TOKEN)
    if content is not None:
        private(tmp_path / ".netrc", content.format(TOKEN), mode)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(capfd, "count", "--url", mock.url)[0] == 4, "not asked for, so nobody logs in"
    code, out, err = run(capfd, "count", "--url", mock.url, "--netrc")
    if words is None or bearer:
        assert (code, out, err) == (0, "3\n", "")
    else:
        assert (code, out, words in err) == (2, "", True), err


def test_a_netrc_for_somebody_else_is_not_used(
    capfd: Capture, mock_jira: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETRC", str(private(tmp_path / "n", f"machine 127.0.0.1 login ann password {TOKEN}")))
    code, _, err = run(capfd, "count", "--url", mock_jira().url, "--netrc", "--email", "bob")
    assert (code, "another login for this host" in err) == (2, True)


BROKEN = {"locked": keyring.errors.KeyringLocked, "broken": RuntimeError}


class Vault(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        if service in BROKEN:
            raise BROKEN[service](TOKEN)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


@pytest.fixture
def vault() -> Iterator[Vault]:
    before, vault = keyring.get_keyring(), Vault()
    keyring.set_keyring(vault)
    yield vault
    keyring.set_keyring(before)


def test_a_keyring_keeps_one_token_for_each_jira(
    write: Written, capfd: Capture, mock_jira: Any, vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock = mock_jira(issues=3, token=TOKEN)
    write(f'[site.b]\nurl = "{mock.url}/"\nkeyring = true\n')
    code, _, err = run(capfd, "count", "--site", "b")
    assert (code, err.endswith(f"no token for this Jira: keyring set asyncjira {mock.url}\n")) == (2, True)
    keyring.set_password("asyncjira", mock.url, TOKEN)
    assert run(capfd, "count", "--site", "b") == (0, "3\n", "")
    assert run(capfd, "count", "--url", mock.url, "--keyring") == (0, "3\n", "")
    for service, error in BROKEN.items():
        monkeypatch.setattr(token_places, "KEYRING", service)
        code, _, err = run(capfd, "count", "--site", "b")
        assert (code, f"the keyring does not open: {error.__name__}" in err) == (2, True)


def test_without_the_extra_the_command_that_installs_it_is_named(
    capfd: Capture, mock_jira: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    code, _, err = run(capfd, "count", "--url", mock_jira().url, "--keyring")
    assert (code, "pip install 'asyncjira[keyring]'" in err) == (2, True)


def command(code: str) -> str:
    return json.dumps([sys.executable, "-c", code])


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (command(f"print({TOKEN!r})"), None),
        (
            command(f"import sys; print({TOKEN!r}, file=sys.stderr); sys.exit(3)"),
            "ended with exit code 3: run it by hand",
        ),
        (command(f"print({TOKEN!r}); print(1)"), "line break"),
        (command(r"import os; os.write(1, b'\xff')"), "not text"),
        (json.dumps(["sh", "-c", f"sleep 60 & echo {TOKEN}"]), None),
        (command("pass"), "is empty"),
        ('["/nonexistent/tool"]', "cannot be run: No such file"),
        ('["a\\u0000b"]', "cannot be run: NUL"),
    ],
)
def test_a_command_prints_the_token(
    argv: str, words: str | None, write: Written, capfd: Capture, mock_jira: Any
) -> None:
    write(f'[site.b]\nurl = "{mock_jira(issues=3, token=TOKEN).url}"\ntoken_command = {argv}\n')
    code, out, err = run(capfd, "count", "--site", "b")
    assert (code, out) == ((0, "3\n") if words is None else (2, ""))
    assert (words or "") in err


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", "while True: print('x' * 4096)"])
def test_a_command_that_does_not_end_is_ended(
    code: str, write: Written, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_places, "_LONGEST_COMMAND", 0.1)
    write(f'[site.b]\nurl = "https://b"\ntoken_command = {command(code)}\n')
    exit_code, _, err = run(capfd, "count", "--site", "b")
    assert (exit_code, "has not ended after" in err) == (2, True)


async def test_who_is_interrupted_does_not_wait_for_the_command_or_what_that_has_started() -> None:
    asking = asyncio.create_task(token_places.of_command(["sh", "-c", "sleep 60; echo"]))
    await asyncio.sleep(0.05)
    asking.cancel()  # once, as a signal does
    async with asyncio.timeout(20):
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_a_command_is_run_again_for_a_fresh_token_and_with_an_e_mail_it_is_no_access_token(
    write: Written, tmp_path: Path
) -> None:
    counter = tmp_path / "n"
    counter.write_text("")
    code = f"p = __import__('pathlib').Path({str(counter)!r}); p.write_text(p.read_text() + 'x'); print(p.read_text())"
    write(f'[site.b]\nurl = "https://b"\ntoken_command = {command(code)}\n')
    auth = await connect({"site": "b"}).auth()
    assert isinstance(auth, BearerAuth)
    assert auth.refresh is not None
    assert (auth.token, await auth.refresh(), await auth.refresh()) == ("x", "xx", "xxx")
    auth = await connect({"site": "b", "email": "ann"}).auth()
    assert auth is not None
    assert auth.header().startswith("Basic ")


def test_half_a_login_is_refused_and_a_missing_token_file_is_named(write: Written, capfd: Capture) -> None:
    file = write('[site.b]\nurl = "https://b"\nemail = "ann"\n[site.c]\nurl = "https://c"\ntoken_file = "none"\n')
    code, _, err = run(capfd, "count", "--site", "b")
    assert (code, "there is an e-mail but no JIRA_API_TOKEN" in err) == (2, True)
    code, _, err = run(capfd, "count", "--site", "c")
    assert (code, f"cannot read the token file {file.parent / 'none'}: No such file" in err) == (2, True)


def test_a_file_that_cannot_be_trusted_or_read_is_refused_before_the_first_request(
    write: Written, capfd: Capture, mock_jira: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock = mock_jira()
    for content, mode, words in (
        ("", 0o666, "anybody may write"),
        ("token = '" + TOKEN + "'", 0o600, "token has no place in this file"),
        ("[site.b", 0o600, "is no TOML"),
    ):
        write(content, mode)
        code, _, err = run(capfd, "count", "--url", mock.url)
        assert (code, words in err, err.count("\n")) == (2, True, 1)
        assert site_names(os.environ) == []
    monkeypatch.setenv("ASYNCJIRA_CONFIG", str(tmp_path / "none"))
    code, _, err = run(capfd, "count", "--url", mock.url)
    assert (code, "which ASYNCJIRA_CONFIG names" in err) == (2, True)
    monkeypatch.setenv("ASYNCJIRA_CONFIG", str(tmp_path))
    code, _, err = run(capfd, "count", "--url", mock.url)
    assert (code, "Is a directory" in err, len(mock.wire)) == (2, True, 0)


def test_a_home_that_is_no_folder_has_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/dev/null")
    assert read_config(os.environ).exists is False


def test_a_mark_of_the_encoding_is_no_part_of_the_file(write: Written) -> None:
    write('\ufeff[site.a]\nurl = "https://a"\n')
    assert site_names(os.environ) == ["a"]


def test_an_unknown_site_is_told_with_those_that_there_are(write: Written, capfd: Capture) -> None:
    code, _, err = run(capfd, "count", "--site", "work")
    assert (code, f"no site work in {write.path} (not there): `asyncjira config example` shows how" in err) == (2, True)
    write('[site.home]\nurl = "https://a"\n[site.works]\nurl = "https://b"\n')
    assert "did you mean works?" in run(capfd, "count", "--site", "work")[2]
    assert "there are home, works" in run(capfd, "count", "--site", "x\x1b")[2]


def test_show_tells_where_each_value_comes_from_and_no_character_of_a_token(
    write: Written, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write("""
        [defaults]
        rate = 10
        [site.work]
        url = "https://jira.example.com"
        token_env = "TOKEN_OF_WORK"
        concurrency = 4
    """)
    monkeypatch.setenv("TOKEN_OF_WORK", TOKEN)
    monkeypatch.setenv("JIRA_URL", "https://jira.example.com/")
    monkeypatch.setenv("JIRA_EMAIL", "ann@example.com")
    asked = ["config", "show", "--site", "work", "--max-retry-after", "60"]
    code, out, err = run(capfd, *asked)
    assert (code, err) == (0, "")
    shown = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert shown == {
        "file": str(file),
        "sites": "work",
        "site": "work --site",
        "url": "https://jira.example.com/ JIRA_URL",
        "email": "ann@example.com JIRA_EMAIL",
        "cloud_id": "-",
        "gateway": "-",
        "api": "auto default",
        "api_version": "-",
        "concurrency": f"4 {file} [site.work]",
        "rate": f"10 {file} [defaults]",
        "max_retry_after": "60.0 --max-retry-after",
        "allow_http": "no default",
        "login": f"API token or password, with the e-mail {file} [site.work]: variable TOKEN_OF_WORK",
    }
    told = json.loads(run(capfd, *asked, "--json")[1])
    assert told["settings"]["rate"] == {"value": 10, "origin": f"{file} [defaults]"}
    assert told["settings"]["login"]["usable"] is True


def test_show_tells_what_is_ignored_and_which_login_cannot_be_used(
    write: Written, capfd: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    write('[site.b]\nurl = "https://b"\n')
    monkeypatch.setenv("JIRA_PAT", TOKEN)
    out = run(capfd, "config", "show", "--site", "b")[1]
    assert "cannot be used: JIRA_PAT is set, but not known to be for [site.b]" in out
    assert out.splitlines()[-1].split(None, 1) == ["ignored", "JIRA_PAT: set, but for another Jira (JIRA_URL), or none"]
    told = json.loads(run(capfd, "config", "show", "--site", "b", "--json")[1])
    assert (told["ignored"], told["settings"]["login"]["usable"]) == (["JIRA_PAT"], False)


@pytest.mark.parametrize(
    ("line", "login"),
    [
        ("token_command = ['pass', 'hunter2']", "PAT or OAuth access token FILE [site.b]: command pass ..."),
        ("keyring = true", "PAT or OAuth access token FILE [site.b]: keyring asyncjira https://b"),
        ("anonymous = true", "anonymous FILE [site.b]"),
        ("", "anonymous"),
    ],
)
def test_show_runs_nothing_and_opens_no_keyring(line: str, login: str, write: Written, capfd: Capture) -> None:
    file = write(f'[site.b]\nurl = "https://b"\n{line}\n')
    code, out, _ = run(capfd, "config", "show", "--site", "b")
    (told,) = [" ".join(line.split()[1:]) for line in out.splitlines() if line.startswith("login")]
    assert (code, told) == (0, login.replace("FILE", str(file)))


def test_show_refuses_a_url_with_a_password_in_it(capfd: Capture) -> None:
    code, out, err = run(capfd, "config", "show", "--url", "https://ann:hunter2@h", "--keyring")
    assert (code, out, "user name or password" in err, "hunter2" in err) == (2, "", True, False)


def test_the_example_is_a_file_that_works(write: Written, capfd: Capture) -> None:
    assert run(capfd, "config", "path") == (0, f"{write.path}\n", "")
    example = run(capfd, "config", "example")[1]
    write(example)
    assert run(capfd, "config", "show")[1].splitlines()[1].split(None, 1) == ["sites", "work, cloud"]
    uncommented = example.replace("# max", "max").replace("# api", "api").replace("# allow", "allow")
    write(uncommented.replace("# cloud", "cloud"))
    told = json.loads(run(capfd, "config", "show", "--site", "work", "--json")[1])
    assert (told["settings"]["api_version"]["value"], told["settings"]["allow_http"]["value"]) == ("2", True)


def test_a_connection_to_each_site_can_be_had_without_the_command_line(write: Written) -> None:
    write('[site.a]\nurl = "https://a"\nrate = 1\n[site.b]\nurl = "https://b"\n')
    found = [connect({"site": name, "concurrency": 2}) for name in ("a", "b")]
    assert [(each.site, each.url, each.rate, each.concurrency) for each in found] == [
        ("a", "https://a", 1, 2),
        ("b", "https://b", 50.0, 2),
    ]
    with pytest.raises(ConfigError):
        connect({"site": "c"})
