"""PySide6 6.12.0 loses a reference to None with every call that returns nothing, and dies in seconds."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtWidgets import QLabel

from station.ui.app import application

CALLS = 2000
LOST_MOST = 100


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal there and its count says nothing")
def test_the_installed_pyside_keeps_its_references_to_none() -> None:
    application([])
    label = QLabel()
    before = sys.getrefcount(None)
    for number in range(CALLS):
        label.setText(str(number))
    lost = before - sys.getrefcount(None)
    assert lost < LOST_MOST, "this PySide6 cannot be used on this Python: install the pinned one"
