"""Metrics of one application, in a registry of its own so that two applications in one process do not mix."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

MetricSource = Callable[[], Iterable[Metric]]
"""Called at each scrape; returns what it knows at that moment."""


class _Source(Collector):
    def __init__(self, source: MetricSource) -> None:
        self._source = source

    def collect(self) -> Iterable[Metric]:
        return self._source()


class Metrics:
    """Counts requests by route, and asks the sources that features register."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "registry_http_requests", "Requests answered.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "registry_http_request_seconds", "Time to answer.", ["method", "route"], registry=self._registry
        )

    def record_request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request under its route, never under its address: addresses are without number."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def add_source(self, source: MetricSource) -> None:
        """Ask `source` at each scrape."""
        self._registry.register(_Source(source))

    def render(self) -> bytes:
        """The text that Prometheus reads."""
        return generate_latest(self._registry)
