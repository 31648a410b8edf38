"""Cloud's gateway: which logins work only there, and the id by which it knows a site."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from asyncjira.errors import ConfigError, NotFound, RateLimited, Refused, ServerError, StatusError
from asyncjira.jira.auth import Auth, BasicAuth, BearerAuth
from asyncjira.jira.exchange import Answer, Fault, Request, Unusable

__all__ = ["ATLASSIAN", "Route", "tenant_info", "untold"]

# https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/#3-1-get-the-cloudid-for-your-site
ATLASSIAN = "https://api.atlassian.com"
_CLOUD_ID = re.compile(r"[0-9A-Za-z-]{1,64}")  # a UUID so far; nothing that could lead to another path
_BY_GATEWAY = re.compile(r".*/ex/jira/" + _CLOUD_ID.pattern)
_NO_ID = "the site tells no cloud id: is --url a Jira Cloud site? If so, give --cloud-id ID instead of auto"
_SCOPED = "an API token with scopes, or of a service account, works only with --cloud-id auto"


class Route(msgspec.Struct, frozen=True):
    """The way to a Jira's API: `base` is where it begins, or empty where the `site` must tell its cloud id first.

    `scoped` tells that another kind of token would have to go by the gateway.
    """

    site: str
    gateway: str
    base: str
    scoped: bool = False

    @classmethod
    def to(cls, url: str, auth: Auth | None, *, cloud_id: str | None, gateway: str) -> Route:
        """Return the way to the Jira at `url`: by the `gateway` with a `cloud_id` ("auto": the site tells it).

        OAuth's access tokens work nowhere else on Cloud, which knows no other Bearer tokens, so there "auto" is taken.
        Raises ConfigError where the id is none.
        """
        parts = urlsplit(url)
        is_cloud = (parts.hostname or "").rstrip(".").endswith(".atlassian.net")
        site = f"{parts.scheme}://{parts.netloc}"
        if cloud_id is None and is_cloud and isinstance(auth, BearerAuth):
            cloud_id = "auto"
        if cloud_id is None or (cloud_id == "auto" and _BY_GATEWAY.fullmatch(parts.path)):
            return cls(site, gateway, url, scoped=is_cloud and isinstance(auth, BasicAuth))
        if cloud_id == "auto":
            return cls(site, gateway, "")
        if not _CLOUD_ID.fullmatch(cloud_id):
            raise ConfigError("a cloud id is 1 to 64 letters, digits and hyphens; or give auto, and the site is asked")
        return cls(site, gateway, _by(gateway, cloud_id))

    def known_as(self, cloud_id: str) -> str:
        """Return where the API of the site with this id begins."""
        return _by(self.gateway, cloud_id)

    def advice(self, error: StatusError) -> str:
        """Return what else may be wrong where Jira refused, or nothing."""
        if self.base and self.base != self.site and error.status == 404 and _BY_GATEWAY.fullmatch(self.base):
            return "by the gateway: check --cloud-id, too"
        return _SCOPED if self.scoped and error.status in (200, 401, 404) else ""


class _Info(msgspec.Struct):
    cloudId: str  # noqa: N815 - the wire's spelling


def tenant_info() -> Request[str]:
    """Build the request for the cloud id of a site, which it tells everybody.

    https://support.atlassian.com/jira/kb/retrieve-my-atlassian-sites-cloud-id/
    """
    return Request("GET", "/_edge/tenant_info", _read, "cloud id", is_public=True)


def untold(error: StatusError) -> StatusError:
    """Return the error for a site that refused to tell its cloud id. No login was refused by that: none was shown."""
    if isinstance(error, RateLimited | ServerError):
        return error
    kind = Refused if isinstance(error, Refused) else NotFound
    return kind(f"HTTP {error.status}: {_NO_ID}", status=error.status)


def _by(gateway: str, cloud_id: str) -> str:
    return f"{gateway}/ex/jira/{cloud_id}"


def _read(answer: Answer) -> str:
    try:
        cloud_id = msgspec.json.decode(answer.body, type=_Info).cloudId
    except msgspec.ValidationError:
        cloud_id = ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unusable(f"no JSON came: {_NO_ID}", Fault.DAMAGED) from None
    if not _CLOUD_ID.fullmatch(cloud_id):
        raise Unusable(_NO_ID, Fault.PROTOCOL)
    return cloud_id
