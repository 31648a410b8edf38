import gzip
import json
import zlib
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asyncjira.net.inflate import FASTEST, STEP, ZLIB, Garbled, Gzip, Plain, unpacking

PAGE = json.dumps([{"id": str(n), "summary": f"{n * 7919 % 104729}"} for n in range(500)]).encode()
PACKED = gzip.compress(PAGE, mtime=0)

both = pytest.mark.parametrize("opener", [ZLIB, FASTEST])


def inflated(packed: Gzip, *chunks: bytes) -> bytes:
    content = b"".join(piece for chunk in chunks for piece in packed.feed(chunk))
    packed.finish()
    return content


def member(content: bytes, flags: int = 0) -> bytes:
    """Return a member of gzip with the optional fields that RFC 1952 knows."""
    packed = gzip.compress(content, mtime=0)
    head = packed[:3] + bytes([flags]) + packed[4:10]
    for bit, field in ((4, b"\5\0extra"), (8, b"name\0"), (16, b"comment\0")):
        head += field if flags & bit else b""
    if flags & 2:
        head += (zlib.crc32(head) & 0xFFFF).to_bytes(2, "little")
    return head + packed[10:]


BODIES = {"nothing": b"", "one byte": b"1", "a page": PAGE, "a step": bytes(STEP), "noise": Random(0).randbytes(999)}
members = st.tuples(st.sampled_from([*BODIES]), st.integers(0, 31))


@both
@settings(deadline=None)
@given(bodies=st.lists(members, max_size=4), sizes=st.lists(st.integers(1, 400), min_size=1))
def test_what_was_packed_comes_out_however_it_is_cut_on_its_way(
    opener: object, bodies: list[tuple[str, int]], sizes: list[int]
) -> None:
    raw, at, chunks = b"".join(member(BODIES[name], flags) for name, flags in bodies), 0, []
    while at < len(raw):
        size = sizes[len(chunks) % len(sizes)]
        chunks.append(raw[at : at + size])
        at += size
    packed = Gzip(opener)  # type: ignore[arg-type]
    assert inflated(packed, *chunks) == b"".join(BODIES[name] for name, _ in bodies)
    assert packed.used == len(raw)


@both
def test_no_step_gives_more_than_its_share_and_each_says_how_much_it_took(opener: object) -> None:
    packed, raw = Gzip(opener), gzip.compress(bytes(20 * STEP), mtime=0)  # type: ignore[arg-type]
    steps = [(len(piece), packed.used) for piece in packed.feed(raw)]
    assert max(size for size, _ in steps) == STEP
    for number, (_, used) in enumerate(steps[:20], 1):
        assert abs(used - number * len(raw) / 20) < 400, "isal reads a few bytes ahead, and a table"


@both
def test_nothing_stays_inside_when_all_that_came_was_taken(opener: object) -> None:
    raw = gzip.compress(bytes(20 * STEP), mtime=0)
    packed = Gzip(opener)  # type: ignore[arg-type]
    assert sum(len(piece) for piece in packed.feed(raw[:-8])) == 20 * STEP


@both
def test_a_body_that_is_larger_than_a_bite_is_whole(opener: object) -> None:
    content = Random(0).randbytes(300_000)
    packed = Gzip(opener)  # type: ignore[arg-type]
    raw = gzip.compress(content, mtime=0)
    assert len(raw) > 4 * 65536
    assert inflated(packed, raw) == content
    assert packed.used == len(raw)


@both
@pytest.mark.parametrize("left", [1, 2, 3, 4, 10, len(PACKED) // 2, *range(len(PACKED) - 9, len(PACKED))])
@pytest.mark.parametrize("before", [b"", PACKED], ids=["first", "second"])
def test_what_is_cut_short_is_named_wherever_it_is_cut(opener: object, before: bytes, left: int) -> None:
    with pytest.raises(Garbled, match="cut short") as caught:
        inflated(Gzip(opener), before + PACKED[:left])  # type: ignore[arg-type]
    assert caught.value.retry


@both
@pytest.mark.parametrize("at", [100, len(PACKED) - 8, len(PACKED) - 4, len(PACKED) - 1])
def test_a_bit_that_was_turned_over_is_noticed(opener: object, at: int) -> None:
    raw = bytearray(PACKED)
    raw[at] ^= 1
    with pytest.raises(Garbled, match=r"damaged|cut short") as caught:
        inflated(Gzip(opener), bytes(raw))  # type: ignore[arg-type]
    assert caught.value.retry
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("raw", [b'{"total":7}', b"{", b"\x1f{", PACKED + b"\n", PACKED + b"\0" * 20, PACKED + PAGE])
def test_what_is_no_gzip_is_named(raw: bytes) -> None:
    with pytest.raises(Garbled, match="announced as gzip and holds something else") as caught:
        inflated(Gzip(), raw)
    assert caught.value.retry


def test_nothing_at_all_is_an_empty_body() -> None:
    assert inflated(Gzip()) == inflated(Gzip(), gzip.compress(b"")) == b""


def test_errors_hold_nothing_of_the_body() -> None:
    with pytest.raises(Garbled) as caught:
        inflated(Gzip(), b'{"token":"secret"}')
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("codings", "kind"),
    [
        ([], Plain),
        (["identity"], Plain),
        ([""], Plain),
        (["gzip"], Gzip),
        (["GZip"], Gzip),
        (["x-gzip"], Gzip),
        (["identity, gzip"], Gzip),
        (["identity", "gzip"], Gzip),
    ],
)
def test_how_a_body_is_packed_is_read_from_its_headers(codings: list[str], kind: type) -> None:
    assert type(unpacking(codings)) is kind


@pytest.mark.parametrize(
    "codings", [["br"], ["deflate"], ["zstd"], ["gzip, gzip"], ["gzip", "gzip"], ["gzip, br"], ["\x1b[31m"], ["g" * 99]]
)
def test_what_was_not_asked_for_is_refused_by_name(codings: list[str]) -> None:
    with pytest.raises(Garbled, match="gzip was asked for: check what stands before Jira") as caught:
        unpacking(codings)
    assert not caught.value.retry
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 150


def test_a_plain_body_stays_what_it_is() -> None:
    plain, chunk = Plain(), b"[]"
    assert [piece is chunk for piece in plain.feed(chunk)] == [True]
    plain.finish()
    assert plain.used == 2
