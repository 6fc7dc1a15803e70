"""Codes as scanners and people give them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import UsageError
from station.reports.battery_code import LENGTH_MAX, BatteryCode, read_code


@pytest.mark.parametrize(
    ("scanned", "maker", "level", "letter", "made_on", "serial"),
    [
        ("02LCC02100101A87Y0026421", "02L", "cell", "C", "2018-07-31", "0026421"),
        ("02LCC02100101A8BC0103482", "02L", "cell", "C", "2018-11-12", "0103482"),
        ("001CB240000003B3C0221953", "001", "cell", "B", "2021-03-12", "0221953"),
        ("04QCB52091380JG120006435", "04Q", "cell", "B", "2026-01-02", "0006435"),
        ("03UPE01000011C85A00FTY20", "03U", "pack", "E", "2018-05-10", "00FTY20"),
        ("07HCBC1P22G06AC700002596", "07H", "cell", "B", "2022-07", "0002596"),
        ("X12MCPM27KLPCLX2M2382320", "X12", "module", "C", None, "2382320"),
    ],
)
def test_new_product_codes(
    scanned: str, maker: str, level: str, letter: str, made_on: str | None, serial: str
) -> None:
    code = read_code(scanned)
    assert code.text == scanned
    assert code.standard
    assert (code.maker, code.level, code.type_letter, code.made_on, code.serial) == (
        maker,
        level,
        letter,
        made_on,
        serial,
    )


def test_reuse_code_and_appended_characters() -> None:
    reuse = read_code("02LCB01D150000123RC")
    assert (reuse.maker, reuse.trace, reuse.made_on, reuse.reuse_level) == ("02L", None, "2023-01-05", "cell")
    longer = read_code("04QCB76836300JBC40000903A1")
    assert (longer.serial, longer.extra, longer.text) == ("0000903", "A1", "04QCB76836300JBC40000903A1")


@pytest.mark.parametrize(
    "scanned",
    [
        "]C002LCC02100101A87Y0026421\r\n",
        "]d202lcc02100101a87y0026421",
        "]Q3 02LCC02100101A87Y0026421\n",
        "０２ＬＣＣ０２１００１０１Ａ８７Ｙ００２６４２１",
        "02LCC02100101A\r\n87Y0026421\r\n",
        "02LCC02 100101A-87Y 0026421",
        "  02LCC02100101A87Y0026421\t",
    ],
)
def test_what_scanners_add_is_taken_off(scanned: str) -> None:
    assert read_code(scanned).text == "02LCC02100101A87Y0026421"


@pytest.mark.parametrize("free", ["PIP15828A00225770", "515092901207", "56号", "CELL 7-B", "7"])
def test_old_cells_carry_free_ids(free: str) -> None:
    code = read_code(free)
    assert code.text == free
    assert not code.standard
    assert code.level is None
    assert code.warnings(level="cell", chemistry="LFP") == []


def test_the_type_letter_is_a_hint_that_warns_and_never_refuses() -> None:
    code = read_code("02LCC02100101A87Y0026421")
    assert code.chemistry_hint == "LMO"
    assert code.warnings(level="cell", chemistry="NMC") == [
        ("battery.chemistry_differs", {"label": "LMO", "given": "NMC"})
    ]
    assert code.warnings(level="cell", chemistry=None) == []
    assert code.warnings(level="pack", chemistry="LMO")[0][0] == "battery.level_differs"
    impossible = read_code("02LCC02100101A82X0026421")  # 30 February
    assert impossible.made_on is None
    assert impossible.warnings(level="cell", chemistry=None)[0][0] == "battery.date_impossible"


@pytest.mark.parametrize(
    ("scanned", "code"),
    [
        ("", "battery.code_empty"),
        (" \r\n\t ", "battery.code_empty"),
        ("]C0", "battery.code_empty"),
        ("]C0\r\n", "battery.code_empty"),
        ("AB\x1dCD", "battery.code_unprintable"),
        ("AB\nCD", "battery.code_unprintable"),
        ("AB\u200bCD", "battery.code_unprintable"),
        ("X" * (LENGTH_MAX + 1), "battery.code_too_long"),
    ],
)
def test_refusals_name_a_remedy(scanned: str, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_code(scanned)
    assert refused.value.code == code
    assert refused.value.remedy


def code_or_refusal(scanned: str) -> BatteryCode | UsageError:
    try:
        return read_code(scanned)
    except UsageError as error:
        return error


@given(st.text(max_size=80))
def test_any_text_is_a_stable_code_or_a_named_refusal(scanned: str) -> None:
    code = code_or_refusal(scanned)
    if isinstance(code, UsageError):
        assert code.code in ("battery.code_empty", "battery.code_unprintable", "battery.code_too_long")
        return
    assert 0 < len(code.text) <= LENGTH_MAX
    assert code.text.isprintable()
    assert read_code(code.text) == code


@given(
    st.from_regex(r"[0-9A-Z]{3}[PMC][A-GZ][0-9A-Z]{9}[1-9A-G][1-9A-C][1-9A-HJ-NPR][0-9]{7}", fullmatch=True)
)
def test_every_well_formed_code_is_decoded_whole(scanned: str) -> None:
    code = read_code(f"]d2{scanned.lower()}\r\n")
    assert code.text == scanned
    assert code.standard
    assert code.made_on is not None
    assert f"{code.maker}{code.text[3]}{code.type_letter}{code.spec}{code.trace}" == scanned[:14]
    assert code.serial == scanned[17:]
