import subprocess
import sys

import asyncjira
from asyncjira import errors


def test_public_names_are_sorted_and_all_there() -> None:
    assert asyncjira.__all__ == sorted(asyncjira.__all__)
    for name in asyncjira.__all__:
        assert getattr(asyncjira, name).__doc__, f"{name} has no docstring"
    assert set(asyncjira.__all__) <= set(dir(asyncjira))


def test_every_error_is_public_and_one_of_the_family() -> None:
    family = {name for name in errors.__all__ if name != "printable"}
    assert family <= set(asyncjira.__all__)
    for name in family:
        assert issubclass(getattr(errors, name), asyncjira.JiraError)
        assert f" {name} " in (errors.__doc__ or "") or name == "JiraError"


def test_what_does_not_exist_is_an_attribute_error() -> None:
    assert not hasattr(asyncjira, "manager")


def test_help_imports_neither_aiohttp_nor_the_mock() -> None:
    code = (
        "import sys; from asyncjira.cli import main; assert main(['pull', '--help']) == 0;"
        "slow = {'aiohttp', 'anyio', 'orjson', 'msgspec', 'asyncjira.mock'} & set(sys.modules); assert not slow, slow"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
