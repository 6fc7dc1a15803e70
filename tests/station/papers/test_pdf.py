"""PDFs, read again as others read them: text out of the page, codes out of the picture, the font inside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from station.diagnosis.uncertainty import soh_budget
from station.papers.batch import batch_pdf, counts
from station.papers.certificate import certificate_pdf
from station.papers.command_sheet import COMMANDS, command_sheet_pdf, commands
from station.papers.curves import reduced, ticks
from station.papers.errors import PaperError
from station.papers.facts import facts_of
from station.papers.fonts import FONT_SETTING
from station.papers.report import report_pdf
from station.ui.codes import Command, read_scan
from tests.station.papers.a_run import CODE, RUN, facts, row, samples

SAID = {
    "zh": (
        "合格",
        "健康状态",
        "通信基站备电",
        "电动自行车",
        "禁止",
        "有条件适用",
        "模拟数据",
        "未知",
    ),
    "en": ("PASS", "state of health", "base-station backup", "blocked", "SIMULATED", "not known"),
}
FACTS = (
    "93.2 %", "84.5", "102.0", "90 %", "LFP", CODE, RUN, "000010207248",
    "2026-04-01", "2027-03-31", "CNAS-4711", "计量院",
    "52cada14ddba",
    "b876be4b", "6bce0801", "rapid",
)  # fmt: skip


def pages(pdf: bytes) -> list[str]:
    """Text of each page, without line breaks."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_bounded().replace("\r\n", "") for page in document]


def pictures(pdf: bytes, scale: float = 2.5) -> list[Any]:
    return [np.asarray(page.render(scale=scale).to_pil().convert("L")) for page in pypdfium2.PdfDocument(pdf)]


def codes_in(pdf: bytes, scale: float = 2.5) -> set[str]:
    return {found.text for picture in pictures(pdf, scale) for found in zxingcpp.read_barcodes(picture)}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_report_and_certificate_say_what_the_record_holds(lang: str) -> None:
    for pdf in (report_pdf(facts(), samples(), lang), certificate_pdf(facts(), lang)):
        told = pages(pdf)
        whole = "".join(told)
        for text in (*SAID[lang], *FACTS):
            assert text in whole, text
        assert all("SIMULATED" in page for page in told)
        assert b"/FontFile2" in pdf
        assert codes_in(pdf) == {f"PULSE-STATION RUN {RUN} result SHA256 {'e5f14146' * 8}"}
    assert len(told) == 1


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", ("测量不确定度", "估计模型")), ("en", ("estimator", "SOH"))]
)
def test_the_report_tells_the_uncertainty_and_where_it_is_a_lower_bound(
    lang: str, said: tuple[str, ...]
) -> None:
    budget = soh_budget(0.9322, 0.8445, 1.0199, capacity=None, nominal_capacity_Ah=35.0)
    quantities = {"soh": budget.as_dict()}
    known = row()
    known["result"]["uncertainty"] = {"quantities": quantities}
    whole = "".join(pages(report_pdf(facts_of(known), samples(), lang)))
    for text in (*said, "≥ 0.11", "0.9322"):
        assert text in whole, text


def test_a_run_of_real_instruments_bears_no_band() -> None:
    whole = "".join(pages(report_pdf(facts(simulated=False), None, "zh")))
    assert "模拟" not in whole
    assert "SIMULATED" not in whole


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_run_without_a_number_says_why(lang: str) -> None:
    error = {"code": "safety.voltage_max", "message": "too high", "params": {"value": 4.31, "limit": 4.25}}
    broken = facts_of(row(verdict="no_verdict", grade=None, error=error, result=None, files=[]), None)
    assert broken.kind == "fault"
    for pdf in (report_pdf(broken, None, lang), certificate_pdf(broken, lang)):
        whole = "".join(pages(pdf))
        assert ("故障" if lang == "zh" else "FAULT") in whole
        assert "4.31" in whole
        assert "93.2" not in whole


def test_a_batch_counts_by_verdict_and_grade() -> None:
    runs = [facts()] * 60 + [facts(verdict="fail", grade="E", battery="B-2"), facts(simulated=False)]
    by_verdict, by_grade = counts(runs)
    assert (by_verdict["pass"], by_verdict["fail"], by_grade["B"], by_grade["E"]) == (61, 1, 61, 1)
    told = pages(batch_pdf(runs, datetime.now(UTC), "zh"))
    assert len(told) > 1
    assert "不合格" in told[0]
    assert "".join(told).count(CODE) == 61


@pytest.mark.parametrize("kind", ["qr", "code128"])
def test_every_command_on_the_sheet_is_read_again(kind: Any) -> None:
    wanted = commands(["1", "12"], ["rapid"])
    pdf = command_sheet_pdf(["1", "12"], ["rapid"], "zh", kind)
    assert codes_in(pdf, 4.0) == {command.text for command in wanted}
    for command in wanted:
        assert isinstance(read_scan(command.text), Command), command.text
    assert not any("ESTOP" in word or word == "FORCE" for word in COMMANDS)
    assert "急停" in pages(pdf)[0]


def test_a_missing_font_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FONT_SETTING, "/nowhere/font.ttc")
    with pytest.raises(PaperError) as caught:
        certificate_pdf(facts(), "zh")
    assert caught.value.code == "paper.font_missing"
    assert FONT_SETTING in caught.value.remedy


def test_a_dip_of_one_sample_is_drawn() -> None:
    measured = samples()
    t, v = reduced(measured.time_s, measured.voltage_V, 700)
    assert len(t) <= 1400
    assert v.min() == 2.0
    assert t[v.argmin()] == measured.time_s[12_345]
    assert np.all(np.diff(t) > 0)
    assert ticks(3.21, 3.48, 4) == pytest.approx([3.3, 3.4])


@pytest.mark.parametrize(("lang", "said"), [("en", "Counters can be reset"), ("zh", "计数可被清零")])
def test_what_the_pack_remembers_is_told_with_its_doubt(lang: str, said: str) -> None:
    told = replace(facts(), memory={"charge_throughput_Ah": 32_461.0, "operating_hours": 3500.0})
    text = "".join(pages(report_pdf(told, None, lang)))
    assert said in text.replace("\n", "")
    assert "32461" in text
