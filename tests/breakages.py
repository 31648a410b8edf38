"""Do the tests of the proof notice when the proof is broken? Breaks it in one place at a time, in a copy, and looks.

    python tests/breakages.py [WORD ...]

Only the breakages whose name holds a WORD, all without any. Exits with 1 where one goes unnoticed, or the code has
changed so that it cannot be made: mend the table then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
AT_ONCE = 2  # as many as there are cores where the suite is to be fast
LONGEST = 120.0  # seconds, several times what any file takes: what does not end is noticed, too


class Breakage(NamedTuple):
    """In `file` of the package, `whole` becomes `broken`; one of `tests` must notice."""

    name: str
    file: str
    whole: str
    broken: str
    tests: str = "test_proof.py"


BREAKAGES = [
    Breakage(
        "pages that meet in one second touch",
        "plan/line.py",
        "span.low < self.end or span.low == -inf",
        "span.low <= self.end or span.low == -inf",
    ),
    Breakage(
        "a gap of one second is none",
        "plan/line.py",
        "if span.low >= end:\n",
        "if span.low > end:\n",
    ),
    Breakage(
        "gaps are not looked for", "plan/line.py", "return span.low < self.end or span.low == -inf", "return True"
    ),
    Breakage(
        "a page is the last one where it has fewer rows than were asked for",
        "plan/evidence.py",
        "is_end = len(created) < page.max_results and stop == page.total",
        "is_end = len(created) < self._server.page",
    ),
    Breakage(
        "a page is the last one where it is not full, whatever is counted",
        "plan/evidence.py",
        "is_end = len(created) < page.max_results and stop == page.total",
        "is_end = len(created) < page.max_results",
    ),
    Breakage(
        "a page is the last one where the count says so, also when it is full",
        "plan/evidence.py",
        "is_end = len(created) < page.max_results and stop == page.total",
        "is_end = stop >= page.total",
    ),
    Breakage(
        "an empty page proves that there is nothing",
        "plan/evidence.py",
        "if start == 0 and is_empty else None",
        "if start == 0 else None",
    ),
    Breakage(
        "pages need not be sorted",
        "plan/evidence.py",
        "return created if created == sorted(created) and len(set(page.ids)) == len(page.ids) else None",
        "return created",
        "test_cover.py",
    ),
    Breakage(
        "the catch-up is blind",
        "plan/proof.py",
        "self.delivery.catch_up(rows)",
        "pass",
    ),
    Breakage(
        "the catch-up has no margin",
        "plan/proof.py",
        "_MARGIN = 120 + 1\n",
        "_MARGIN = -60\n",
    ),
    Breakage(
        "the catch-up keeps the oldest version",
        "plan/delivery.py",
        "return row[1] > known or",
        "return row[1] < known or",
    ),
    Breakage(
        "the shelf keeps the oldest version",
        "plan/shelf.py",
        "if row[1] > known[1]:",
        "if row[1] < known[1]:",
        "test_shelf.py",
    ),
    Breakage(
        "the parts of a cut do not touch",
        "plan/segment.py",
        "rest = replace(self.asks.part, first=second)",
        "rest = replace(self.asks.part, first=second + 1)",
    ),
    Breakage(
        "what is given up is not named",
        "plan/gaps.py",
        "self.given_up.append(self._evidence.line.give_up().place)",
        "self._evidence.line.give_up()",
    ),
    Breakage(
        "what is listed and does not come is not missed",
        "plan/evidence.py",
        "            self._list(pieces.dates)\n",
        "            pass\n",
    ),
    Breakage(
        "a newer version that is listed and does not come is not missed",
        "plan/delivery.py",
        " or self._is_older(name, updated)",
        "",
        "test_delivery.py",
    ),
    Breakage(
        "the end is believed of a server that cuts its pages",
        "plan/gaps.py",
        "if page.issues or is_told or self._server.cuts:",
        "if False:",
    ),
    Breakage(
        "the end of few rows is a result window, and that of many is the end",
        "plan/gaps.py",
        "if page.total > reach >= max(_SMALLEST_WINDOW, self._server.reach):",
        "if page.total > reach and reach < max(_SMALLEST_WINDOW, self._server.reach):",
    ),
    Breakage(
        "what comes behind its turn is delivered as the next",
        "plan/delivery.py",
        "late = bisect_left(new, self._last_created, key=itemgetter(0))",
        "late = 0",
    ),
    Breakage(
        "the requests are not counted",
        "plan/asks.py",
        "        self.budget.spent += 1\n",
        "",
        "test_cover.py",
    ),
    Breakage(
        "a page token may come again",
        "plan/chain.py",
        "if page.token and hash(page.token) in self._tokens:",
        "if False:",
        "test_cloud.py",
    ),
    Breakage(
        "the catch-up of Cloud has no margin",
        "plan/cloud.py",
        "_MARGIN = 600 + 1\n",
        "_MARGIN = -60\n",
        "test_cloud.py",
    ),
    Breakage(
        "the catch-up of Cloud has no margin for an index that lags",
        "plan/cloud.py",
        "_MARGIN = 600 + 1\n",
        "_MARGIN = -30\n",
        "test_source.py",
    ),
    Breakage(
        "the catch-up of Cloud is blind",
        "plan/cloud.py",
        "self.delivery.catch_up(sorted(rows, key=CREATED))",
        "pass",
        "test_cloud.py",
    ),
    Breakage(
        "the catch-up of Cloud keeps the oldest version",
        "plan/cloud.py",
        "self.delivery.catch_up(sorted(rows, key=CREATED))",
        "self.delivery.add(sorted(rows, key=CREATED))",
        "test_cloud.py",
    ),
    Breakage(
        "a short page is taken for the last",
        "plan/chain.py",
        "self._token, self.finished = page.token, not page.token\n",
        "self._token, self.finished = page.token, not page.token or len(page.ids) < self._size\n",
        "test_cloud.py",
    ),
    Breakage(
        "an empty page is taken for the last",
        "plan/chain.py",
        "self._token, self.finished = page.token, not page.token\n",
        "self._token, self.finished = page.token, not page.token or not page.ids\n",
        "test_cloud.py",
    ),
    Breakage(
        "a restart leaves out the second of the last issue",
        "plan/chain.py",
        "first = created if self.part.first is None else max(created, self.part.first)",
        "first = created + 1 if self.part.first is None else max(created + 1, self.part.first)",
        "test_cloud.py",
    ),
    Breakage(
        "silent omissions are taken for deletions without a look",
        "plan/recheck.py",
        "is_short or len(self._tenant.silences) > self._looked_after",
        "is_short",
        "test_cloud.py",
    ),
    Breakage(
        "what is left out of the catch-up is looked for in its own place only where it is the first",
        "plan/silence.py",
        "max(group.high, each.high)",
        "each.high",
        "test_silence.py",
    ),
    Breakage(
        "ids that are to be asked for again are dropped",
        "plan/batches.py",
        "            self._again[issue_id] = None\n",
        "            self._give_up(issue_id)\n",
        "test_cloud.py",
    ),
    Breakage(
        "batches leave as they come",
        "plan/batches.py",
        "while self._slots and not self._slots[0].left:\n            slot = self._slots.popleft()\n",
        "while slot := next((each for each in self._slots if not each.left), None):\n"
        "            self._slots.remove(slot)\n",
        "test_cloud.py",
    ),
    Breakage(
        "issues of a batch leave in the order of their ids",
        "plan/batches.py",
        "rows = [slot.found[issue_id] for issue_id in slot.ids if issue_id in slot.found]",
        "rows = [slot.found[issue_id] for issue_id in sorted(slot.found)]",
        "test_cloud.py",
    ),
    Breakage(
        "half of a batch that failed is dropped",
        "plan/batches.py",
        "self._pieces.extend((ids[:half], ids[half:]))",
        "self._pieces.append(ids[:half])",
        "test_cloud.py",
    ),
    Breakage(
        "ranges do not touch",
        "plan/ranges.py",
        "rest = _Range(begin, max(begin + 1, self._until), is_open=True, rest=self._part)",
        "rest = _Range(begin + 1, max(begin + 2, self._until), is_open=True, rest=self._part)",
        "test_cloud.py",
    ),
    Breakage(
        "the last range is closed",
        "plan/ranges.py",
        "self.is_open and at == parts - 1, self.rest, expected)",
        "False, self.rest, expected)",
        "test_ranges.py",
    ),
    Breakage(
        "what Cloud cannot serve is not named",
        "plan/findings.py",
        "return {*listed, *tenant.failed}",
        "return set()",
        "test_cloud.py",
    ),
    Breakage(
        "newer versions that do not come are not named",
        "plan/findings.py",
        "stale = tuple(dict.fromkeys([*delivery.stale, *outdated]))",
        "stale = tuple(delivery.stale)",
        "test_cloud.py",
    ),
    Breakage(
        "the journal names what is not durable yet",
        "out/commits.py",
        "            self._target.sync()\n            self.name(self.packing.point())\n",
        "            self.name(self.packing.point())\n            self._target.sync()\n",
        "test_recovery.py",
    ),
    Breakage(
        "the journal names what was not written yet",
        "out/commits.py",
        "            self.commit()\n        elif",
        "            self._target.sync()\n            self.name(self.packing.point())\n        elif",
        "test_recovery.py",
    ),
    Breakage(
        "what the journal names is believed without its hash",
        "out/recovery.py",
        "found[known.hexdigest()] = known.copy()",
        "found |= {commit.sha256: known.copy() for commit in commits if commit.bytes == size}",
        "test_recovery.py",
    ),
    Breakage(
        "a line of the journal is believed without its checksum",
        "out/records.py",
        'if each[:_HEAD] != b"%08x " % zlib.crc32(text):',
        "if len(each) < _HEAD:",
        "test_journal.py",
    ),
    Breakage(
        "what is settled is not durable when it takes its place",
        "out/settling.py",
        "                successor.sync()\n",
        "",
        "test_recovery.py",
    ),
    Breakage(
        "an earlier proof counts for what was pulled since",
        "out/sink.py",
        "        if not self._is_proved:",
        "        if not self._journal.proved:",
        "test_recovery.py",
    ),
    Breakage(
        "a pull goes on behind the rows that it has asked for",
        "out/recovery.py",
        "Start(Part(first=commit.first), commit.since_ms, silences)",
        "Start(Part(first=commit.first + 100), commit.since_ms, silences)",
        "test_recovery.py",
    ),
    Breakage(
        "a pull that goes on asks for changes since it went on",
        "out/recovery.py",
        "Start(Part(first=commit.first), commit.since_ms, silences)",
        "Start(Part(first=commit.first), commit.since_ms + 10**9, silences)",
        "test_recovery.py",
    ),
    Breakage(
        "short writes are not continued",
        "out/disk.py",
        "        while view:\n",
        "        if view:\n",
        "test_output.py",
    ),
    Breakage(
        "a pull of what changed goes on with everything",
        "plan/state.py",
        "part=replace(start.part, updated_since_ms=self.since_ms)",
        "part=start.part if interrupted else replace(start.part, updated_since_ms=self.since_ms)",
        "test_resumed_state.py",
    ),
    Breakage(
        "what was delivered before is delivered again",
        "plan/state.py",
        "known=self.versions)",
        "known={})",
        "test_incremental.py",
    ),
    Breakage(
        "what was found newer and not delivered counts as delivered",
        "plan/state.py",
        ", **delivery.stale}",
        "}",
        "test_state.py",
    ),
    Breakage(
        "the watermark has no margin",
        "plan/proof.py",
        "_MARGIN = 120 + 1\n",
        "_MARGIN = -3600\n",
        "test_incremental.py",
    ),
    Breakage(
        "what a lagging index hides is buried",
        "plan/lookups.py",
        " or (issue_id in served and issue_id in self._roll.recent)",
        "",
        "test_incremental.py",
    ),
    Breakage(
        "what waits for its tombstone is forgotten",
        "plan/roll.py",
        "left.update(self.waiting)",
        "pass",
        "test_incremental.py",
    ),
    Breakage(
        "what came and left within one pull is never missed",
        "plan/roll.py",
        "chain(known, new)",
        "known",
        "test_incremental.py",
    ),
    Breakage(
        "an older version replaces one that was delivered before",
        "plan/delivery.py",
        "if known is None or known[0] < row[1]:",
        "if known is None or known[0] != row[1]:",
        "test_state.py",
    ),
    Breakage(
        "what a crash left in an archive stays there",
        "out/archive.py",
        "            self._disk.cut(archive, size)\n            with",
        "            os.lseek(archive, 0, os.SEEK_END)\n            with",
        "test_archive.py",
    ),
    Breakage(
        "what is left out in silence is looked for without the bound",
        "plan/recheck.py",
        "part = replace(silence.part, updated_since_ms=self._part.updated_since_ms)",
        "part = silence.part",
        "test_archive.py",
    ),
    Breakage(
        "seams are trusted wherever they are",
        "jira/body.py",
        "return (found, issues, heads) if is_whole else None",
        "return found, issues, heads",
        "test_seams.py",
    ),
    Breakage(
        "after a write that has failed the others go on",
        "pull/writer.py",
        "if self._error is None and not self._is_cancelled:",
        "if not self._is_cancelled:",
        "test_writer.py",
    ),
    Breakage(
        "what a short page of a list lacks is never what is hidden",
        "plan/listing.py",
        "if rows and before and {*page.issues} <= {*before}:",
        "if False:",
        "test_listing.py",
    ),
    Breakage(
        "an empty page ends a list whatever came from behind it",
        "plan/listing.py",
        "return not page.issues and is_furthest and not is_behind_short",
        "return not page.issues and not is_behind_short",
        "test_listing.py",
    ),
    Breakage(
        "items that left a list meanwhile are no doubt",
        "plan/list_check.py",
        "if self._shrank:",
        "if False:",
        "test_listing.py",
    ),
]


def noticed(breakage: Breakage) -> tuple[str, float]:
    """Return what the tests say of the broken copy ("noticed", "unnoticed", "not found"), and how long they took."""
    with tempfile.TemporaryDirectory() as folder:
        for part in ("asyncjira", "tests"):
            shutil.copytree(ROOT / part, Path(folder) / part, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        path = Path(folder) / "asyncjira" / breakage.file
        text = path.read_text()
        if text.count(breakage.whole) != 1:
            return "not found", 0
        path.write_text(text.replace(breakage.whole, breakage.broken))
        begun = time.monotonic()
        return "unnoticed" if passes(folder, breakage.tests) else "noticed", time.monotonic() - begun


def passes(folder: str, tests: str) -> bool:
    """Whether all tests of a file pass in the copy. Raises CalledProcessError where they cannot be run."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", "-p", "no:cacheprovider", f"tests/{tests}"]
    environment = {**os.environ, "PYTHONPATH": folder}
    try:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return False
    if done.returncode not in (0, 1):
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.returncode == 0


def main(words: Iterable[str]) -> int:
    """Try the breakages, and return the exit code."""
    chosen = [each for each in BREAKAGES if not words or any(word in each.name for word in words)]
    for tests in sorted({each.tests for each in chosen}):
        if not passes(str(ROOT), tests):
            print(f"{tests} fails although nothing is broken", flush=True)
            return 1
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = []
        for breakage, (result, seconds) in zip(chosen, pool.map(noticed, chosen), strict=True):
            print(f"{result:9} {seconds:5.1f} s  {breakage.name} ({breakage.file}, {breakage.tests})", flush=True)
            results.append(result)
    return 0 if results and set(results) == {"noticed"} else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
