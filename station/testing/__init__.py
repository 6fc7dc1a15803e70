"""What engineers' own tests use: see ``station.testing.plugin``."""

from station.testing.bench import Faults, TestBench, TestChannel
from station.testing.clock import TestClock

__all__ = ["Faults", "TestBench", "TestChannel", "TestClock"]
