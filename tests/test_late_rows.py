"""Issues that come late get their places in a file, and nothing that goes wrong meanwhile costs what came in order."""

import gzip
import hashlib
import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from asyncjira.out import late as late_module
from asyncjira.out import rows as rows_module
from asyncjira.out.output import open_file
from asyncjira.out.shape import Shape
from asyncjira.out.sink import Sink
from asyncjira.out.target import FileTarget

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

UNPACK: dict[str, Any] = {"": bytes, "gz": gzip.decompress, "zst": zstd.decompress}
SUFFIX = {"": "", "gz": ".gz", "zst": ".zst"}
SHAPES = [
    Shape(form, compression, indent)
    for form, indent in (("ndjson", False), ("json", False), ("json", True))
    for compression in UNPACK
]
AWKWARD = [
    rb'"n":1.10,"big":123456789012345678901234567890,"e":1e400',
    rb'"s":"\u00e9\/\ud83d\ude00","s":"twice"',
    rb'"cut":"\ud83d"',
    '"raw":"\u2028 \u00e9 \U0001f600"'.encode(),
    rb'"code":"},\n{\"id\":\"9\"},\n    {\n]\n","o":[{"id":"7","fields":{"created":"x"}},{},[]]',
    b'"broken":\r\n{\n}\r',
]


def issue(number: int, second: int | None, version: int = 0, extra: bytes = b'"n":1') -> Raw:
    created = (
        "" if second is None else f'"created":"2026-01-01T02:{second // 60:02}:{second % 60:02}.{version:03}+0200"'
    )
    return Raw(b'{"v":%d,%b,"id":"%d","fields":{%b}}' % (version, extra, number, created.encode()))


def told(raw: Raw) -> tuple[str, float]:
    """The id and the second of an issue, read in another way than the code does."""
    members = json.loads(bytes(raw))
    created = members["fields"].get("created")
    return members["id"], math.inf if created is None else int(created[14:16]) * 60 + int(created[17:19])


def stands(raw: Raw, page: list[Raw], shape: Shape) -> bytes:
    """How an issue stands in the output when it was written with the page that it came with."""
    if shape.indent and not any(rb'"\ud83d"' in bytes(other) for other in page):
        return msgspec.json.format(b"[" + bytes(raw) + b"]", indent=4)[2:-2]
    return bytes(raw).translate(None, b"\r\n")


def whole(rows: list[bytes], shape: Shape) -> bytes:
    if shape.form == "ndjson":
        return b"".join(row + b"\n" for row in rows)
    return b"[\n" + b",\n".join(rows) + b"\n]\n" if rows else b"[]\n"


def closed(folder: str | Path, shape: Shape, *pages: tuple[str, list[Raw]]) -> tuple[Sink, Path, list[FileTarget]]:
    sink, beside = open_file(path := Path(folder) / "out", shape, force=True, manifest=None)
    for place, page in pages:
        sink.write(page, place)  # type: ignore[arg-type]
    sink.close()
    return sink, path, [beside]


def finished(folder: str | Path, shape: Shape, *pages: tuple[str, list[Raw]]) -> tuple[Sink, bytes]:
    sink, path, (beside,) = closed(folder, shape, *pages)
    sink.finish()
    beside.abandon()
    return sink, path.read_bytes()


def parts(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.fixture(params=SHAPES, ids=lambda s: f"{s.form}{'-indent' * s.indent}-{s.compression or 'plain'}")
def shape(request: pytest.FixtureRequest) -> Shape:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every issue is a batch of its own, and the first late one is on disk already."""
    monkeypatch.setattr(rows_module, "_BATCH", 1)
    monkeypatch.setattr(late_module, "_IN_MEMORY", 1)


@pytest.fixture(autouse=True)
def no_open_file_is_left() -> Iterator[None]:
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) == before


@st.composite
def pulls(draw: st.DrawFn) -> tuple[list[list[Raw]], list[tuple[str, list[Raw]]]]:
    """Pages in order of creation, then late pages of any kind; some replace what is not there."""
    extra, second = st.sampled_from([b'"n":1', *AWKWARD]), st.integers(0, 5)
    seconds = sorted(draw(st.lists(second, max_size=12)))
    first = [issue(number, at, extra=draw(extra)) for number, at in enumerate(seconds)]
    cuts = sorted(draw(st.lists(st.integers(0, len(first)), max_size=3)))
    pages = [page for a, b in zip([0, *cuts], [*cuts, len(first)], strict=True) if (page := first[a:b])]
    created = dict(enumerate(seconds))
    late: list[tuple[str, list[Raw]]] = []
    for version in range(1, draw(st.integers(0, 6)) + 1):
        place = draw(st.sampled_from(["between", "replace"]))
        numbers = draw(st.lists(st.integers(0 if place == "replace" else 20, 24), min_size=1, max_size=4))
        for number in numbers:
            created.setdefault(number, draw(second))
        late.append((place, [issue(number, created[number], version, draw(extra)) for number in numbers]))
    return pages, late


def modelled(pages: list[list[Raw]], late: list[tuple[str, list[Raw]]], shape: Shape) -> list[bytes]:
    """All rows by a dict and a sort. What was to replace nothing comes last of its second: it is found out last."""
    rows: dict[str, tuple[float, bool, bytes]] = {}
    for page in pages:
        rows |= {told(raw)[0]: (told(raw)[1], False, stands(raw, page, shape)) for raw in page}
    for place, page in late:
        for raw in page:
            number, when = told(raw)
            is_orphan = place == "replace" and bool(pages) if number not in rows else rows[number][1]
            rows[number] = (when, is_orphan, stands(raw, [raw], shape))
    return [row for *_, row in sorted(rows.values(), key=lambda row: row[:2])]


@given(pulls(), st.sampled_from(SHAPES), st.sampled_from([1, 7, 1 << 20]), st.sampled_from([1, 100, 1 << 20]))
def test_the_file_is_what_a_dict_and_a_sort_make_of_all_rows(pull: Any, shape: Shape, read: int, batch: int) -> None:
    pages, late = pull
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patched:
        patched.setattr(rows_module, "_READ", read)
        patched.setattr(rows_module, "_BATCH", batch)
        patched.setattr(late_module, "_IN_MEMORY", batch)
        sink, packed = finished(folder, shape, *(("next", page) for page in pages), *late)
        assert os.listdir(folder) == ["out"]
    expected = modelled(pages, late, shape)
    assert UNPACK[shape.compression](packed) == whole(expected, shape)
    assert (sink.issues, sink.bytes, sink.sha256) == (len(expected), len(packed), hashlib.sha256(packed).hexdigest())
