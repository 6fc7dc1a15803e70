"""A window whose screen was dropped comes back to a screen that exists."""

from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget


def back_on_screen(window: QWidget) -> None:
    """Where no screen shows the window's middle: onto the primary screen, or over all of it as before."""
    screens = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    primary = QGuiApplication.primaryScreen()
    # Qt has no primary screen for the moment in which the only one goes away and comes again.
    if primary is None or any(area.contains(window.geometry().center()) for area in screens):
        return
    area, covered = primary.availableGeometry(), window.isFullScreen()
    size = window.size().boundedTo(area.size()).expandedTo(window.minimumSize())
    place = QRect(area.topLeft(), size)
    place.moveCenter(area.center())
    if not area.contains(place):  # a window larger than the screen shows its head
        place.moveTopLeft(area.topLeft())
    window.setGeometry(primary.geometry() if covered else place)
    if covered:
        window.showFullScreen()
