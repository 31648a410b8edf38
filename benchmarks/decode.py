"""What does it cost to read a page of issues? Ways of decoding one body, in turn, CPU time in this process.

    python benchmarks/decode.py --issues 100 --rounds 300

The body is a page of our mock (its issues have some characters beyond ASCII) or, with --server URL, of any Data Center.
"exact" says whether the bytes of every issue can be written again as they came. Reading ids and, for the proof, dates
is part of what ours does, and so is each check that a page of a real server needs.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable
from urllib.request import urlopen

import msgspec
import orjson
from measure import keep, mock
from rounds import arguments, told

from asyncjira.jira.page import read_page


class _Slices(msgspec.Struct):
    issues: list[msgspec.Raw]


_SLICES, _DICTS = msgspec.json.Decoder(_Slices), msgspec.json.Decoder()

Written = list[bytes]  # the issues as they would be written, or nothing where a way only reads
WAYS: dict[str, Callable[[bytes], Written]] = {
    "json.loads": lambda body: json.loads(body) and [],
    "json.loads, dumps": lambda body: [json.dumps(each).encode() for each in json.loads(body)["issues"]],
    "orjson.loads": lambda body: orjson.loads(body) and [],
    "orjson.loads, dumps": lambda body: [orjson.dumps(each) for each in orjson.loads(body)["issues"]],
    "msgspec to dict": lambda body: _DICTS.decode(body) and [],
    "msgspec to dict, and back": lambda body: [msgspec.json.encode(each) for each in _DICTS.decode(body)["issues"]],
    "msgspec.Raw, no check": lambda body: [bytes(each) for each in _SLICES.decode(body).issues],
    "asyncjira": lambda body: [bytes(each) for each in read_page(body, 0).issues],
    "asyncjira, with dates": lambda body: [bytes(each) for each in read_page(body, 0, dated=True).issues],
}


def main() -> None:
    options = arguments(__doc__, issues=100, rounds=300, server="")
    asked = options.parse_args()
    served = ("--issues", str(asked.issues), "--latency", "0")
    with contextlib.nullcontext(asked.server) if asked.server else mock(*served) as url:
        query = f"jql=project%20%3D%20OPS&fields=*all&startAt=0&maxResults={asked.issues}"
        with urlopen(f"{url}/rest/api/2/search?{query}") as answer:
            body = answer.read()
    witness = [bytes(each) for each in _SLICES.decode(body).issues]
    spent: dict[str, list[float]] = {name: [] for name in WAYS}
    for _ in range(asked.rounds):
        for name, way in WAYS.items():
            began = time.process_time_ns()
            way(body)
            spent[name].append((time.process_time_ns() - began) / 1000 / len(witness))
    ways = {}
    for name, micro in spent.items():
        written = WAYS[name](body)
        ways[name] = {"us_an_issue": sorted(micro)[len(micro) // 2], "exact": written == witness if written else None}
        print(f"{name:26} {ways[name]['us_an_issue']:6.2f} us an issue, exact: {ways[name]['exact']}")
    keep(
        "decode",
        {"asked": told(asked), "bytes_an_issue": len(body) / len(witness), "ways": ways, "load": os.getloadavg()[0]},
    )


if __name__ == "__main__":
    main()
