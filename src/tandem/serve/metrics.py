"""What is counted while the server runs, for Prometheus."""

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)
SIZES = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The counters of one server; several servers in one process share nothing."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "tandem_requests", "Requests by route and status", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "tandem_request_seconds", "From header to answer", ["route"], buckets=SECONDS, registry=self.registry
        )
        self.batches = Histogram(
            "tandem_batch_requests", "Requests answered together", ["action"], buckets=SIZES, registry=self.registry
        )
        self.tokens = Counter("tandem_tokens", "Positions that models have read", ["action"], registry=self.registry)
        self.waiting = Gauge("tandem_waiting_requests", "Accepted and not answered", registry=self.registry)
        self.waiting_tokens = Gauge("tandem_waiting_tokens", "Positions of those", registry=self.registry)

    def text(self) -> bytes:
        """All of it in the text format."""
        return generate_latest(self.registry)
