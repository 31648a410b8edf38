"""The options that say which Jira, as whom, and how hard; what they do not say, environment and config file may."""

from __future__ import annotations

from pathlib import Path

import click

from asyncjira.cli.completing import sites
from asyncjira.cli.settings import DEFAULTS

__all__ = ["FLAGS", "OPTIONS", "SITE", "SITES"]


FLAGS = ("site", "url", "email", "token_file", "netrc", "keyring", "cloud_id", "gateway", "api", "api_version",
         "concurrency", "rate", "max_retry_after", "allow_http")  # fmt: skip
_SITE = "of the config file, see `asyncjira config --help`; it comes with its own login"
SITE = click.option("--site", metavar="NAME", shell_complete=sites, help=f"A site {_SITE}.")
SITES = click.option("--site", multiple=True, metavar="NAME", shell_complete=sites,
                     help=f"A site {_SITE}. Several are pulled at once, each into a file of its own: {{site}} in a "
                          "path is its name.")  # fmt: skip
OPTIONS = (
    click.option("--url", metavar="URL",
                 help="Base URL, with its context path (https://host/jira).  [env: JIRA_URL]"),
    click.option("--email", metavar="E",
                 help="User of Basic auth; its token or password stands in JIRA_API_TOKEN.  [env: JIRA_EMAIL]"),
    click.option("--token-file", type=click.Path(path_type=Path), metavar="PATH",
                 help="Read the token from a file of mode 0600: with --email for Basic auth, else a PAT."),
    click.option("--netrc", is_flag=True,
                 help="Log in as the entry for exactly this host in ~/.netrc, or in the file that NETRC names, says."),
    click.option("--keyring", is_flag=True,
                 help="Ask the keyring for the token that `keyring set asyncjira URL` has kept."),
    click.option("--cloud-id", metavar="ID|auto",
                 help="Go by Atlassian's gateway, as API tokens with scopes, service accounts and OAuth must: the id "
                      "of the Cloud site, or auto to ask the site for it.  [env: JIRA_CLOUD_ID]"),
    click.option("--gateway", metavar="URL",
                 help="Another gateway than https://api.atlassian.com, for Atlassian Government Cloud.  "
                      "[env: JIRA_GATEWAY]"),
    click.option("--api", type=click.Choice(["auto", "offset", "cloud"]),
                 help="Which search: offset = Data Center and Server; cloud = Jira Cloud; auto asks which it is.  "
                      f"[default: {DEFAULTS['api']}]"),
    click.option("--api-version", type=click.Choice(["2", "3", "latest"]),
                 help="Which /rest/api/... is used.  [default: 2; 3 on Cloud]"),
    click.option("--concurrency", type=int, metavar="N",
                 help=f"Requests in flight at most.  [default: {DEFAULTS['concurrency']}]"),
    click.option("--rate", type=float, metavar="R",
                 help=f"Requests a second at most; 0 = no ceiling.  [default: {DEFAULTS['rate']}]"),
    click.option("--max-retry-after", type=float, metavar="S",
                 help="Stop with exit code 75 where Jira asks to wait longer.  "
                      f"[default: {DEFAULTS['max_retry_after']}]"),
    click.option("--allow-http", is_flag=True, help="Permit credentials over plain http to another machine."),
)  # fmt: skip
