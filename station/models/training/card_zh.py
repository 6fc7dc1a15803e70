"""The model card in Chinese: the figures of the English one under Chinese words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from station.diagnosis.soh.noise import OFFSET_V
from station.models.training.card import card_text

PARTS = {
    "U1–U41 (five amplitudes)": "U1–U41（五种幅值）",
    "U1–U21 (0.5 C, 1 C, first half of the third)": "U1–U21（0.5 C、1 C、第三种幅值的前一半）",
    "one 2.5 C pair": "一对 2.5 C 脉冲",
    "U1–U41, last samples only": "U1–U41，仅末点",
    "U1–U21, last samples only": "U1–U21，仅末点",
    "one 2.5 C pair, last samples only": "一对 2.5 C 脉冲，仅末点",
    "single charge": "单次充电",
    "ladder": "SOC 阶梯",
    "type": "类型",
    "measured": "测得",
    "rows of": "行来自",
    "cells": "单体数",
    "rows": "行数",
    "trivial MAPE %": "均值 MAPE %",
    "p95 error, pp": "p95 误差，百分点",
    "coverage %": "覆盖率 %",
    "half-width, pp": "半宽，百分点",
    "clean": "无噪声",
    "cells: MAPE / half-width": "单体数：MAPE / 半宽",
    "type left out": "留出的类型",
    "right where stated %": "给出时正确 %",
    "stated %": "给出比例 %",
}
"""What stands in the cells of its tables."""
WIDTHS = "MAPE % / {more}半宽（百分点）。"
SECTIONS = {
    "Unseen cells, unknown SOC, 5 s pulses": ("未见过的单体，SOC 未知，5 s 脉冲", ""),
    "Fewer cells, 5 s pulses": (
        "较少单体，5 s 脉冲",
        "同一批未见过的单体的 MAPE % / 半宽（百分点），由各折之外随机取的部分单体学得；无噪声电压，取该类型测得的全部。",
    ),
    "What an instrument's noise costs, 5 s pulses": (
        "仪器噪声的代价，5 s 脉冲",
        "对留出的行加误差：每个值抽一次，另有同一组共同的 {offset_mV:g} mV 偏移。各档为单个采样点的噪声。\n\n"
        "每格：MAPE % · 覆盖率 % · 半宽（百分点）· 判为陌生而拒绝的行 %；校准行（LFP 为单次充电，其他为 SOC 阶梯）。",
    ),
    "Other pulse widths, single-charge rows": ("其他脉冲宽度，单次充电的行", WIDTHS.format(more="")),
    "Other pulse widths with bench noise, single-charge rows": (
        "其他脉冲宽度，带测试台噪声，单次充电的行", WIDTHS.format(more="覆盖率 % / "),
    ),
    "Foreign types, nominal capacity not given": (
        "陌生类型，未给额定容量",
        "依次留出每个类型：不给出估计的行所占百分比（5 s，测得的全部电压）。若额定容量与学过的类型都不同，任何噪声下均为 100 %。",
    ),
    "Chemistry and type": (
        "化学体系和类型",
        "已知类型中未见过的单体，5 s，U1–U21，未给额定容量：化学体系正确 {types[chemistry_hits]:.1f} %，"
        "类型正确 {types[type_hits]:.1f} %，给出的平均置信度 {types[mean_confidence]:.1f} %。\n\n"
        "从未见过的类型（依次留出），由 OCV 和脉冲不对称性区分 LFP 与非 LFP：",
    ),
}  # fmt: skip
"""By the English heading: the Chinese one, and what stands before the table."""
INTRO = """# 模型卡：由脉冲电压估计 SOH 和化学体系

由 `station learn` 写出，请勿手改。

- 学习数据：脉冲表，SHA-256 `{training_table_sha256}`。
- 模型数组：SHA-256 `{arrays_sha256}`，随机种子 {seed}，最终拟合用 {training_rows} 行。
- 输入：测得的 U1–U41 电压、脉冲宽度、第三种幅值、已知时的额定容量。从不输入：任何形式的 SOC、从空电累计的电量、容量、使用历史。
- 估计方法：按单体类型、脉冲宽度和测得的子集，取两者加权平均：对静置电压之差（白化后，每个分量一个长度）的高斯过程，和带 OCV 乘积项的岭回归；\
单次充电的行计五倍。参考检测（5 s，该类型测得的全部，无噪声）再与第二个高斯过程平均，其斜率随静置电压所处位置变化。
- 电压有噪声时：先换成最可能的值（给定仪器误差，按该类型的条件正态分布），高斯过程另有为该噪声学得的方向和长度，只看超出噪声的部分。\
缺点和超过所学的噪声沿斜率加宽区间。
- 区间：折外残差除以预测尺度，90 % 保形区间，每个单体一票；有单次充电的行时用这些行，否则用 SOC 阶梯。参考检测：单次充电一票，阶梯一票。
- 所有指标：按实物单体分组、按 SOH 分层的五折；核参数、覆盖率和半宽都不用该折数据。估计始终不知道 SOC，各 SOC 水平的行合并统计。
- 均值 = 只预测该类型的平均 SOH。覆盖率为各单体被覆盖行比例的平均。"""
CELLS = """## 未用于最终拟合的单体

用于演示（名称哈希最小的；以上指标包括全部单体）：

{held_out}

有原因而剔除：

{excluded}"""
LIMITS = """## 局限

- 没学过的单体类型不给出估计：类型之间不能迁移（MAPE 5–14 %，不比猜测好）。
- LMO 和 NMC 类型只学过 5 s 和 U1–U21。对它们只做一对 2.5 C 脉冲不给出估计；请运行参考检测。
- LMO 和 NMC 的行只来自 SOC 阶梯，其区间没有为一次充到位的单体校准；对 LFP 类型，用阶梯校准的区间只覆盖这类行的 65–72 %。
- NMC 2.1 Ah 只有九个实验室老化的实物单体，各在几种状态下测过；这么少的单体不能保证置信水平，因此有限样本修正中以状态代替单体。
- 学习记录中每对 2.5 C 脉冲都在较小脉冲之后。单独测一对得到相同电压是假定，没有证明。
- 脉冲看到内阻和动力学，看不到锂存量。主要损失锂存量的单体会被估得过好；区间只反映所学单体中这种情况的频度。要紧时请测容量。
- 同一电池在几个 SOC 水平的脉冲组合并时不缩小区间：未见过的单体在阶梯上，合并区间按类型覆盖 89–100 %。几种宽度中以最长的为准。
- 估计器的设置（混合、分量、搜索行数）用同一交叉验证从少数几种中选出；以上误差可能偏乐观约 0.1 个百分点。
- 测试台噪声按每个值独立误差加一个共同偏移建模。增益误差、慢或滞后的通道不在其中。
- 25 °C。容量标签的重复性为 0.5–1.7 %。"""


def card_text_zh(info: Mapping[str, Any]) -> str:
    """The card of a model's ``info`` as Markdown, in Chinese; a part without Chinese words stays English."""
    _, *sections = card_text(info).strip().split("\n\n## ")
    told = [INTRO.format(**{key: info[key] for key in _ASKED})]
    for section in sections:
        heading, _, body = section.partition("\n")
        if heading in SECTIONS:
            told.append(_section(heading, body, info))
    told += [CELLS.format(held_out=_held_out(info), excluded=_excluded(info)), LIMITS]
    return "\n\n".join(told) + "\n"


_ASKED = ("training_table_sha256", "arrays_sha256", "seed", "training_rows")


def _section(heading: str, body: str, info: Mapping[str, Any]) -> str:
    title, before = SECTIONS[heading]
    table = "\n".join(_row(line) for line in body.splitlines() if line.startswith("|"))
    said = before.format(types=info["types"], offset_mV=1000 * OFFSET_V)
    return "\n\n".join(part for part in (f"## {title}", said, table) if part)


def _row(line: str) -> str:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return line if line.startswith("|---") else f"| {' | '.join(PARTS.get(cell, cell) for cell in cells)} |"


def _held_out(info: Mapping[str, Any]) -> str:
    return "\n".join(f"- {name}：{'、'.join(cells)}" for name, cells in info["held_out_cells"].items())


def _excluded(info: Mapping[str, Any]) -> str:
    return "\n".join(f"- {cell}：{why}" for cell, why in info["excluded_cells"].items())
