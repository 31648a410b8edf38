"""The base URL of a Jira: what is accepted, and what would give credentials away."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from asyncjira.errors import ConfigError, printable

__all__ = ["base_url", "is_hosted", "is_same"]


def base_url(url: str, *, credentials: bool, allow_http: bool = False, name: str = "URL") -> str:
    """Return `url` without a trailing slash; a context path stays (`https://host/jira`).

    Raises ConfigError for anything but http(s) with a host, for user info, query or fragment, and for plain http with
    credentials to a host that is not loopback, unless `allow_http`. `name` is what it is called in messages.
    """
    url = url.strip()
    try:
        parts = urlsplit(url)
        _ = parts.port, (parts.hostname or "").encode("idna")
    except ValueError:
        raise ConfigError(f"the {name} cannot be read; it should look like https://jira.example.com") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(f"the {name} holds a user name or password; give them by environment or --token-file instead")
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable() or " " in url:
        raise ConfigError(f"{printable(url)!r} is no Jira {name}; it should look like https://jira.example.com")
    if parts.query or parts.fragment:
        raise ConfigError(f"the {name} should end before {'?' if parts.query else '#'}: give the base URL only")
    if parts.scheme == "http" and credentials and not allow_http and not _is_loopback(parts):
        raise ConfigError(f"credentials would cross the network readable: use https://{parts.netloc}, or --allow-http")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def is_hosted(url: str) -> bool:
    """Whether the address itself says that this is Jira Cloud; a domain of one's own does not."""
    host = urlsplit(url).hostname or ""
    return host.endswith((".atlassian.net", ".jira.com")) or host == "api.atlassian.com"


def is_same(one: str, other: str) -> bool:
    """Whether two base URLs name the same Jira: same scheme, host, port and context path."""
    try:
        return _identity(one) == _identity(other)
    except ValueError:
        return False


def _identity(url: str) -> tuple[str, str | None, int | None, str]:
    parts = urlsplit(url.strip())
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port, parts.path.rstrip("/")


def _is_loopback(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # https://www.rfc-editor.org/rfc/rfc6761#section-6.3
