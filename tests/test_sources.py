"""Which value counts, and where it is said to come from: plain values in, plain values out."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asyncjira import ConfigError, Limits, RetryPolicy
from asyncjira.cli.config_file import Config, config_path, parse_config
from asyncjira.cli.settings import DEFAULTS, OF_A_SITE, OF_ALL_SITES
from asyncjira.cli.sources import Settings, Token, decide
from asyncjira.jira.address import is_same

PATH = Path("/etc/aj/config.toml")
A, B, C = "https://a.example.com/jira", "https://b.example.com", "https://c.example.com"
TWO = parse_config(
    f"""
    default = "a"
    [defaults]
    concurrency = 4
    rate = 7
    [site.a]
    url = "{A}"
    email = "ann@a"
    token_file = "a.token"
    rate = 9
    [site.b]
    url = "{B}"
    """,
    PATH,
)


def of(config: Config = TWO, environment: dict[str, str] | None = None, **flags: Any) -> Settings:
    return decide(flags, environment or {}, config)


def test_a_flag_counts_before_the_environment_before_the_site_before_all_sites_before_what_is_built_in() -> None:
    environment = {"JIRA_URL": A + "/", "JIRA_EMAIL": "env@a", "JIRA_GATEWAY": "https://gate"}
    found = of(environment=environment, site="a", email="flag@a")
    assert (found.email, found.gateway, found.rate, found.concurrency) == ("flag@a", "https://gate", 9, 4)
    assert (found.max_retry_after, found.api, found.api_version, found.allow_http) == (300.0, "auto", None, False)
    assert found.origins == {
        "site": "--site",
        "url": "JIRA_URL",
        "email": "--email",
        "gateway": "JIRA_GATEWAY",
        "rate": f"{PATH} [site.a]",
        "concurrency": f"{PATH} [defaults]",
        **dict.fromkeys(("api", "max_retry_after", "allow_http"), "default"),
    }
    assert of().origins["site"] == f"{PATH} default"
    assert of(rate=0.0, max_retry_after=1.0).origins["rate"] == "--rate"


def test_the_first_name_of_a_variable_that_is_not_empty_counts() -> None:
    nothing = Config(PATH)
    assert of(nothing, {"JIRA_URL": "", "JIRA_BASE_URL": B}).url == B
    assert of(nothing, {"JIRA_URL": A, "JIRA_BASE_URL": B}).url == A
    assert of(nothing, {"JIRA_USER": "u", "JIRA_USERNAME": "n"}).email == "n"


def test_what_is_built_in_is_what_the_library_does_and_every_setting_of_the_file_is_known() -> None:
    limits, retry = Limits(), RetryPolicy()
    assert (DEFAULTS["concurrency"], DEFAULTS["rate"]) == (limits.concurrency, limits.rate)
    assert DEFAULTS["max_retry_after"] == retry.max_retry_after
    assert set(OF_ALL_SITES) <= set(OF_A_SITE)


BOTH = {"JIRA_API_TOKEN": "t", "JIRA_PAT": "p"}


@pytest.mark.parametrize(
    ("environment", "flags", "variable"),
    [
        (BOTH, {"email": "e"}, "JIRA_API_TOKEN"),
        (BOTH, {}, "JIRA_PAT"),
        ({"JIRA_API_TOKEN": "t"}, {}, "JIRA_API_TOKEN"),
        ({"JIRA_PERSONAL_ACCESS_TOKEN": "p"}, {"email": "e"}, "JIRA_PERSONAL_ACCESS_TOKEN"),
    ],
)
def test_which_variable_has_the_token(environment: dict[str, str], flags: Any, variable: str) -> None:
    assert of(Config(PATH), environment, url=C, **flags).token == Token("token_env", variable, variable)


def test_a_place_that_a_flag_names_counts_before_the_environment() -> None:
    assert of(Config(PATH), BOTH, url=C, netrc=True).token == Token("netrc", True, "--netrc")


def test_a_token_of_the_environment_goes_to_no_site_that_it_is_not_known_to_be_for() -> None:
    for left_over in ({}, {"JIRA_URL": A}, {"JIRA_URL": "https://[", "JIRA_CLOUD_ID": "x"}):
        found = of(environment={"JIRA_PAT": "p", "JIRA_API_TOKEN": "t", "JIRA_EMAIL": "ann@a", **left_over}, site="b")
        assert (found.url, found.token, found.email, found.cloud_id) == (B, None, None, None)
        assert set(found.ignored) == {"JIRA_PAT", "JIRA_API_TOKEN", "JIRA_EMAIL", *left_over}


def test_it_counts_for_the_site_that_jira_url_names_and_for_one_that_names_the_variable() -> None:
    found = of(environment={"JIRA_URL": B + ":443/", "JIRA_PAT": "p"}, site="b")
    assert (found.token, found.ignored) == (Token("token_env", "JIRA_PAT", "JIRA_PAT"), ())
    config = Config(PATH, True, sites={"b": {"url": B, "token_env": "JIRA_PAT"}})
    found = of(config, {"JIRA_URL": A, "JIRA_PAT": "p", "JIRA_EMAIL": "ann@a"}, site="b")
    assert found.token == Token("token_env", "JIRA_PAT", f"{PATH} [site.b]")
    assert (found.email, found.ignored) == (None, ("JIRA_URL", "JIRA_EMAIL"))


def test_without_a_site_it_goes_where_the_flag_says() -> None:
    for told in ({}, {"JIRA_URL": C}, {"JIRA_URL": A}):
        found = of(environment={"JIRA_PAT": "p", **told}, url=C)
        assert (found.url, found.token, found.ignored) == (C, Token("token_env", "JIRA_PAT", "JIRA_PAT"), ())


def test_a_way_by_the_gateway_to_the_jira_of_jira_url_leads_no_token_there_that_is_for_another() -> None:
    environment = {"JIRA_URL": A, "JIRA_CLOUD_ID": "of-a", "JIRA_GATEWAY": "https://gate"}
    found = of(Config(PATH), environment, url=C, token_file=Path("c.token"))
    assert (found.cloud_id, found.gateway, found.ignored) == (None, None, ("JIRA_CLOUD_ID", "JIRA_GATEWAY"))
    assert of(Config(PATH), environment, url=C, cloud_id="of-c").cloud_id == "of-c"
    for same in (environment, {**environment, "JIRA_URL": ""}):
        found = of(Config(PATH), same, url=A)
        assert (found.cloud_id, found.gateway, found.ignored) == ("of-a", "https://gate", ())


def test_the_default_site_keeps_to_its_own_jira() -> None:
    assert of().token == Token("token_file", PATH.parent / "a.token", f"{PATH} [site.a]")
    assert of(url=A).site == of(environment={"JIRA_URL": A}).site == "a"
    for found in (of(url=C), of(environment={"JIRA_URL": C})):
        assert (found.site, found.url, found.email, found.token) == (None, C, None, None)
        assert (found.concurrency, found.rate) == (4, 7)


def test_a_url_that_is_not_the_sites_is_refused_and_so_are_two_places_of_one_token() -> None:
    with pytest.raises(ConfigError, match="another Jira than site a"):
        of(site="a", url=B)
    with pytest.raises(ConfigError, match="--token-file and --keyring"):
        of(site="a", token_file=Path("x"), keyring=True)


URLS = st.sampled_from([A, B, C, B + "/", "junk", "https://["])
LEFT_OVER = {"JIRA_URL": URLS, "JIRA_PAT": st.just("p"), "JIRA_API_TOKEN": st.just("t"), "JIRA_EMAIL": st.just("e")}


@given(st.fixed_dictionaries({}, optional=LEFT_OVER), st.none() | URLS, st.sampled_from([None, "a", "b"]))
def test_no_token_ever_counts_for_a_site_that_is_not_its_own(
    environment: dict[str, str], url: str | None, site: str | None
) -> None:
    try:
        found = of(environment=environment, url=url, site=site)
    except ConfigError:
        assert site
        assert url
        return
    if found.token is None:
        return
    if found.token.source == "token_file":
        assert (found.site, is_same(found.url or "", A)) == ("a", True)
    elif found.site is None:
        assert found.url == url or (url is None and found.url == environment["JIRA_URL"])
    else:
        assert is_same(found.url or "", environment["JIRA_URL"])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[site.a", "is no TOML: "),
        ("[sites.a]\nurl='https://a'", "no setting sites; did you mean site?"),
        ("[site.a]", "[site.a] has no url"),
        ("[site.a]\nurl=1", "[site.a]: url must be a text"),
        ("[site.a]\nurl='ftp://a'", "[site.a]: 'ftp://a' is no Jira url"),
        ("[site.a]\nurl='https://ann:hunter2@a'", "[site.a]: the url holds a user name or password"),
        ("[site.a]\nurl='https://a'\nrat=1", "[site.a]: there is no setting rat; did you mean rate"),
        ("[site.a]\nurl='https://a'\nrate='hunter2'", "[site.a]: rate must be a number, 0 or more"),
        ("[site.a]\nurl='https://a'\nrate=nan", "rate must be"),
        ("[site.a]\nurl='https://a'\nrate=1" + "0" * 400, "rate must be"),
        ("[site.a]\nurl='https://a'\nrate=1" + "0" * 5000, "a number is too long"),
        ("a = " + "[" * 5000, "it nests too deep"),
        ("[site.a]\nurl='https://a'\nconcurrency=true", "concurrency must be a whole number, 1 or more"),
        ("[site.a]\nurl='https://a'\napi='hunter2'", 'api must be "auto", "offset" or "cloud"'),
        ("[site.a]\nurl='https://a'\ntoken_command='hunter2'", "token_command must be a list of words"),
        ("[site.a]\nurl='https://a'\nkeyring='yes'", "keyring must be true or false"),
        ("[site.a]\nurl='https://a'\nToken='hunter2'", "[site.a]: Token has no place in this file"),
        ("[defaults]\npassword='hunter2'", "password has no place in this file"),
        ("api_token='hunter2'", "use token_file, token_env, token_command, keyring or netrc"),
        ("[site.a]\nurl='https://a'\nnetrc=true\ntoken_env='X'", "says token_env and netrc: keep the one"),
        ("[defaults]\ntoken_file='x'", "[defaults]: there is no setting token_file (it belongs to a site)"),
        ("default='b'\n[site.bb]\nurl='https://a'", "no site b in /etc/aj/config.toml: did you mean bb?"),
        ("default=1", "default must be the name of a site"),
        ("[site.'../x']\nurl='https://a'", "is no name of a site"),
        ("site='hunter2'", "site must be a table, [site.NAME]"),
        ("[site]\na='hunter2'", "site.a must be a table"),
        ("defaults='hunter2'", "defaults must be a table"),
        ('"a\\u001b"=1', "no setting a\\x1b"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_the_file_is_named_with_file_and_key_and_never_quoted(content: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(content, PATH)
    said = str(caught.value)
    assert words in said
    assert said.startswith((str(PATH), "no site"))
    assert "hunter2" not in said
    assert said.isprintable()


def test_the_file_is_where_it_is_looked_for() -> None:
    assert config_path({"XDG_CONFIG_HOME": "/x"}) == Path("/x/asyncjira/config.toml")
    assert (
        config_path({"XDG_CONFIG_HOME": "x"}) == config_path({}) == Path("~/.config/asyncjira/config.toml").expanduser()
    )
    assert config_path({"ASYNCJIRA_CONFIG": "~/c", "XDG_CONFIG_HOME": "/x"}) == Path("~/c").expanduser()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://A.example.com/", "https://a.example.com:443", True),
        ("http://a:80/jira/", " http://a/jira", True),
        ("https://a", "http://a", False),
        ("https://a", "https://a/jira", False),
        ("https://a", "https://a:8443", False),
        ("https://[", "https://[", False),
    ],
)
def test_two_addresses_of_one_jira(one: str, other: str, *, same: bool) -> None:
    assert is_same(one, other) is same
