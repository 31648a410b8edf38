"""Where tokens are kept: a file, a .netrc, a keyring, a command that prints one. None of them is quoted in an error."""

from __future__ import annotations

import os
import select
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from asyncjira.errors import ConfigError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["KEYRING", "of_command", "of_file", "of_keyring", "of_netrc"]

KEYRING = "asyncjira"  # the service, as the keyring calls it
_PIPE = 65536  # bytes that one holds, at most
_LONGEST_COMMAND = 60.0  # seconds: somebody may have to unlock a vault first


def of_file(path: Path, name: str) -> str:
    """Return what stands in a file that only its owner may read; `name` is what it is called. Raises ConfigError."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise ConfigError(f"{printable(str(path))} is no regular file")
        if stat.S_IMODE(mode) & 0o077:
            raise ConfigError(f"others may read {printable(str(path))}: chmod 600 it")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", "it is not text")
        raise ConfigError(f"cannot read the {name} {printable(str(path))}: {why}") from None


def of_netrc(url: str) -> tuple[str, str]:
    """Return login and password of the entry for exactly the host of `url`, in ~/.netrc or what NETRC names.

    https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html; its `default` is for no Jira in
    particular, so it does not count. Raises ConfigError.
    """
    import netrc

    path = Path(os.path.expanduser(os.environ.get("NETRC") or "~/.netrc"))
    of_file(path, ".netrc")
    file, host = printable(str(path)), urlsplit(url).hostname
    try:
        hosts = netrc.netrc(str(path)).hosts
    except netrc.NetrcParseError as error:  # its message may quote a password
        raise ConfigError(f"{file} cannot be read: line {error.lineno} is not as a .netrc should be") from None
    for name, (login, _, password) in hosts.items():
        if name.lower() == host != "default":
            return login, password
    raise ConfigError(f"{file} has no entry `machine {host}` (its `default` does not count)")


def of_keyring(user: str) -> str:
    """Return what `keyring set asyncjira USER` has kept. May ask its owner to unlock it. Raises ConfigError."""
    try:
        import keyring
    except ImportError:
        raise ConfigError("there is no keyring here: pip install 'asyncjira[keyring]'") from None
    try:
        secret = keyring.get_password(KEYRING, user)
    except Exception as error:  # backends raise what they like, and their words may hold a secret
        raise ConfigError(f"the keyring does not open: {printable(type(error).__name__)}") from None
    if not secret:
        raise ConfigError(f"the keyring has no token for this Jira: keyring set {KEYRING} {printable(user)}")
    return secret


async def of_command(words: Sequence[str]) -> str:
    """Return what a command prints, run without a shell. Its stderr is shown to nobody: it may hold a secret.

    Raises ConfigError where it fails, or has not ended after a minute, as one that prints more than a pipe holds.
    """
    import anyio

    name = f"the token_command {printable(words[0])}"
    reading, writing = os.pipe()
    try:
        with anyio.fail_after(_LONGEST_COMMAND):
            code = await _run(words, writing)
        printed = os.read(reading, _PIPE) if select.select([reading], [], [], 0)[0] else b""
    except TimeoutError:
        raise ConfigError(f"{name} has not ended after {_LONGEST_COMMAND:.0f} s: run it by hand") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{name} cannot be run: {getattr(error, 'strerror', 'NUL in its words')}") from None
    finally:
        os.close(reading)
    if code:
        raise ConfigError(f"{name} ended with exit code {code}: run it by hand to see why")
    try:
        return printed.decode().strip()
    except UnicodeDecodeError:
        raise ConfigError(f"{name} printed what is not text") from None


async def _run(words: Sequence[str], stdout: int) -> int:
    """Return the exit code of a command, as soon as it has ended; close `stdout`.

    What it has started may live on and hold that open: asyncio, where it has the other end, waits for that.
    """
    from subprocess import DEVNULL

    import anyio

    try:
        process = await anyio.open_process(list(words), stdin=DEVNULL, stdout=stdout, stderr=DEVNULL)
    finally:
        os.close(stdout)
    try:
        return await process.wait()
    finally:
        with suppress(ProcessLookupError):  # it has ended
            process.kill()
        await process.aclose()
