"""What leaves, what is repeated, and what each failure is called."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from connector.errors import (
    AccessDenied,
    ChangeRefused,
    SettingsError,
    Unavailable,
    Unconfirmed,
    UnexpectedPayload,
    WriteDenied,
)
from connector.platforms.http import Effect, Http, Rejected, Request, checked_url, json_of
from connector.platforms.patience import Outage, Patience
from connector.platforms.port import Calls
from tests.platforms.scripted import HANG_UP, RESET, Script, after, answer, scripted

QUICK = Patience(
    call_s=2, outage_s=3, first_answer_s=1, write_answer_s=1, first_pause_s=0.01, longest_pause_s=0.05
)
GOOD = answer(200, '{"ok": true}')
SECRET = "sesame-open"


@pytest.fixture
def clients() -> Iterator[list[Http]]:
    made: list[Http] = []
    yield made
    for http in made:
        http.close()


@pytest.fixture
def http(clients: list[Http]) -> Http:
    clients.append(Http("ispring", calls=Calls(), patience=QUICK))
    return clients[0]


def a_call(script: Script, effect: Effect = Effect.READ, path: str = "/list") -> Request:
    method = "GET" if effect is Effect.READ else "POST"
    return Request("try it", method, script.url + path, effect=effect, body=b"" if method == "GET" else b"{}")


@pytest.mark.parametrize(
    "trouble",
    [
        answer(429),
        answer(429, retry_after="0"),
        answer(500),
        answer(502, "<html>bad gateway</html>", "text/html"),
        answer(503),
        answer(200, "<!doctype html><html></html>", "text/html"),
        answer(200, '{"ok": tr'),
        answer(200, '{"ok": true}', length=40),
        answer(200, b"not gzip", content_encoding="gzip"),
        RESET,
        HANG_UP,
    ],
)
def test_a_read_is_repeated_until_it_succeeds(http: Http, trouble: bytes):
    with scripted(trouble, trouble, GOOD) as script:
        value = http.call(a_call(script), json_of)

    assert value == {"ok": True}
    assert len(script.sent) == 3


@pytest.mark.parametrize("trouble", [answer(500), answer(503), RESET, HANG_UP, answer(200, "{", length=9)])
def test_a_write_whose_answer_is_lost_is_never_repeated(http: Http, trouble: bytes):
    with scripted(trouble, GOOD) as script, pytest.raises(Unconfirmed):
        http.call(a_call(script, Effect.WRITE), json_of)

    assert len(script.sent) == 1


@pytest.mark.parametrize("trouble", [answer(429), answer(429, retry_after="0"), answer(503, retry_after="0")])
def test_a_write_that_was_not_carried_out_is_repeated(http: Http, trouble: bytes):
    with scripted(trouble, GOOD) as script:
        assert http.call(a_call(script, Effect.WRITE), json_of) == {"ok": True}

    assert len(script.sent) == 2


@pytest.mark.parametrize("trouble", [answer(500), RESET])
def test_a_write_that_sets_the_same_again_is_repeated(http: Http, trouble: bytes):
    with scripted(trouble, GOOD) as script:
        assert http.call(a_call(script, Effect.SET), json_of) == {"ok": True}

    assert len(script.sent) == 2


def test_a_refusal_after_a_lost_first_try_stays_unconfirmed(http: Http):
    with scripted(RESET, answer(400)) as script, pytest.raises(Unconfirmed):
        http.call(a_call(script, Effect.SET), json_of)

    assert len(script.sent) == 2


@pytest.mark.parametrize(
    ("status", "effect", "error"),
    [
        (400, Effect.READ, Rejected),
        (404, Effect.READ, Rejected),
        (403, Effect.READ, AccessDenied),
        (401, Effect.READ, AccessDenied),
        (302, Effect.READ, UnexpectedPayload),
        (400, Effect.WRITE, ChangeRefused),
        (409, Effect.WRITE, ChangeRefused),
        (412, Effect.SET, ChangeRefused),
        (403, Effect.WRITE, WriteDenied),
        (401, Effect.WRITE, AccessDenied),
        (302, Effect.WRITE, Unconfirmed),
    ],
)
def test_a_clear_refusal_is_named_and_not_repeated(
    http: Http, status: int, effect: Effect, error: type[Exception]
):
    with scripted(answer(status)) as script, pytest.raises(error) as caught:
        http.call(a_call(script, effect), json_of)

    assert type(caught.value) is error
    assert caught.value.status == status
    assert len(script.sent) == 1


def test_trouble_that_does_not_pass_ends_within_the_patience_of_a_call(http: Http):
    began = time.monotonic()

    with scripted(answer(500)) as script, pytest.raises(Unavailable):
        http.call(a_call(script), json_of)

    assert time.monotonic() - began < QUICK.call_s + 10
    assert len(script.sent) > 3


def test_a_web_page_that_stays_is_an_unexpected_payload(http: Http):
    page = answer(200, "<html></html>", "text/html")

    with scripted(page) as script, pytest.raises(UnexpectedPayload, match="web page"):
        http.call(a_call(script), json_of)


def test_a_dead_platform_costs_its_patience_once_however_many_calls_are_made(http: Http):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = Script(url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    began = time.monotonic()

    for effect in [Effect.READ, Effect.SET, Effect.WRITE] * 10:
        with pytest.raises(Unavailable):
            http.call(a_call(dead, effect), json_of)

    assert time.monotonic() - began < QUICK.outage_s + 10


def test_a_platform_that_takes_calls_and_never_answers_costs_its_patience_once_however_many_calls_are_made(
    clients: list[Http],
):
    patience = Patience(
        call_s=0.6, outage_s=1.5, first_answer_s=0.5, slow_answer_s=1.0, probe_s=5.0, probe_answer_s=0.1
    )
    clients.append(Http("ispring", calls=Calls(), patience=patience))

    with socket.create_server(("127.0.0.1", 0)) as silent:
        dead = Script(url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        began = time.monotonic()
        for _ in range(5):
            with pytest.raises(Unavailable):
                clients[0].call(a_call(dead), json_of)

    # The silence before the first time-out counts, and no call that follows waits beyond the end.
    assert 1.4 < time.monotonic() - began < 2.5


def test_a_call_that_hung_while_others_were_answered_does_not_count_as_a_long_outage():
    outage = Outage("ispring", Patience(outage_s=5))
    left = time.monotonic() - 4

    outage.over()
    outage.goes_on("list", "no answer in time", sent=left)

    assert outage.left() > 4


def test_a_slow_answer_is_waited_for_longer_after_a_first_time_out(clients: list[Http]):
    clients.append(Http("ispring", calls=Calls(), patience=Patience(first_answer_s=0.3, slow_answer_s=5)))

    with scripted(after(0.8, GOOD)) as script:
        assert clients[0].call(a_call(script), json_of) == {"ok": True}

    assert len(script.sent) == 2


def test_a_write_that_is_not_answered_in_time_is_unconfirmed(clients: list[Http]):
    clients.append(Http("ispring", calls=Calls(), patience=Patience(write_answer_s=0.3)))

    with scripted(after(0.8, GOOD)) as script, pytest.raises(Unconfirmed, match="in time"):
        clients[0].call(a_call(script, Effect.WRITE), json_of)

    assert len(script.sent) == 1


def test_an_outage_that_nobody_met_for_long_does_not_spend_the_patience_of_the_next_run():
    outage = Outage("ispring", Patience(outage_s=0.2))
    outage.goes_on("list", "no connection")
    time.sleep(0.15)
    assert outage.left() < 0.1

    time.sleep(0.3)

    assert outage.left() == 0.2


def test_retry_after_in_seconds_is_honoured(http: Http):
    began = time.monotonic()

    with scripted(answer(429, retry_after="1"), GOOD) as script:
        http.call(a_call(script), json_of)

    assert time.monotonic() - began >= 1


def test_retry_after_as_a_date_is_honoured(http: Http):
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    began = time.monotonic()

    with scripted(answer(429, retry_after=soon), GOOD) as script:
        http.call(a_call(script), json_of)

    assert time.monotonic() - began > 0.9


def test_a_retry_after_beyond_the_patience_is_not_waited_for(clients: list[Http]):
    clients.append(Http("ispring", calls=Calls(), patience=Patience(call_s=30)))
    began = time.monotonic()

    with scripted(answer(429, retry_after="3600")) as script, pytest.raises(Unavailable):
        clients[0].call(a_call(script), json_of)

    assert time.monotonic() - began < 20
    assert len(script.sent) == 1


def test_stopping_ends_every_wait(clients: list[Http]):
    stop = threading.Event()
    clients.append(Http("ispring", calls=Calls(), patience=Patience(), stop=stop))
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()

    with scripted(answer(429, retry_after="50")) as script, pytest.raises(Unavailable):
        clients[0].call(a_call(script), json_of)

    assert time.monotonic() - began < 30
    assert len(script.sent) <= 2


class Renewable:
    """Credentials that one renewal mends."""

    def __init__(self) -> None:
        self.word, self.renewals = "old", 0

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": self.word}

    def renew(self, refused: Mapping[str, str]) -> bool:
        self.renewals += 1
        self.word = "new"
        return True


@pytest.mark.parametrize("effect", list(Effect))
def test_refused_credentials_are_renewed_once(http: Http, effect: Effect):
    credentials = Renewable()

    with scripted(answer(401), GOOD) as script:
        http.call(a_call(script, effect), json_of, credentials=credentials)

    assert [sent.headers["authorization"] for sent in script.sent] == ["old", "new"]


def test_credentials_that_stay_refused_are_reported_after_one_renewal(http: Http):
    credentials = Renewable()

    with scripted(answer(401)) as script, pytest.raises(AccessDenied):
        http.call(a_call(script), json_of, credentials=credentials)

    assert credentials.renewals == 1


def test_calls_are_counted_once_and_their_repeats_apart(clients: list[Http]):
    calls = Calls()
    clients.append(Http("ispring", calls=calls, patience=QUICK))

    with scripted(answer(500), GOOD) as script:
        clients[0].call(a_call(script), json_of)
        clients[0].call(a_call(script, Effect.WRITE), json_of)

    assert calls == Calls(read=1, write=1, other=1)


def test_a_compressed_answer_is_inflated(http: Http):
    with scripted(answer(200, gzip.compress(b'{"ok": true}'), content_encoding="gzip")) as script:
        assert http.call(a_call(script), json_of) == {"ok": True}


def test_a_byte_order_mark_before_an_answer_is_passed_over(http: Http):
    with scripted(answer(200, b'\xef\xbb\xbf{"ok": true}')) as script:
        assert http.call(a_call(script), json_of) == {"ok": True}


@pytest.mark.parametrize("pause", ["nan", "soon", "-1", "1e3"])
def test_a_retry_after_that_nobody_can_read_is_as_good_as_none(http: Http, pause: str):
    with scripted(answer(429, retry_after=pause), GOOD) as script:
        assert http.call(a_call(script), json_of) == {"ok": True}


def test_a_decompression_bomb_is_refused_before_it_fills_the_memory(clients: list[Http]):
    clients.append(Http("ispring", calls=Calls(), patience=QUICK, max_body=4_000_000))
    bomb = gzip.compress(bytes(200_000_000), 1)
    tracemalloc.start()

    given = answer(200, bomb, content_encoding="gzip")
    with scripted(given) as script, pytest.raises(UnexpectedPayload, match="too large"):
        clients[0].call(a_call(script), json_of)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 30_000_000
    assert len(script.sent) == 1


def test_neither_errors_nor_logs_hold_addresses_tokens_or_payloads(
    http: Http, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    request_path = f"/users?emails[]=mia@example.org&key={SECRET}"

    with scripted(answer(500, SECRET), answer(400, SECRET)) as script, pytest.raises(Rejected) as caught:
        http.call(a_call(script, path=request_path), json_of)

    said = caplog.text + repr(caught.value) + str(caught.value)
    assert SECRET not in said
    assert "mia@" not in said


def test_no_cookie_is_sent_back(http: Http):
    with scripted(answer(200, "{}", set_cookie="session=1; path=/"), GOOD) as script:
        http.call(a_call(script), json_of)
        http.call(a_call(script), json_of)

    assert "cookie" not in script.sent[1].headers


def test_paced_calls_never_exceed_the_rate_in_any_second(clients: list[Http]):
    clients.append(Http("ispring", calls=Calls(), requests_per_second=4))
    left: list[float] = []

    with scripted(GOOD) as script:
        for _ in range(9):
            clients[0].call(a_call(script), json_of)
            left.append(time.monotonic())

    spans = [later - earlier for earlier, later in zip(left, left[4:], strict=False)]
    assert min(spans) > 0.95


def test_a_rate_of_zero_does_not_pace(http: Http):
    began = time.monotonic()

    with scripted(GOOD) as script:
        for _ in range(50):
            http.call(a_call(script), json_of)

    assert time.monotonic() - began < 5


def test_an_address_without_a_scheme_is_a_settings_error_that_names_the_setting():
    with pytest.raises(SettingsError, match="CONNECTOR_ISPRING__API_URL"):
        checked_url("api-learn.example.com", setting="CONNECTOR_ISPRING__API_URL")
