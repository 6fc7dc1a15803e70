"""A scripted service that answers a start as a real one does, and a pair of hands at scanner and keyboard."""

from __future__ import annotations

import os
import shutil
import subprocess
import tty
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QImage, QKeyEvent
from PySide6.QtWidgets import QApplication

from station.diagnosis.decision import Facts, SohInterval
from station.diagnosis.soh.reasons import NEXT_MEASUREMENT
from station.reports.decision import with_decision
from station.ui.app import OperatorWindow
from tests.ui.scripted import ScriptedBackend, idle, running

SCREENS = Path(__file__).parents[2] / "docs" / "screens"


def judged(estimate: float | None, half: float = 0.02, **facts: Any) -> dict[str, Any]:
    """A result as the station's own rules judge it."""
    soh = None
    if estimate is not None:
        soh = SohInterval(estimate=estimate, low90=estimate - half, high90=estimate + half)
    given = {"chemistry": "LFP", "level": "cell", "history": "known", "nominal_capacity_Ah": 35.0, **facts}
    abstained = None if soh else "blocks_disagree"
    reason = {
        "reason": None,
        "reason_code": abstained,
        "next_measurement": abstained and NEXT_MEASUREMENT[abstained],
    }
    return with_decision(reason, Facts(soh=soh, abstained_reason=abstained, **given), decided_on="2026-11-28")


def verdict_of(channel: str, battery: str, result: dict[str, Any], estimate: float | None) -> dict[str, Any]:
    """The tile's state after ``result``."""
    soh = (
        None
        if estimate is None
        else {"estimate": estimate, "low90": estimate - 0.02, "high90": estimate + 0.02}
    )
    return idle(
        state="verdict", run_id=f"run-{channel}", battery=battery, profile="rapid", verdict=result["verdict"],
        grade=result["grade"], soh=soh, resistance_mohm=0.823, acknowledged=False,
    )  # fmt: skip


class FlowBackend(ScriptedBackend):
    """Starts run, acknowledged channels are idle, and nothing else moves unless ``say`` says so."""

    def start(
        self,
        channel: str,
        profile: str,
        battery: str,
        nominal_capacity_Ah: float | None,
        chemistry: str | None,
    ) -> str:
        run_id = super().start(channel, profile, battery, nominal_capacity_Ah, chemistry)
        self.shows(channel, {**running("1", 3.0), "run_id": run_id, "battery": battery, "profile": profile})
        return run_id

    def acknowledge(self, channel: str) -> None:
        super().acknowledge(channel)
        self.shows(channel, idle())

    def shows(self, channel: str, state: dict[str, Any]) -> None:
        """The channel is in this state now."""
        self.say({"type": "channel", "channel": channel, "state": state})

    def judges(self, channel: str, battery: str, estimate: float | None, **facts: Any) -> None:
        """The test on ``channel`` has ended with the verdict of the station's rules."""
        result = judged(estimate, **facts)
        self.shows(channel, verdict_of(channel, battery, result, estimate))
        self.say({"type": "result", "channel": channel, "run_id": f"run-{channel}", "result": result})


class Wedge:
    """A keyboard scanner: keys from outside the window, through the display."""

    def __init__(self, window: OperatorWindow, qtbot: Any) -> None:
        self._qtbot = qtbot
        self._run("windowfocus", "--sync", str(int(window.winId())))
        qtbot.waitUntil(window.isActiveWindow)

    @staticmethod
    def available() -> bool:
        """Whether this computer can type into a display."""
        return shutil.which("xdotool") is not None

    def _run(self, *arguments: str) -> None:
        process = subprocess.Popen(["xdotool", *arguments])
        self._qtbot.waitUntil(lambda: process.poll() is not None)
        assert process.returncode == 0

    def scan(self, text: str) -> None:
        """Characters and Enter in one go."""
        self._run("type", "--delay", "3", text + "\n")


class Pistol:
    """A scanner on a serial port: the near end of a pseudo-terminal."""

    def __init__(self) -> None:
        self._near, self._far = os.openpty()
        tty.setraw(self._far)
        self.port = os.ttyname(self._far)

    def scan(self, text: str, end: str = "\r") -> None:
        """One scan."""
        os.write(self._near, (text + end).encode())

    def unplug(self) -> None:
        """Pull the plug."""
        os.close(self._near)
        os.close(self._far)


def save(window: OperatorWindow, name: str) -> QImage:
    """The page as a picture with few colours, so that the file is small."""
    for _ in range(3):
        window.page.refresh()
        QApplication.sendPostedEvents()
        QApplication.processEvents()
    picture = QImage(window.size(), QImage.Format.Format_RGB32)
    window.render(picture)
    save_small(picture, name)
    return picture


def save_small(picture: QImage, name: str) -> None:
    """``docs/screens/NAME.png``, with the most frequent colours."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    pixels = np.frombuffer(picture.constBits(), np.uint32)
    colours, counts = np.unique(pixels, return_counts=True)
    table = [int(colour) | 0xFF000000 for colour in colours[np.argsort(-counts)[:256]]]
    flat = Qt.ImageConversionFlag.ThresholdDither
    small = picture.convertToFormat(QImage.Format.Format_Indexed8, table, flat)
    assert small.save(str(SCREENS / f"{name}.png"), quality=0)  # type: ignore[call-overload]


def press(window: OperatorWindow, key: Qt.Key) -> None:
    """A key, wherever the focus is."""
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QApplication.sendEvent(window.page, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier))
