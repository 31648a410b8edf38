"""`asyncjira config`."""

from __future__ import annotations

import os
from typing import Any

import click

from asyncjira.cli.config_file import config_path, read_config
from asyncjira.cli.connection import Connection, connection_options
from asyncjira.cli.shown import facts, lines
from asyncjira.cli.stdout import print_json

__all__ = ["config"]

_EXAMPLE = """\
# Sites for `asyncjira ... --site NAME`. A flag counts before the environment, that before this file.
# The environment speaks of one Jira, the one of JIRA_URL: for another site none of its variables counts.
# No token stands here. Each site says in one line where its token is; with an e-mail it is one of
# Basic auth, without it a personal access token.

default = "work"            # the site where neither --site nor --url nor JIRA_URL says another

[defaults]                  # of all sites
concurrency = 16            # requests in flight at most
rate = 50                   # requests a second at most; 0 = no ceiling
# max_retry_after = 300     # seconds; where Jira asks to wait longer, it ends with exit code 75
# api = "auto"              # offset, cloud
# api_version = "2"         # 3, latest

[site.work]                 # a Data Center with a personal access token
url = "https://jira.example.com/jira"
token_file = "work.token"   # beside this file, or ~/..., or /...; mode 0600
# allow_http = true         # credentials over plain http to another machine

[site.cloud]                # a Jira Cloud with an API token
url = "https://example.atlassian.net"
email = "me@example.com"
token_env = "CLOUD_TOKEN"   # the environment variable that holds it
# cloud_id = "auto"         # by the gateway, as API tokens with scopes must
rate = 10                   # what is said for all sites can be said anew

# Instead of token_file or token_env:
# token_command = ["pass", "show", "jira"]  # prints it; OAuth access tokens are fetched anew when they expire
# keyring = true            # after `keyring set asyncjira URL`, and pip install 'asyncjira[keyring]'
# netrc = true              # the entry `machine HOST` in ~/.netrc, never its default
# anonymous = true          # no login, and no warning
"""


@click.group(no_args_is_help=True)
def config() -> None:
    """Show the config file, and where each setting comes from.

    The file names sites, so that --site NAME stands for an address with its login and its limits. It is
    asyncjira/config.toml in $XDG_CONFIG_HOME or ~/.config, or the file that ASYNCJIRA_CONFIG names.

    \b
    asyncjira config example                        a commented file to begin with
    asyncjira config path                           where it belongs
    asyncjira config show --site work               what counts, and where it comes from
    asyncjira count "project = OPS" --site work     use it

    Flags count before the environment, that before [site.NAME], that before [defaults]. A token is for one Jira: what
    the environment holds counts for the Jira that JIRA_URL names, all of it or nothing, and never for another site of
    the file, unless that names the variable by token_env. Who types a --url says that the token is for that one.
    """


@config.command()
def path() -> int:
    """Print where the config file is, or would be."""
    click.echo(os.fspath(config_path(os.environ)))
    return 0


@config.command()
def example() -> int:
    """Print a commented config file to begin with.

    \b
    mkdir -p "$(dirname "$(asyncjira config path)")"
    asyncjira config example > "$(asyncjira config path)"
    """
    click.echo(_EXAMPLE, nl=False)
    return 0


@config.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@connection_options
def show(connection: Connection, *, as_json: bool) -> int:
    """Print what counts, and where it comes from.

    All options of a connection can be given, to see what they change. Of a token only its kind and its place are shown;
    no request is sent, no command run and no keyring opened.

    \b
    asyncjira config show
    asyncjira config show --site work --rate 5
    asyncjira config show --site work --json
    """
    shown: dict[str, Any] = facts(connection, read_config(os.environ))
    if as_json:
        print_json(shown)
    else:
        for line in lines(shown):
            click.echo(line)
    return 0
