"""Somebody is told, once a day: which questions have waited too long, and that no run has gone through for too long.

Contact numbers only; who it is, the review says.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from connector.errors import PlatformError
from connector.platforms.http import Answer, Effect, Http, Request
from connector.platforms.port import Calls

if TYPE_CHECKING:
    from connector.domain.ledger import Review
    from connector.settings import Settings
    from connector.state.store import Store

_log = structlog.get_logger(__name__)


def tell(store: Store, settings: Settings, now: datetime, *, up_since: datetime) -> list[str]:
    """Say in the log, and to the operator's webhook where one is set, what somebody should know; each kind once a day in the RTO's zone.

    `up_since` is when this daemon started: before that nobody could expect a run of it. Returns the kinds that were told. A webhook that
    does not answer is tried again after the next run.
    """
    today = now.astimezone(settings.zone).date().isoformat()
    told = []
    for digest in _digests(store, settings, now, up_since):
        kind = digest["kind"]
        if store.fact(f"told_{kind}_on") == today:
            continue
        _log.warning(_WORDS[kind], **{name: digest[name] for name in _LOGGED[kind]})
        url = settings.notify.url
        if url is None or _post(url.get_secret_value(), digest):
            store.set_fact(f"told_{kind}_on", today)
            told.append(kind)
    return told


_WORDS = {"reviews_waiting": "reviews wait for a person", "no_run": "no run has gone through"}
_LOGGED = {"reviews_waiting": ("count", "oldest"), "no_run": ("since", "last_exit_code")}


def _digests(store: Store, settings: Settings, now: datetime, up_since: datetime) -> Iterator[dict[str, Any]]:
    days, hours = settings.notify.reviews_older_than_days, settings.notify.no_run_for_hours
    old = [review for review in store.waiting() if review.asked_at <= now - timedelta(days=days)]
    if old:
        yield digest_of(old, days)
    good = store.last_full_run()
    since = good.started_at if good else up_since
    if since <= now - timedelta(hours=hours):
        last = next(iter(store.last_runs(1)), None)
        yield {
            "schema": 1,
            "kind": "no_run",
            "for_hours": hours,
            "since": since.isoformat(timespec="seconds"),
            "last_exit_code": last.exit_code if last else None,
        }


def digest_of(reviews: list[Review], days: int) -> dict[str, Any]:
    """What is posted of waiting questions: how many, since when, and each by its id."""
    return {
        "schema": 1,
        "kind": "reviews_waiting",
        "older_than_days": days,
        "count": len(reviews),
        "oldest": min(review.asked_at for review in reviews).isoformat(timespec="seconds"),
        "reviews": [
            {
                "id": review.id,
                "rule": review.rule,
                "contact_id": review.contact_id,
                "field": review.field,
                "reason": review.reason,
                "asked_at": review.asked_at.isoformat(timespec="seconds"),
            }
            for review in reviews
        ],
    }


def _post(url: str, digest: dict[str, Any]) -> bool:
    http = Http("notify", calls=Calls())
    request = Request(
        operation="post digest",
        method="POST",
        url=url,
        effect=Effect.WRITE,
        headers={"Content-Type": "application/json"},
        body=orjson.dumps(digest),
    )
    try:
        http.call(request, _taken)
    except PlatformError as error:
        _log.warning("the digest was not taken", reason=str(error))
        return False
    finally:
        http.close()
    return True


def _taken(answer: Answer) -> None:
    """Any 2xx will do."""
