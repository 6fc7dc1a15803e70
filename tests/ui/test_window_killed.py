"""The window killed in the middle of four running tests: they run on, a new one shows them as they are."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from station.records import open_records
from station.ui.app import OperatorWindow, application
from station.ui.client import connector
from station.ui.texts import Texts
from tests.scenarios.bench.stand import Stand, marking, wait_until
from tests.ui.flowing import Pistol, press, save

pytestmark = [pytest.mark.window, pytest.mark.timeout(240)]
CODES = {
    "1": "04QCB76G88201JD1A0000017", "2": "08RPE21B55103KA4C0000209",
    "3": "0B2MB43H10077LC9D0000388", "4": "011PE9KX80042MB2F0000051",
}  # fmt: skip
RUNNING = ("running", "paused")
_pace = threading.Event()


def start_by_scans(pistol: Pistol, channel: str, client: Any) -> None:
    """The three scans, until the service has the test: a window that is still opening takes none."""
    for _ in range(20):
        for scan in (CODES[channel], f"#CMD#CHANNEL,{channel}#", "#CMD#START#"):
            pistol.scan(scan)
        for _ in range(20):
            if client.state()["channels"][channel]["battery"] == CODES[channel]:
                return
            _pace.wait(0.1)
    raise AssertionError(f"channel {channel} was not started by its scans")


def test_tests_outlive_their_window(tmp_path: Path, qtbot: Any) -> None:
    if QGuiApplication.platformName() == "offscreen":
        pytest.skip("needs a virtual display")
    application([])
    with marking(), Stand(tmp_path, speed=1.0) as stand:
        stand.data.mkdir(parents=True, exist_ok=True)
        records = open_records(stand.data)
        for channel, code in CODES.items():
            truth = stand.truth(channel)
            records.register_battery(
                code, nominal_capacity_Ah=truth["nominal_capacity_Ah"], chemistry=truth["chemistry"]
            )
        records.close()
        client, pistol = stand.client(), Pistol()
        command = [sys.executable, "-m", "station.ui.app", "--lang", "zh", "--scanner", pistol.port]
        place = ["--bench", str(stand.file), "--data", str(stand.data)]
        first = subprocess.Popen([*command, *place])
        for channel in CODES:
            start_by_scans(pistol, channel, client)
        wait_until(
            lambda: all(s["state"] in RUNNING for s in client.state()["channels"].values()), "all run", 90
        )
        first.send_signal(signal.SIGKILL)
        first.wait(10)
        before = client.state()["channels"]
        window = OperatorWindow(connector(str(stand.file), stand.data), Texts("zh"))
        try:
            window.resize(1366, 768)
            window.show()
            window.page.open()
            mirror = window.page.mirror
            qtbot.waitUntil(lambda: mirror.connected and len(mirror.slots) == 4)
            slots = mirror.slots
            for channel, code in CODES.items():
                slot = slots[channel]
                qtbot.waitUntil(lambda slot=slot: slot.state.state in RUNNING)
                qtbot.waitUntil(lambda slot=slot: slot.voltage.last_s is not None)
                assert (slot.state.run_id, slot.state.battery) == (before[channel]["run_id"], code)
                assert (slot.state.elapsed_s or 0) >= before[channel]["elapsed_s"]
                assert "检测中" in window.page.tiles[channel].accessibleName()
            save(window, "17-window-started-again-zh")
            press(window, Qt.Key.Key_Escape)
            qtbot.waitUntil(lambda: not any(slot.state.active for slot in slots.values()), timeout=60_000)
        finally:
            window.close()
            window.deleteLater()
        assert all(stand.current_A(channel) == 0.0 for channel in CODES)
        stand.stop()
