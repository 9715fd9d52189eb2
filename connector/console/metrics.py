"""The daemon's numbers for Prometheus: few, with few labels."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

from connector.domain.report import Exit, Report

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters of this process. When somebody asks, `waiting` gives the number of waiting reviews, `last_good` when a full run last went through."""

    def __init__(self, waiting: Callable[[], int], last_good: Callable[[], float]) -> None:
        self.registry = CollectorRegistry()
        self._runs = self._counter("connector_runs", "Runs that ended, by exit code", "exit_code")
        self._changes = self._counter("connector_changes", "Changes by what became of them", "status")
        self._calls = self._counter("connector_calls", "Calls to a platform", "platform", "kind")
        self.hooks = self._counter("connector_hooks", "Webhook deliveries", "platform", "answer")
        self._ended = self._gauge("connector_last_run_timestamp_seconds", "When the last run ended")
        self._took = self._gauge("connector_last_run_duration_seconds", "How long the last run took")
        self._code = self._gauge("connector_last_run_exit_code", "How the last run ended")
        self._pairs = self._gauge("connector_pairs", "Pairs of the last full run")
        self._agreed = self._gauge("connector_pairs_agreed", "Pairs in agreement of the last full run")
        self._gauge("connector_reviews_waiting", "Questions that wait for a person").set_function(waiting)
        good = self._gauge("connector_last_good_run_timestamp_seconds", "When a full run last went through")
        good.set_function(last_good)

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(name, about, labels, registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self.registry)

    def count_run(self, report: Report, full: bool) -> None:
        """Take in one run that ended; `full` when it was over everything."""
        self._runs.labels(str(int(report.exit_code))).inc()
        self._code.set(int(report.exit_code))
        for line in report.changes:
            self._changes.labels(line.status.value).inc()
        for platform, calls in report.calls.items():
            self._calls.labels(platform, "read").inc(calls.read)
            self._calls.labels(platform, "write").inc(calls.write)
            self._calls.labels(platform, "other").inc(calls.other)
        if report.finished_at is not None:
            self._ended.set(report.finished_at.timestamp())
            self._took.set((report.finished_at - report.started_at).total_seconds())
        if full and not report.trouble:
            self._pairs.set(report.totals.pairs)
            self._agreed.set(report.totals.agreed)

    def count_failure(self, code: Exit) -> None:
        """Take in one run that came to no report."""
        self._runs.labels(str(int(code))).inc()
        self._code.set(int(code))

    def text(self) -> bytes:
        return generate_latest(self.registry)
