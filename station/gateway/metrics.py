"""Figures for a monitoring system, in the text format of Prometheus."""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """One registry of its own, so that two gateways in one process never meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "pulse_api_calls",
            "Calls by route and status",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram("pulse_api_seconds", "Time to answer", ["route"], registry=self._registry)
        self._up = Gauge("pulse_service_up", "1 while the service answers", registry=self._registry)
        self._channels = Gauge("pulse_channels", "Channels by state", ["state"], registry=self._registry)
        self._energised = Gauge(
            "pulse_channels_testing", "Channels with a running test", registry=self._registry
        )
        self._waiting = Gauge("pulse_records_waiting", "Records not yet written", registry=self._registry)
        self._relay = Gauge(
            "pulse_guard_relay_ok", "1 while the guard reaches its relay", registry=self._registry
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One call."""
        self._calls.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self, state: dict[str, Any] | None) -> bytes:
        """All figures; ``state`` is the service's, None when it does not answer."""
        self._up.set(state is not None)
        self._channels.clear()
        testing = 0
        for channel in (state or {}).get("channels", {}).values():
            self._channels.labels(channel["state"]).inc()
            testing += channel["state"] in ("checks", "ready", "running", "paused", "stopping")
        self._energised.set(testing)
        self._waiting.set(((state or {}).get("service") or {}).get("records_wait") or 0)
        guard = (state or {}).get("guard")
        self._relay.set(bool(guard and guard.get("relay_ok")))
        return generate_latest(self._registry)
