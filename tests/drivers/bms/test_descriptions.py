"""Every description that ships can be used; a wrong one is told with file, line and field."""

from __future__ import annotations

from pathlib import Path

import pytest

from drivers.bms.errors import BadDescription, UnknownFamily
from drivers.bms.family import families, load_family
from drivers.bms.uds import is_changing

GOOD = """\
family: mine
title: Mine
bus: can
evidence: uncertain
messages:
  - id: 0x100
    fields:
      - {name: pack_voltage_V, at: 0, bytes: 2, scale: 0.1}
diagnostics:
  pairs: [{request_id: 0x7E4, reply_id: 0x7EC}]
replies:
  - request: "22 01 01"
    reply: "62 01 01"
"""


def test_every_family_loads_and_only_reads() -> None:
    names = families()
    assert len(names) >= 11
    for name in names:
        family = load_family(name)
        assert family.name == name
        assert not [reply for reply in family.replies if is_changing(reply.request)]
        known = {field.name for field in family.fields()}
        assert {"pack_voltage_V", "module_voltage_V"} & known
        assert {"current_A", "module_current_A"} & known
        for field in family.fields():
            assert field.evidence in ("verified", "source", "general", "uncertain")


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "text"),
    [
        ("at: 0, bytes", "at: 0, byte", 8, "messages.0.fields.0.byte", "not permitted"),
        ("id: 0x100", "id: 0x20000000", 6, "messages.0.id", "less than or equal"),
        ("evidence: uncertain", "evidence: certain", 4, "evidence", "Input should be"),
        ("bytes: 2", "bytes: 2, bits: 3", 8, "messages.0.fields.0", "either bytes or bits"),
        ('"22 01 01"', '"2E 01 01 05"', 12, "replies.0", "would change something"),
        ('"22 01 01"', '"22 0"', 12, "replies.0.request", "hexadecimal"),
        ("bus: can\n", "bus: serial\n", 1, "(whole file)", "needs 'line'"),
        (
            "    fields:\n",
            "    signals: {A: {as: b}}\n    fields:\n",
            7,
            "messages.0.signals",
            "need a 'dbc'",
        ),
        ("bus: can\n", "bus: can\ndbc: none.dbc\n", 4, "dbc", "cannot be read"),
        ("title: Mine", "title: [", 4, "", ""),
    ],
)
def test_a_wrong_description_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, line: int, field: str, text: str
) -> None:
    path = tmp_path / "mine.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(BadDescription) as raised:
        load_family(path)
    assert (raised.value.params["file"], raised.value.params["line"]) == (str(path), line)
    assert raised.value.params["field"] == field
    assert text in str(raised.value)


def test_a_dbc_without_the_signal_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.dbc").write_text(
        'VERSION ""\nBU_: A\nBO_ 256 M: 8 A\n SG_ U : 0|16@1+ (0.1,0) [0|0] "V" A\n', encoding="utf-8"
    )
    path = tmp_path / "mine.yaml"
    text = GOOD.replace("bus: can\n", "bus: can\ndbc: m.dbc\n")
    path.write_text(
        text.replace("    fields:\n", "    signals:\n      W: {as: b}\n    fields:\n"), encoding="utf-8"
    )
    with pytest.raises(BadDescription, match="no signal 'W'") as raised:
        load_family(path)
    assert raised.value.params["line"] == 9
    path.write_text(GOOD, encoding="utf-8")
    assert load_family(tmp_path / "mine.yaml").name == "mine"


def test_an_unknown_family_names_the_known_ones() -> None:
    with pytest.raises(UnknownFamily, match="tesla") as raised:
        load_family("tesla")
    assert "jbd" in raised.value.remedy
