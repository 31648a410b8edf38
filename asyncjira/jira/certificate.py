"""Why a TLS certificate was not accepted, and who can do something about it."""

from __future__ import annotations

from asyncjira.errors import printable

__all__ = ["why_invalid"]

# What OpenSSL says of a certificate, and what to do: https://docs.openssl.org/3.0/man1/openssl-verification-options/
_CAUSES = (
    ("has expired", "it has expired: who runs the server must renew it; check the date of this machine, too"),
    ("not yet valid", "it is not valid yet: check the date of this machine, then that of the certificate"),
    ("mismatch", "it is made out to another host: put the name that stands in it into --url"),
    ("self-signed", "nobody that this machine trusts has signed it: {ca}"),
    ("self signed", "nobody that this machine trusts has signed it: {ca}"),  # OpenSSL 1.1
    ("issuer certificate", "its issuer is unknown to this machine, or the server leaves out a certificate: {ca}"),
)
# Read by OpenSSL itself: https://docs.openssl.org/3.0/man3/SSL_CTX_load_verify_locations/
_CA = "put the authority of your company into a file, and its path into SSL_CERT_FILE"


def why_invalid(verified: str) -> str:
    """Return what is wrong with a certificate by what OpenSSL has `verified`, and what to do."""
    advice = next((advice for said, advice in _CAUSES if said in verified.lower()), "check its date, host and issuer")
    shown = f" ({printable(verified)})" if verified else ""
    return advice.format(ca=_CA) + shown
