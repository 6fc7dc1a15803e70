"""What ends a run at once, in words: the profile's limits, and those of single roles."""

from __future__ import annotations

from collections.abc import Iterator

from profiles.explaining.numbers import Lang
from profiles.limits import ProfileLimits, RoleLimits

_SAY: dict[str, dict[Lang, str]] = {
    "cell_voltage_min_V": {"en": "a cell below {:g} V", "zh": "单体低于 {:g} V"},
    "cell_voltage_max_V": {"en": "a cell above {:g} V", "zh": "单体高于 {:g} V"},
    "current_max_C": {"en": "a current above {:g} C", "zh": "电流超过 {:g} C"},
    "temperature_min_degC": {"en": "a temperature below {:g} °C", "zh": "温度低于 {:g} °C"},
    "temperature_max_degC": {"en": "a temperature above {:g} °C", "zh": "温度高于 {:g} °C"},
    "surface_min_degC": {"en": "a surface below {:g} °C", "zh": "表面低于 {:g} °C"},
    "surface_max_degC": {"en": "a surface above {:g} °C", "zh": "表面高于 {:g} °C"},
    "temperature_rate_max_K_per_min": {"en": "warming by more than {:g} K a minute", "zh": "温升每分钟超过 {:g} K"},
    "charge_max_of_capacity": {"en": "more than {:g} times the capacity charged", "zh": "充入超过额定容量的 {:g} 倍"},
    "discharge_max_of_capacity": {"en": "more than {:g} times the capacity discharged", "zh": "放出超过额定容量的 {:g} 倍"},
    "cell_energy_max_Wh_per_Ah": {
        "en": "more than {:g} Wh per cell and Ah of capacity, either way", "zh": "单体每安时容量充入或放出超过 {:g} Wh",
    },
    "cell_spread_max_V": {"en": "cells more than {:g} V apart", "zh": "单体电压相差超过 {:g} V"},
    "cell_temperature_spread_max_K": {"en": "cells more than {:g} K apart", "zh": "单体温度相差超过 {:g} K"},
}  # fmt: skip
_ROLES: dict[str, dict[Lang, str]] = {
    "rest": {"en": "rests", "zh": "静置"},
    "ocv_check": {"en": "OCV checks", "zh": "开路电压检查"},
    "wait": {"en": "waits", "zh": "等待"},
    "contact_pulse": {"en": "contact checks", "zh": "接触检查"},
    "charge_pulse": {"en": "charge pulses", "zh": "充电脉冲"},
    "discharge_pulse": {"en": "discharge pulses", "zh": "放电脉冲"},
    "constant_current": {"en": "constant currents", "zh": "恒流"},
    "constant_voltage": {"en": "constant voltages", "zh": "恒压"},
    "constant_power": {"en": "constant powers", "zh": "恒功率"},
    "constant_resistance": {"en": "constant resistances", "zh": "恒阻"},
    "excitation": {"en": "excitations", "zh": "激励"},
    "ramp": {"en": "ramps", "zh": "电流斜坡"},
    "current_table": {"en": "current tables", "zh": "电流表"},
    "soc_shift": {"en": "shifts of SOC", "zh": "荷电状态调整"},
    "partial_charge": {"en": "partial charges", "zh": "部分充电"},
}
_ENDS: dict[Lang, str] = {"en": "Ends at once at {}.", "zh": "出现下列情况立即结束：{}。"}
_ENDS_WHILE: dict[Lang, str] = {"en": "During {role} it also ends at {}.", "zh": "{role}期间另有：{}。"}
_BETWEEN: dict[Lang, str] = {"en": ", ", "zh": "、"}


def limits_said(limits: ProfileLimits, lang: Lang) -> Iterator[str]:
    """One sentence for the whole run, one for each role that has its own; none where nothing is limited."""
    if said := _said(limits, lang):
        yield _ENDS[lang].format(said)
    for role, own in limits.by_role.items():
        if said := _said(own, lang):
            yield _ENDS_WHILE[lang].format(said, role=_ROLES[role][lang])


def _said(limits: ProfileLimits | RoleLimits, lang: Lang) -> str:
    given = [(name, getattr(limits, name)) for name in type(limits).model_fields if name != "by_role"]
    return _BETWEEN[lang].join(_SAY[name][lang].format(value) for name, value in given if value is not None)
