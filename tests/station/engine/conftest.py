"""What every test of the engine may use."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from station.engine.base.live import LiveWriter


@pytest.fixture
def live() -> Iterator[LiveWriter]:
    descriptor = os.open(os.devnull, os.O_WRONLY)
    writer = LiveWriter(descriptor)
    yield writer
    writer.close()
    os.close(descriptor)
