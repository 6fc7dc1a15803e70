"""One window per test, driven by a scripted service."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from station.ui.app import OperatorWindow, application
from station.ui.texts import Texts
from tests.ui.scripted import ScriptedBackend, idle


def pytest_collection_modifyitems() -> None:
    """Without a display (pytest-xvfb has started one by now where it can) Qt paints into memory."""
    if sys.platform.startswith("linux") and not (
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    ):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


Opener = Callable[..., OperatorWindow]
PATIENCE_MS = 45_000
"""Windows are tested in what whole benches leave of the processor (``tests/whole.py``): a wait ends when the
thing has come, and only a test that fails waits so long."""


class PatientBot(QtBot):  # type: ignore[misc]
    """Waits for what comes from another thread or process as long as a test may last."""

    def waitUntil(self, callback: Callable[[], Any], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:  # noqa: ARG001 - Qt comes first
    return PatientBot(request)


@pytest.fixture(autouse=True)
def no_focus_left() -> Iterator[None]:
    """A test that leaves no focus behind does not depend on the one before."""
    yield
    app = QApplication.instance()
    if isinstance(app, QApplication) and (focus := app.focusWidget()) is not None:
        focus.clearFocus()


@pytest.fixture
def backend() -> ScriptedBackend:
    return ScriptedBackend()


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A window that got no processor for some seconds does not take its service for silent."""
    monkeypatch.setattr("station.ui.mirror.SILENCE_S", 1e-3 * PATIENCE_MS)


@pytest.fixture
def open_window(qtbot: Any, backend: ScriptedBackend, unhurried: None) -> Iterator[Opener]:  # noqa: ARG001
    """``open_window(channels, lang=, size=, guard=)``: shown, connected, first state shown."""
    opened: list[OperatorWindow] = []
    application([])

    def make(
        channels: dict[str, dict[str, Any]] | None = None,
        *,
        lang: str = "zh",
        size: tuple[int, int] = (1366, 768),
        guard: dict[str, Any] | None = None,
        connect: Any = None,
    ) -> OperatorWindow:
        window = OperatorWindow(connect or (lambda: backend), Texts(lang))
        opened.append(window)
        window.resize(*size)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        window.page.open()
        if connect is None:
            backend.greet(channels, guard)
            wanted = channels or {"1": idle()}
            mirror = window.page.mirror
            qtbot.waitUntil(
                lambda: (
                    mirror.connected
                    and mirror.guard.relay_ok is not None
                    and all(mirror.slots[i].state.state == s["state"] for i, s in wanted.items())
                )
            )
            window.page.tick()
            QApplication.processEvents()
        return window

    yield make
    for window in opened:
        window.close()
        window.deleteLater()
    QApplication.processEvents()
