"""The course of every battery temperature there is: each surface sensor, and the BMS."""

from __future__ import annotations

from drivers.contracts.bms import BmsSnapshot
from station.safety.running.slope import Course
from station.safety.running.witness import Rig, ScanView
from station.safety.sample import Sample

BMS_STEP_K = 1.0
BMS_AGE_MAX_S = 2.0


class Temperatures:
    """Keeps a course per sensor; ``flow_s`` is when a current was last commanded or seen to flow."""

    def __init__(self, rig: Rig) -> None:
        self._speed = rig.speed
        self.courses: dict[str, Course] = {}
        self.flow_s = float("-inf")

    def add_scan(self, scan: ScanView) -> None:
        """Take each surface sensor's reading."""
        middle_s = (scan.start_s + scan.end_s) / 2
        for number, value_degC in enumerate(scan.surfaces_degC, 1):
            self._course(f"surface {number}", 0.0).add(middle_s, value_degC)

    def add_bms(self, snapshot: BmsSnapshot, sample: Sample) -> None:
        """Take the BMS's own temperature while it is fresh."""
        signal = snapshot.signals.get("temperature_degC")
        if signal is not None and signal.value is not None and signal.age_s <= BMS_AGE_MAX_S:
            at_s = sample.t_s - signal.age_s * self._speed
            self._course("BMS", BMS_STEP_K).add(at_s, signal.value)

    def _course(self, name: str, step: float) -> Course:
        course = self.courses.get(name)
        if course is None:
            course = self.courses[name] = Course(step)
        return course
