"""One simulated bench per module; whatever a test starts is gone when the module ends."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.bench.stand import Stand, marking


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A bench whose speed each test sets with ``heal``."""
    with marking(), Stand(tmp_path_factory.mktemp("bench"), speed=10.0) as stand:
        yield stand
        stand.stop()
