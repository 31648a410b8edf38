"""Ties a pull to the state that it begins with, to the one that it leaves, and to the archive that belongs to both."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self

from anyio import to_thread

from asyncjira.convert.form import form_of
from asyncjira.errors import ConfigError
from asyncjira.jira.jql import split_order
from asyncjira.manifest import Manifest
from asyncjira.out.archive import Archive
from asyncjira.out.output import open_archive, open_file
from asyncjira.out.shape import Form, Shape
from asyncjira.out.sink import Sink
from asyncjira.out.state_file import StateFile
from asyncjira.out.target import FileTarget
from asyncjira.plan.state import State
from asyncjira.pull.pull import Pull
from asyncjira.pull.wishes import Proof

__all__ = ["Keeping", "proving"]

_NOT_KEPT = "the state stays as it was, as the pull had come to its end before: the next one brings the same once more"
_Path = str | os.PathLike[str]


def proving(proof: Proof, jql: str) -> Proof:
    """Return "on": a state is worth nothing without a proof. Raises ConfigError where there can be none."""
    if proof == "off":
        raise ConfigError("a state needs a proof, or issues that were missed stay missed: leave out --proof off")
    if proof == "auto" and split_order(jql)[1]:
        raise ConfigError("a state needs a proof, which goes by created: leave the ORDER BY out, or add --proof on")
    return "on"


class Keeping:
    """Keeps the `state` of a pull in the file at `path`; without a path, none. Close it at the end, by `with`.

    With `append` the output is an archive that grows. Raises ConfigError and OutputError as `StateFile` does.
    """

    def __init__(self, path: _Path | None, *, append: bool = False) -> None:
        if append and path is None:
            raise ConfigError("--append needs --state FILE, which knows what of the archive is whole")
        self._path, self._file = path, None if path is None else StateFile(path)
        self.state = None if self._file is None else self._file.state
        self._append = append
        self._archive: Archive | None = None
        if self._file is not None and self.state is not None and append != (self.state.archive is not None):
            self._file.close()
            raise ConfigError(
                "the state belongs to no archive: name another for this one"
                if append
                else "the state belongs to an archive, which would miss what is pulled without it: add --append"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def proof(self, proof: Proof, jql: str) -> Proof:
        """Return how the pull is to be proven. Raises ConfigError as `proving` does."""
        return proof if self._file is None else proving(proof, jql)

    def open_file(
        self,
        path: _Path,
        form: Form | None = None,
        *,
        indent: bool = False,
        wide: bool = False,
        force: bool,
        manifest: _Path | None,
        asked: Mapping[str, Any],
        resumes: bool = False,
    ) -> tuple[Sink, FileTarget]:
        """Open the output as `out.output.open_file` does, for lines that become a table, or the archive.

        `wide` is for tables. Raises ConfigError, OutputError.
        """
        table = None if form else _table(path, wide=wide)
        if self._path is not None and os.path.realpath(path) == os.path.realpath(self._path):
            raise ConfigError("the output and the state are one file: name two")
        if table is not None:
            self._check_table(indent=indent, tombstones=bool(asked.get("tombstones")))
        elif wide:
            raise ConfigError("--wide is for tables: name the output .parquet, .csv, .duckdb or .sqlite")
        if self._append and resumes:
            raise ConfigError("an archive gets all of a pull or nothing, so none goes on: leave out --resume")
        shape = Shape() if table is not None else Shape.of(os.fspath(path), form, indent=indent)
        if self._append:
            before = None if self.state is None else self.state.archive
            self._archive = Archive(path, shape, before, force=force)
            return open_archive(self._archive, path, shape, manifest=manifest, asked=asked)
        kind = FileTarget if table is None else table
        return open_file(path, shape, force=force, manifest=manifest, asked=asked, resumes=resumes, kind=kind)

    def _check_table(self, *, indent: bool, tombstones: bool) -> None:
        if self._append:
            raise ConfigError("a table cannot grow: append to a file of lines, compact it, and convert that")
        if indent:
            raise ConfigError("--indent is for one JSON array, and not for a table")
        if tombstones:
            raise ConfigError("tombstones have no row in a table: pull into lines, compact them, and convert that")

    async def keep(self, pull: Pull, manifest: Manifest) -> Manifest:
        """Keep what `pull` has left, after its output has its name; return its manifest. Raises OutputError.

        Where only that name was missing, nothing was pulled that could leave a state: a warning says so.
        """
        if self._file is None:
            return manifest
        if (state := pull.state) is None:
            return replace(manifest, warnings=(*manifest.warnings, _NOT_KEPT))
        await to_thread.run_sync(self._keep, self._file, state)
        return manifest

    def _keep(self, file: StateFile, state: State) -> None:
        if self._archive is not None:
            state = replace(state, archive=self._archive.extent())
        file.replace(state)


def _table(path: _Path, *, wide: bool) -> Callable[..., FileTarget] | None:
    if form_of(path)[0] is None:
        return None
    from asyncjira.convert.table import Table  # only a pull into a table waits for them
    from asyncjira.convert.target import TableTarget

    table = Table.of(path, wide=wide)
    return None if table is None else partial(TableTarget, table=table)
