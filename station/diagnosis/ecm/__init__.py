"""Equivalent circuits fitted to pulses."""

from __future__ import annotations

from station.diagnosis.ecm.fit import EcmFit, fit_ecm

__all__ = ["EcmFit", "fit_ecm"]
