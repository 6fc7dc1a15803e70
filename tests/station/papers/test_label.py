"""Labels: nothing cut in either language, the code read again from the very bits that the printer gets."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
import zxingcpp

from station.papers.errors import PaperError
from station.papers.label import LabelSize, draw_label, own_id_label, packed, run_label
from station.papers.own_id import ALPHABET, good_own_id, new_own_id
from station.ui.codes import BatteryCode, read_scan
from tests.station.papers.a_run import CODE, facts

SIZES = [LabelSize(60, 40), LabelSize(40, 30), LabelSize(60, 40, 300)]


def bits(image: Any) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The label as the printer gets it, 1 is black."""
    width, height, rows = packed(image)
    return np.unpackbits(np.frombuffer(rows, np.uint8).reshape(height, -1), axis=1)[:, :width]


def decoded(black: np.ndarray[Any, Any]) -> list[str]:
    paper = np.pad(255 - black * 255, 24, constant_values=255).astype(np.uint8)
    return [found.text for found in zxingcpp.read_barcodes(paper)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("verdict", "code"),
    [("pass", CODE), ("fail", "B-1"), ("quarantine", "W" * 40), ("no_verdict", CODE)],
)
def test_every_verdict_fits_and_the_code_is_read(size: LabelSize, verdict: str, code: str) -> None:
    black = bits(draw_label(run_label(facts(verdict=verdict, battery=code, simulated=False)), size))
    assert (black.shape[1], black.shape[0]) == size.dots
    assert decoded(black) == [code]
    edge = round(size.dots_per_mm)
    inside = black[edge:-edge, edge:-edge]
    assert black.sum() == inside.sum()  # a millimetre is white all around: nothing is cut
    assert 0.03 < black.mean() < 0.5


def test_a_simulated_battery_bears_a_black_band() -> None:
    text = run_label(facts())
    black = bits(draw_label(text, SIZES[0]))
    assert text.simulated
    assert black[-5:].mean() > 0.5
    assert decoded(black) == [CODE]


def test_a_qr_code_instead() -> None:
    assert decoded(bits(draw_label(run_label(facts(simulated=False)), SIZES[0], "qr"))) == [CODE]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(PaperError) as caught:
        draw_label(run_label(facts(battery="W" * 64)), LabelSize(20, 15))
    assert caught.value.code == "paper.label_too_small"


def test_an_own_id_is_a_code_that_the_window_takes() -> None:
    drawn = iter("7KQ2MX")
    code = new_own_id(date(2026, 11, 28), choose=lambda _alphabet: next(drawn))
    assert code.startswith("PS-261128-7KQ2MX")
    assert read_scan(code) == BatteryCode(code)
    assert decoded(bits(draw_label(own_id_label(code, date(2026, 11, 28)), SIZES[1]))) == [code]


def test_an_own_id_shows_a_wrong_or_swapped_character() -> None:
    code = new_own_id(date(2026, 11, 28))
    assert good_own_id(code)
    serial = code[10:16]
    for at in range(6):
        other = ALPHABET[(ALPHABET.index(serial[at]) + 1) % len(ALPHABET)]
        assert not good_own_id(code[: 10 + at] + other + code[11 + at :])
