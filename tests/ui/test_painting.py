"""The painting load that sampling is measured beside."""

from __future__ import annotations

from station.ui.painting import Painting


def test_the_page_paints_as_often_as_it_should() -> None:
    with Painting(2.0, channels=2) as painting:
        report = painting.report()
    # Loose on purpose: test machines are shared. It would be 0 if nothing were painted.
    assert report["fps"] > 5
    assert report["frames"] > 10
    assert 0 < report["cpu_share"] <= 1.5
    assert report["frame_ms_p50"] < 200


def test_leaving_early_ends_the_process() -> None:
    with Painting(60.0, channels=1) as painting:
        pass
    assert painting._process.returncode is not None
