"""The call budget of one platform: so many calls a second, and none while the platform asked us to wait."""

from __future__ import annotations

import math
import threading
import time

from pyrate_limiter import InMemoryBucket, Rate, RateItem

SECOND_MS = 1000


class Pacer:
    """Lets calls of all threads pass at the agreed rate. `per_second` 0 means no pacing.

    The window slides (never more than the rate in any second); a bucket that refills would let nearly twice as
    many through. The bucket is used without its library's background thread.
    """

    def __init__(self, per_second: float) -> None:
        self._lock = threading.Lock()
        self._bucket = InMemoryBucket([_rate(per_second)]) if per_second > 0 else None
        self._resume_at = 0.0

    def delay(self) -> float:
        """Seconds to wait before asking again; 0.0 when the call may leave now (and is then counted)."""
        held = self._resume_at - time.monotonic()
        if held > 0:
            return held
        if self._bucket is None:
            return 0.0
        with self._lock:
            now_ms = time.monotonic_ns() // 1_000_000
            self._bucket.leak(now_ms)
            item = RateItem("call", now_ms)
            if self._bucket.put(item):
                return 0.0
            wait_ms = self._bucket.waiting(item)
        assert isinstance(wait_ms, int)
        return max(wait_ms, 1) / SECOND_MS

    def hold(self, seconds: float) -> None:
        """The platform asked for this pause (`Retry-After`): it holds for every thread."""
        self._resume_at = max(self._resume_at, time.monotonic() + seconds)


def _rate(per_second: float) -> Rate:
    if per_second >= 1:
        return Rate(math.floor(per_second), SECOND_MS)
    return Rate(1, math.ceil(SECOND_MS / per_second))
