"""What each step does, in Chinese. Every entry gets the step and says one sentence without its full stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from profiles.explaining.numbers import current, span, volts

Say = Callable[[Any], str]
_WAY = {"charge": "充电", "discharge": "放电"}


def _t(seconds: float) -> str:
    return span(seconds, "zh")


def _floor(step: Any) -> str:
    floor = getattr(step, "current_floor_C", None)
    return f"（通道能力不足时最低 {floor:g} C）" if floor else ""


def _to(value: float | str) -> str:
    return volts(value, "zh") if isinstance(value, str) else f" {volts(value, 'zh')}"


def _until(step: Any, *, other_end: bool = False) -> str:
    ends = [f"直到 {' 或 '.join(step.until)}"] if step.until else []
    if step.charge_max_of_capacity:
        ends.append(f"最多移动额定容量的 {step.charge_max_of_capacity:.4g} 倍")
    ends.append(f"最长 {_t(step.duration_max_s)}" if ends or other_end else f"持续 {_t(step.duration_max_s)}")
    return "，".join(ends) + _must(step)


def _between(step: Any) -> str:
    bounds = [f"不小于 {step.low:g}"] if step.low is not None else []
    bounds += [f"不大于 {step.high:g}"] if step.high is not None else []
    return f"（{'、'.join(bounds)}）" if bounds else ""


def _must(step: Any) -> str:
    return "；达不到则结束检测" if getattr(step, "must_reach", False) else ""


def _way(step: Any) -> str:
    return _WAY[step.direction]


def _until_voltage(step: Any) -> str:
    most = f"最长 {_t(step.duration_max_s)}，最多移动额定容量的 {step.charge_max_of_capacity:.4g} 倍"
    to = _to(step.cell_voltage_V)
    return f"以 {current(step)}{_floor(step) or ' '}{_way(step)}，直到单体达到{to}，{most}{_must(step)}"


def _cccv(step: Any) -> str:
    to = _to(step.cell_voltage_V)
    return (
        f"以 {current(step)}{_floor(step) or ' '}{_way(step)}至单体{to}，再恒压至电流降到 {step.current_end_C:g} C；"
        f"{_until(step, other_end=True)}"
    )


def _constant_voltage(step: Any) -> str:
    end = f"，直到电流降到 {step.current_end_C:g} C" if step.current_end_C else ""
    to = _to(step.cell_voltage_V)
    return f"恒压单体{to}（{_way(step)}，不超过 {step.current_max_C:g} C）{end}；{_until(step, other_end=bool(end))}"


def _power(step: Any) -> str:
    power = f" {step.power_W:g} W" if step.power_W else f"每单体每安时 {step.cell_power_W_per_Ah:g} W"
    return f"以{power} 恒功率{_way(step)}，不超过 {step.current_max_C:g} C；{_until(step)}"


def _train(step: Any) -> str:
    currents = "、".join(f"{c:g}" for c in step.currents_C)
    return (
        f"依次以 {currents} C{_floor(step)}：充电 {_t(step.duration_s)}、静置、放电 {_t(step.duration_s)}、静置；"
        f"每次静置为脉冲的 {step.rest_factor:g} 倍"
    )


def _pair(step: Any) -> str:
    return (
        f"以 {current(step)}{_floor(step) or ' '}充电 {_t(step.duration_s)}，静置 {_t(step.rest_s)}，同样放电，"
        f"静置 {_t(step.last_rest_s or step.rest_s)}"
    )


def _hppc(step: Any) -> str:
    return (
        f"HPPC：以 {current(step)}{_floor(step) or ' '}放电 {_t(step.discharge_s)}，静置 {_t(step.between_s)}，"
        f"以其 {step.charge_share:g} 倍充电 {_t(step.charge_s)}，静置 {_t(step.rest_s)}"
    )


def _capacity(step: Any) -> str:
    to, down = _to(step.charge_to_V), _to(step.discharge_to_V)
    agree = (
        f"直到连续 {step.agree} 次放电之差不超过额定容量的 {step.agree_within:.2%}，"
        if step.agree > 1
        else ""
    )
    return (
        f"容量：以 {step.charge_C:g} C 充电至{to}、电流降到 {step.charge_end_C:g} C，静置 {_t(step.rest_s)}，"
        f"以 {step.discharge_C:g} C 放电至{down}，静置；{agree}最多 {step.cycles_max} 次"
        + ("；不一致则结束检测" if step.must_agree and step.agree > 1 else "")
    )


def _adaptive(step: Any) -> str:
    goals = []
    if step.goal.inside_grade:
        goals.append("健康度区间落入一个等级")
    if step.goal.half_width_points is not None:
        goals.append(f"健康度区间的一半小于 {step.goal.half_width_points:g} 个百分点")
    return (
        f"自适应：边测边决定下一步，直到{'或'.join(goals)}；最长 {_t(step.budget_s)}，充电不超过 {step.charge_max_C:g} C，"
        f"放电不超过 {step.discharge_max_C:g} C，荷电状态偏离不超过 {step.soc_shift_max:.0%}"
    )


SAY: dict[str, Say] = {
    "rest": lambda s: f"静置 {_t(s.duration_s)}",
    "ocv_check": lambda s: (
        f"观察开路电压 {_t(s.duration_s)}；单体漂移超过每分钟 {s.drift_max_mV_per_min:g} mV 则结束检测"
    ),
    "ocv_wait": lambda s: (
        f"零电流等待，直到单体漂移小于每分钟 {s.drift_max_mV_per_min:g} mV，最短 {_t(s.duration_min_s)}，"
        f"最长 {_t(s.duration_max_s)}{_must(s)}"
    ),
    "contact_check": lambda s: (
        f"接触检查：以 {current(s)} 放电 {_t(s.duration_s)}，静置 {_t(s.rest_s)}；接线或内阻不合理则结束检测"
    ),
    "pulse": lambda s: f"{_way(s)}脉冲 {current(s)}{_floor(s)}，{_t(s.duration_s)}，然后静置 {_t(s.rest_s)}",
    "pulse_pair": _pair,
    "pulse_train": _train,
    "hppc_block": _hppc,
    "constant_current_until": _until_voltage,
    "constant_current": lambda s: f"以 {current(s)}{_floor(s) or ' '}{_way(s)}，{_until(s)}",
    "constant_voltage": _constant_voltage,
    "cccv": _cccv,
    "constant_power": _power,
    "constant_resistance": lambda s: (
        f"以 {s.resistance_ohm:g} 欧姆恒阻放电，不超过 {s.current_max_C:g} C；{_until(s)}"
    ),
    "ramp": lambda s: f"电流在 {_t(s.duration_s)}内从 {s.from_C:g} C 变到 {s.to_C:g} C，每级 {_t(s.hold_s)}",
    "current_table": lambda s: (
        f"播放{f' {s.file} ' if s.file else '表'}中的 {len(s.rows)} 个电流，倍率 {s.scale:g}"
    ),
    "multi_sine": lambda s: (
        f"{len(s.harmonics)} 个正弦叠加激励，最大 {s.current_C:g} C，基频 {s.base_Hz:g} Hz，{s.periods} 个周期，"
        f"然后静置 {_t(s.rest_s)}"
    ),
    "prbs": lambda s: (
        f"伪随机序列激励，±{current(s)}，{2**s.order - 1} 位、每位 {_t(s.bit_s)}，{s.periods} 遍，然后静置 {_t(s.rest_s)}"
    ),
    "wait_temperature": lambda s: (
        f"等待表面温度在 {s.low_degC:g} 至 {s.high_degC:g} °C 之间保持 {_t(s.stable_s)}，"
        f"最长 {_t(s.duration_max_s)}{_must(s)}"
    ),
    "prompt": lambda s: (
        f"询问操作员：“{s.text.zh}”"
        + (f"，数值{_between(s)}记为 {s.name}" if s.name else "")
        + f"；{_t(s.timeout_s)}内无回答则"
        + ("结束检测" if s.default is None else f"取 {s.default:g}")
    ),
    "bms_request": lambda s: (
        f"向 BMS 读取 {s.signal}{_between(s)}，记为 {s.name}；读不到或超出范围则结束检测"
    ),
    "set": lambda s: f"把 {s.value} 记为 {s.name}",
    "repeat": lambda s: f"重复 {s.times} 次：",
    "loop": lambda s: f"重复 {s.times} 次：",
    "repeat_until": lambda s: f"直到 {s.condition}，最多 {s.times_max} 次{_must(s)}：",
    "if": lambda s: f"如果 {s.condition}：",
    "call": lambda s: (
        f"调用方案 {s.profile}"
        + (f"（{'，'.join(f'{k} = {v:g}' for k, v in s.parameters.items())}）：" if s.parameters else "：")
    ),
    "capacity_test": _capacity,
    "adaptive": _adaptive,
}
HEAD = "{title}。共 {count} 步，最长 {longest}；边沿：{timing}；每秒 {sampling:g} 个采样。"
TIMING = {"sequenced": "由仪器产生", "commanded": "由检测站产生", "best": "取最优者"}
MOVES = (
    "对 {capacity:g} Ah 的电池：最多充入 {charge:.3g} Ah，放出 {discharge:.3g} Ah，最大电流 {largest:.3g} A。"
)
ELSE = "否则："
UNKNOWN = "{kind}：{fields}"
