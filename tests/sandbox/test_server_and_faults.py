"""The shared ground of both sandboxes: serving, faults on order, the call log, the clock."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from connector.sandbox.calls import Call, CallLog, hide_body
from connector.sandbox.clock import Clock
from connector.sandbox.faults import Faults, PlatformEdge, exchange_of
from connector.sandbox.server import Server

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Counter:
    """A platform of one counter: POST adds one, every answer shows it."""

    def __init__(self) -> None:
        self.count = 0
        self.calls, self.faults, self.clock = CallLog(), Faults(), Clock(NOON)
        self.edge = PlatformEdge(
            self.app,
            calls=self.calls,
            faults=self.faults,
            clock=self.clock,
            prefixes=("/api/v2", "/index.php/api/v2"),
        )

    async def app(self, scope, receive, send):
        message = await receive()
        if scope["method"] == "POST":
            self.count += 1
            exchange_of(scope).effect = "write"
        body = b"count=%d body=%s" % (self.count, message["body"])
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def client(counter):
    with Server(counter.edge) as server, httpx.Client(base_url=server.url, timeout=5) as client:
        yield client


def test_a_server_can_be_started_and_stopped_many_times_without_leaving_threads(counter):
    before = threading.active_count()

    for _ in range(5):
        server = Server(counter.edge)
        server.start()
        assert httpx.get(server.url).status_code == 200
        server.stop()
        server.stop()

    assert threading.active_count() == before


def test_answers_on_a_kept_connection_come_without_delay(client):
    took = []
    for _ in range(20):
        start = time.perf_counter()
        client.get("/")
        took.append(time.perf_counter() - start)

    # Nagle's delay would be 0.04 s for every answer; a busy machine delays some of them.
    assert min(took[1:]) < 0.03


def test_a_taken_port_is_refused_at_start(counter):
    with Server(counter.edge) as first:
        port = int(first.url.rsplit(":", 1)[1])
        with pytest.raises(OSError, match="in use"):
            Server(counter.edge, port=port).start()


def test_a_stop_does_not_wait_for_a_request_that_hangs(counter):
    counter.faults.add("hang", seconds=60)
    server = Server(counter.edge)
    server.start()
    failed = threading.Event()

    def ask():
        try:
            httpx.get(server.url, timeout=20)
        except httpx.HTTPError:
            failed.set()

    asking = threading.Thread(target=ask)
    asking.start()
    while not counter.calls.list():
        asking.join(0.01)
    server.stop()
    asking.join(5)

    assert not asking.is_alive()


def test_an_ordered_status_is_answered_once_and_nothing_is_applied(client, counter):
    counter.faults.add("status", status=503, match="POST *", body="down")

    assert client.get("/").status_code == 200
    answer = client.post("/add")
    assert (answer.status_code, answer.text, counter.count) == (503, "down", 0)
    assert client.post("/add").status_code == 200
    assert counter.count == 1


def test_too_many_requests_may_or_may_not_say_how_long_to_wait(client, counter):
    counter.faults.add("429", retry_after=7)
    counter.faults.add("429")

    first, second = client.get("/"), client.get("/")

    assert (first.status_code, first.headers["retry-after"]) == (429, "7")
    assert second.status_code == 429
    assert "retry-after" not in second.headers


def test_a_reset_before_applies_nothing_and_a_reset_after_loses_only_the_answer(client, counter):
    counter.faults.add("reset_before", match="POST /add")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.post("/add")
    assert counter.count == 0

    counter.faults.add("reset_after", match="POST /add")
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.post("/add")
    assert counter.count == 1


def test_a_truncated_body_is_noticed_by_the_client(client, counter):
    counter.faults.add("truncate")

    with pytest.raises(httpx.RemoteProtocolError):
        client.get("/")


def test_a_hang_applies_first_unless_told_not_to(client, counter):
    counter.faults.add("hang", seconds=0.4)
    with pytest.raises(httpx.ReadTimeout):
        client.post("/add", timeout=0.1)
    assert counter.count == 1

    counter.faults.add("hang", seconds=0.05, applied=False)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        client.post("/add")
    assert counter.count == 1


def test_an_html_page_can_come_instead_of_an_answer(client, counter):
    counter.faults.add("html")

    answer = client.get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_a_fault_skips_the_first_calls_and_strikes_until_its_times_are_used_up(client, counter):
    counter.faults.add("status", status=500, after=1, times=2)

    assert [client.get("/").status_code for _ in range(4)] == [200, 500, 500, 200]


def test_a_fault_without_times_strikes_until_cleared(client, counter):
    counter.faults.add("status", times=None)

    assert [client.get("/").status_code for _ in range(3)] == [500, 500, 500]
    counter.faults.clear()
    assert client.get("/").status_code == 200


def test_a_fault_is_matched_without_the_version_prefix(client, counter):
    counter.faults.add("status", status=418, match="GET /task/*", times=2)

    assert client.get("/api/v2/task/1").status_code == 418
    assert client.get("/index.php/api/v2/task/1").status_code == 418
    assert client.get("/api/v2/other").status_code == 200


def test_an_unknown_fault_is_refused_when_it_is_ordered(counter):
    with pytest.raises(ValueError, match="unknown fault 'rset'"):
        counter.faults.add("rset")


def test_every_call_is_logged_with_its_effect_and_without_its_secrets(client, counter):
    client.get("/read?x=1", headers={"Authorization": "Bearer abc", "apitoken": "def"})
    client.post("/add", content="client_secret=xyz&a=1")
    counter.faults.add("reset_before")
    with pytest.raises(httpx.TransportError):
        client.post("/add")

    read, write, lost = counter.calls.list()
    assert (read.path, read.query, read.effect, read.at) == ("/read", "x=1", "read", NOON)
    assert (read.headers["authorization"], read.headers["apitoken"]) == ("***", "***")
    assert (write.effect, write.body) == ("write", b"client_secret=***&a=1")
    assert (lost.effect, lost.status) == ("none", 0)
    assert counter.calls.writes() == [write]
    assert counter.calls.reads() == [read]


def test_bodies_of_reads_are_cut_and_those_of_writes_are_kept(client, counter):
    client.request("GET", "/", content=b"x" * 10_000)
    client.post("/", content=b"x" * 10_000)

    assert [len(call.body) for call in counter.calls.list()] == [4096, 10_000]


@pytest.mark.parametrize(
    ("body", "hidden"),
    [
        (b"<credentials><token>abc</token></credentials>", b"<credentials><token>***</token></credentials>"),
        (b"<n:password>a b</n:password><x>1</x>", b"<n:password>***</n:password><x>1</x>"),
        (b'{"password": "a\\"b", "x": 1}', b'{"password": "***", "x": 1}'),
        (b"a=1&client_secret=abc&b=2", b"a=1&client_secret=***&b=2"),
        (b"pageToken=abc", b"pageToken=abc"),
    ],
)
def test_secrets_are_hidden_in_every_kind_of_body(body, hidden):
    assert hide_body(body) == hidden


def test_the_log_keeps_the_last_calls_and_still_counts_the_dropped_ones():
    log = CallLog(keep=3)
    for number in range(5):
        log.append(Call(NOON, "GET", f"/{number}", "", {}, b"", 200))

    assert len(log) == 5
    assert [call.path for call in log.list()] == ["/2", "/3", "/4"]
    assert [call.path for call in log.since(4)] == ["/4"]
    assert [call.path for call in log.since(0)] == ["/2", "/3", "/4"]


def test_a_clock_that_was_set_stands_until_it_is_moved():
    clock = Clock()
    moved = []
    clock.on_move(lambda: moved.append(clock.now()))

    clock.set(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(days=2))
    assert clock.now() == NOON + timedelta(days=2)
    clock.run()

    assert len(moved) == 3
    assert clock.now() >= NOON + timedelta(days=2)


def test_a_clock_takes_no_naive_time():
    with pytest.raises(ValueError, match="aware"):
        Clock().set(datetime(2026, 3, 1))
