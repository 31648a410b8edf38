"""The engine with a client that answers from memory, in an order that a test can choose."""

from typing import Any

import anyio
import anyio.lowlevel
import pytest

from asyncjira import JiraError, ServerError
from asyncjira.jira.page import SearchPage
from asyncjira.jira.search import Query
from asyncjira.net.asking import Asking
from asyncjira.plan.offsets import OffsetStrategy
from asyncjira.plan.strategy import Rows
from asyncjira.pull.engine import run


class Shelf:
    """95 issues. The first page counts 2,000 of them, and what lies beyond row 100 is never answered."""

    asked = 0

    async def fetch(self, asking: Asking[SearchPage]) -> Any:
        self.asked += 1
        start, size = rows_of(asking)
        if start >= 100:
            await anyio.sleep_forever()
        ids = [str(number) for number in range(95)[start : start + size]]
        return SearchPage(start, size, 95 if start else 2000, [b"{}"] * len(ids), ids)

    async def read(self, asking: Any, answer: SearchPage) -> SearchPage:
        return answer

    def tell(self, event: Any) -> None:
        pass


def rows_of(asking: Asking[SearchPage]) -> tuple[int, int]:
    params = asking.request.params
    return int(params["startAt"]), int(params["maxResults"])


async def pull(deliver: Any, shelf: Any, concurrency: int = 16) -> OffsetStrategy:
    strategy = OffsetStrategy(Query(), page_size=10, window=2 * concurrency)
    await run(strategy, shelf, None, deliver, concurrency=concurrency)  # type: ignore[arg-type]
    return strategy


async def test_what_was_asked_past_the_end_is_not_waited_for() -> None:
    delivered: list[Rows] = []

    async def deliver(rows: Rows) -> None:
        delivered.append(rows)

    with anyio.fail_after(5):
        strategy = await pull(deliver, Shelf())
    assert [rows.start_at for rows in delivered] == list(range(0, 91, 10))
    assert strategy.outcome().issues == 95


async def test_requests_go_on_while_a_consumer_is_slow_up_to_the_window() -> None:
    shelf, asked = Shelf(), []

    async def deliver(rows: Rows) -> None:
        await anyio.wait_all_tasks_blocked()
        asked.append(shelf.asked)

    await pull(deliver, shelf, concurrency=2)
    assert asked[:4] == [5, 6, 7, 8], "4 pages ahead of the one that is being consumed"


class Repeating(Shelf):
    """60 rows, of which the third and the fourth ten bring ids that came before."""

    async def fetch(self, asking: Asking[SearchPage]) -> Any:
        await anyio.lowlevel.checkpoint()
        start, _ = rows_of(asking)
        rows = range(start, min(start + 10, 60))
        ids = [str(row - 20 if 20 <= row < 40 else row) for row in rows]
        return SearchPage(start, 10, 60, [b"{}"] * len(ids), ids)


async def test_pages_without_a_new_id_do_not_stop_the_requests() -> None:
    async def deliver(rows: Rows) -> None:
        await anyio.wait_all_tasks_blocked()

    with anyio.fail_after(5):
        strategy = await pull(deliver, Repeating(), concurrency=1)
    assert (strategy.outcome().issues, strategy.outcome().duplicates_dropped) == (40, 20)


async def test_an_error_in_delivery_ends_the_requests() -> None:
    async def deliver(rows: Rows) -> None:
        raise ZeroDivisionError

    with anyio.fail_after(5), pytest.raises(ExceptionGroup) as caught:
        await pull(deliver, Shelf())
    assert caught.group_contains(ZeroDivisionError)


class Spent:
    is_spent = True


class Purse:
    budget = Spent()


async def test_when_the_retry_budget_is_spent_no_other_way_to_ask_is_tried() -> None:
    class Failing(Shelf):
        async def fetch(self, asking: Asking[SearchPage]) -> Any:
            raise ServerError("the retry budget is used up", status=500)

    class Stubborn(OffsetStrategy):
        def on_failure(self, ask: Any, error: JiraError) -> None:
            raise AssertionError("asked for another way")

    async def deliver(rows: Rows) -> None:
        pass

    strategy = Stubborn(Query(), page_size=10, window=2)
    with pytest.raises(ExceptionGroup) as caught:
        await run(strategy, Failing(), Purse(), deliver, concurrency=1)  # type: ignore[arg-type]
    assert caught.group_contains(ServerError)


class Slow(Repeating):
    """60 rows. A page in the middle is not read before the next one was asked for."""

    async def fetch(self, asking: Asking[SearchPage]) -> Any:
        self.asked += 1
        return self.asked, await super().fetch(asking)

    async def read(self, asking: Any, answer: Any) -> SearchPage:
        number, page = answer
        while 1 < number < 6 and self.asked == number:
            await anyio.lowlevel.checkpoint()
        found: SearchPage = page
        return found


async def test_a_request_leaves_as_soon_as_an_answer_has_come_and_before_that_is_read() -> None:
    async def deliver(rows: Rows) -> None:
        pass

    with anyio.fail_after(5):
        strategy = await pull(deliver, Slow(), concurrency=1)
    assert strategy.outcome().issues == 40
