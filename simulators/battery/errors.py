"""Errors of the simulated batteries."""

from __future__ import annotations


class BatteryError(ValueError):
    """A battery that cannot be built: names the field or file and the remedy."""
