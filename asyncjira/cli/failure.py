"""What ended a command, in one line and a code for the shell."""

from __future__ import annotations

from asyncjira.errors import (
    BadQuery,
    ConfigError,
    IncompleteError,
    JiraError,
    OutputError,
    RateLimited,
    Refused,
    printable,
)

__all__ = ["EXIT_CODES", "failed"]

EXIT_CODES: dict[type[JiraError], int] = {
    ConfigError: 2,
    IncompleteError: 3,
    Refused: 4,
    BadQuery: 5,
    OutputError: 6,
    RateLimited: 75,  # EX_TEMPFAIL of sysexits.h
}


def failed(error: Exception) -> tuple[int, str]:
    """Return the exit code of what an error ended, and the line that says what it was."""
    if isinstance(error, JiraError):
        code = next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1)
        return code, "; ".join([str(error), *getattr(error, "__notes__", ())])
    if isinstance(error, OSError):
        return EXIT_CODES[OutputError], f"cannot write stdout: {error.strerror or error}"
    return 1, f"a bug in asyncjira, please report it: {type(error).__name__}: {printable(str(error))}"
