"""Codes as the facts state them; parts, second lives and conflicts on real records."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.cli.main import invoke
from station.errors import UsageError
from station.identity import add, describe, find_conflicts, link, recode, show, unlink
from station.identity.vin import check_digit, is_vin, vin_check
from station.records import Records, open_records
from tests.station.evidence.a_run import add_run
from tests.station.identity.random_codes import FACTS, random_code

SIGNED = {"who": "Li", "why": "dismantled"}
PACK, CELL, OTHER = "03UPE01000011C85A00FTY20", "04QCB76836300JBC40000903", "04QCB52091380JG120006435"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with open_records(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("fact", FACTS["examples"], ids=lambda fact: fact["code"])
def test_real_codes_decode_as_stated(fact: dict[str, Any]) -> None:
    told = describe(fact["code"])
    said = told.decoded
    levels = {"P": "pack", "M": "module", "C": "cell"}
    assert told.level == levels[fact["product_type"]]
    assert (said["maker"], said["type_letter"], said["spec"], said["trace"], said["serial"]) == (
        fact["manufacturer_code"],
        fact["battery_type"],
        fact["spec_code"],
        fact["trace_code"],
        fact["serial"],
    )
    assert said["made_on"] == fact["production_date"], "and what is not known stays None"
    assert (told.kind == "gbt34014_reuse") == (fact["reuse_suffix"] is not None)


def test_free_identities_say_nothing_that_is_not_known() -> None:
    for free in FACTS["free"]:
        told = describe(free)
        assert (told.kind, told.level, told.decoded) == ("free", None, {})


def code_or_refusal(text: str, level: str | None = None) -> str:
    """The code as it is kept, or that of the one named error; anything else is raised."""
    try:
        return describe(text, level=level).code
    except UsageError as error:
        return error.code


def test_random_strings_are_codes_or_the_named_error() -> None:
    source = random.Random(34014)
    for _ in range(1000):
        text = random_code(source)
        code = code_or_refusal(text)
        assert code.startswith("battery.code_") or describe(code).code == code


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=80), st.sampled_from([None, "vehicle", "cell"]))
def test_any_text_is_a_code_or_the_named_error(text: str, level: str | None) -> None:
    assert code_or_refusal(text, level)


def test_vins() -> None:
    assert is_vin("1M8GDM9AXKP042788")
    assert check_digit("1M8GDM9AXKP042788") == "X"
    assert vin_check("11111111111111111") == "ok"
    assert vin_check("1M8GDM9A0KP042788") == "wrong"
    assert vin_check("WVWZZZ1JZXW000001") == "not_applicable", "Europe leaves position 9 free"
    assert not is_vin("1M8GDM9AXKPO42788"), "O is no letter of a VIN"
    assert describe("1M8GDM9AXKP042788").kind == "vin"
    wrong = describe("LSVAU033072188888", level="vehicle")
    assert wrong.kind == "vin"
    assert all(code == "identity.vin_check" for code, _ in wrong.notes)
    assert describe("WVWZZZ1JZXW000001").kind == "free", "only its form: it may be anything"


def test_parts_hang_together_from_vehicle_to_cell(records: Records) -> None:
    link(records, "1M8GDM9AXKP042788", PACK, **SIGNED)
    link(records, PACK, "MOD-7", child_level="module", **SIGNED)
    link(records, "MOD-7", CELL, **SIGNED)
    cell = show(records, CELL.lower())
    assert [(row["code"], row["level"]) for row in cell["holders"]] == [
        ("MOD-7", "module"),
        (PACK, "pack"),
        ("1M8GDM9AXKP042788", "vehicle"),
    ]
    pack = show(records, PACK)
    assert pack["parts"] == [
        {"code": "MOD-7", "level": "module", "parts": [{"code": CELL, "level": "cell", "parts": []}]}
    ]
    unlink(records, CELL, **SIGNED)
    assert show(records, CELL)["holders"] == []
    assert show(records, CELL)["links"][0]["ended_why"] == "dismantled"
    assert {event["code"] for event in records.events()} == {"identity.linked", "identity.unlinked"}
    assert records.verify_chain() == 4


def refused(code: str, call: Any, *args: Any, **named: Any) -> None:
    with pytest.raises(UsageError) as error:
        call(*args, **named)
    assert error.value.code == code
    assert error.value.remedy


def test_what_cannot_be_is_refused(records: Records) -> None:
    link(records, PACK, CELL, **SIGNED)
    refused("identity.level_order", link, records, CELL, PACK, **SIGNED)
    refused("identity.has_parent", link, records, "MOD-8", CELL, parent_level="module", **SIGNED)
    refused("identity.unsigned", link, records, PACK, OTHER, who="", why="x")
    refused("identity.no_parent", unlink, records, OTHER, **SIGNED)
    link(records, "A", "B", **SIGNED)
    refused("identity.circle", link, records, "B", "A", **SIGNED)
    refused("identity.circle", link, records, "A", "A", **SIGNED)
    moved = link(records, "MOD-8", CELL, parent_level="module", move=True, **SIGNED)
    assert moved["parent"] == "MOD-8"
    assert len([row for row in records.links(CELL) if row["until_utc"] is None]) == 1


def test_a_second_life_keeps_the_old_code(records: Records) -> None:
    new = "02LCB01D150000123RC"
    add_run(records, battery=CELL)
    recode(records, CELL, new, **SIGNED)
    for code in (CELL, new):
        told = show(records, code)
        assert told["codes"] == [CELL, new]
        assert [run["battery"] for run in told["tests"]] == [CELL]
    refused("identity.recoded_already", recode, records, CELL, "02LCB01D150000124RC", **SIGNED)
    refused("identity.code_taken", recode, records, OTHER, new, **SIGNED)
    refused("identity.level_order", recode, records, OTHER, PACK, **SIGNED)


def conflicts(records: Records) -> dict[str, tuple[str, ...]]:
    found = find_conflicts(
        records.identities(), records.links(), records.batteries(), records.list_runs(), date(2026, 11, 28)
    )
    return {one.code: one.batteries for one in found}


def test_duplicates_and_conflicts_are_found(records: Records) -> None:
    assert conflicts(records) == {}
    add(records, CELL, level=None, who="Li")
    add(records, CELL + "A1", level=None, who="Li")
    add(records, "B0X-12", level="module", who="Li")
    add(records, "BOX 12", level="module", who="Li")
    records.register_battery("04QCB52091380JH120006435", level="module", chemistry="NMC")
    recode(records, CELL, "02LCB01D150000123RC", **SIGNED)
    add_run(records, battery=CELL)
    found = conflicts(records)
    assert found["identity.duplicate"] == (CELL, CELL + "A1")
    assert found["identity.look_alike"] == ("B0X-12", "BOX 12")
    future = ("04QCB52091380JH120006435",)
    assert (
        found["identity.date_future"]
        == found["battery.level_differs"]
        == found["battery.chemistry_differs"]
        == future
    )
    assert found["identity.old_code_used"] == (CELL, "02LCB01D150000123RC")


def test_corrections_keep_what_was(records: Records) -> None:
    add_run(records, battery=CELL)
    records.correct("battery", CELL, "chemistry", "LFP", who="Wang", why="label read again")
    records.register_battery(CELL, nominal_capacity_Ah=271.0)
    told = [(row["field"], row["old"], row["new"], row["who"]) for row in records.changes("battery", CELL)]
    assert told == [("chemistry", None, "LFP", "Wang"), ("nominal_capacity_Ah", 280.0, 271.0, "station")]
    refused("record.unsigned", records.correct, "battery", CELL, "maker", "x", who="", why="")
    refused("record.not_correctable", records.correct, "run", "r", "verdict", "pass", who="a", why="b")
    refused("record.same_value", records.correct, "battery", CELL, "chemistry", "LFP", who="a", why="b")
    refused("record.no_record", records.correct, "battery", "nobody", "chemistry", "LFP", who="a", why="b")
    assert records.verify_chain() > 2


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path), "--json"]
    who = ["--who", "Li", "--why", "taken apart"]
    assert invoke(["battery", "link", PACK, CELL, OTHER, *who, *data]) == 0
    assert [row["child"] for row in json.loads(capsys.readouterr().out)["links"]] == [CELL, OTHER]
    assert invoke(["battery", "show", PACK, *data]) == 0
    assert len(json.loads(capsys.readouterr().out)["parts"]) == 2
    assert invoke(["battery", "recode", CELL, "02LCB01D150000123RC", *who, *data]) == 0
    assert invoke(["battery", "link", CELL, PACK, *who, *data]) == 2
    capsys.readouterr()
    assert invoke(["battery", "conflicts", *data]) == 0
    assert json.loads(capsys.readouterr().out) == {"conflicts": []}
    assert invoke(["battery", "show", CELL, "--data", str(tmp_path)]) == 0
    assert "→ 02LCB01D150000123RC" in capsys.readouterr().out
