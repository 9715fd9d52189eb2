"""Somebody is told: once a day, which questions have waited too long. Contact numbers only; who it is, the review says."""

from __future__ import annotations

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

SENT_ON = "digest_sent_on"
"""The fact that holds the day of the last digest."""

_log = structlog.get_logger(__name__)


def tell_of_old_reviews(store: Store, settings: Settings, now: datetime) -> bool:
    """Say in the log, and to the operator's webhook where one is set, what has waited too long. At most once a day in the RTO's zone.

    Says whether something was told. A webhook that does not answer is tried again after the next run.
    """
    today = now.astimezone(settings.zone).date().isoformat()
    if store.fact(SENT_ON) == today:
        return False
    oldest_allowed = now - timedelta(days=settings.notify.reviews_older_than_days)
    old = [review for review in store.waiting() if review.asked_at <= oldest_allowed]
    if not old:
        return False
    digest = digest_of(old, settings.notify.reviews_older_than_days)
    _log.warning("reviews wait for a person", count=len(old), oldest=digest["oldest"])
    if settings.notify.url is not None and not _post(settings.notify.url.get_secret_value(), digest):
        return False
    store.set_fact(SENT_ON, today)
    return True


def digest_of(reviews: list[Review], days: int) -> dict[str, Any]:
    """What is posted: how many, since when, and each question by its id."""
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
