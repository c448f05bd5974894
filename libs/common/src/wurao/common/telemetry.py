"""Trace context (W3C) and metrics."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_propagator = TraceContextTextMapPropagator()
_tracer = TracerProvider().get_tracer("wurao")


def current_traceparent() -> str | None:
    """The traceparent of the current span, or None outside any."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(name: str, traceparent: str | None = None) -> Iterator[trace.Span]:
    """A span that continues `traceparent` when one is given; it is current inside the block."""
    parent = _propagator.extract({"traceparent": traceparent}) if traceparent else otel_context.get_current()
    with _tracer.start_as_current_span(name, context=parent) as started:
        yield started


class Metrics:
    """The Prometheus metrics of one service, in a registry of its own."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self.outbox_depth = self._gauge("wurao_outbox_depth", "Outbox rows not yet acknowledged")
        self.outbox_age = self._gauge("wurao_outbox_age_seconds", "Age of the oldest outbox row")
        self.outbox_sent = self._counter("wurao_outbox_sent_total", "Events acknowledged by the broker")
        self.outbox_failed = self._counter("wurao_outbox_failed_total", "Sends that failed")
        self.handled = self._counter("wurao_events_handled_total", "Events handled", "type")
        self.repeated = self._counter("wurao_events_repeated_total", "Events skipped as already handled")
        self.retried = self._counter("wurao_events_retried_total", "Handler attempts that failed")
        self.dead = self._counter("wurao_events_dead_total", "Events put to dead letters", "type")
        self.refused = self._counter("wurao_refusals_total", "Refusals by gates", "code", "clause")
        self.requests = Histogram(
            "wurao_request_seconds",
            "Duration of HTTP requests",
            ["method", "status"],
            registry=self.registry,
        )
        Gauge("wurao_service", "The running service", ["service"], registry=self.registry).labels(service).set(1)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, list(labels), registry=self.registry)
