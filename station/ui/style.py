"""Colours, sizes and the style sheet. Grey unless abnormal; sizes for touch in millimetres.

Ink on grey after the high-performance HMI practice (ISA-101): only a failure, a quarantine and a fault carry
colour, always with a glyph and a word. Every pair in ``PAIRS`` has a contrast of 4.5:1 or more (WCAG 2 AA).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PAGE: Final = "#c6c9cc"
TILE: Final = "#e4e6e7"
FIELD: Final = "#f4f5f5"
PLOT: Final = "#eceeee"
LINE: Final = "#8b9095"
INK: Final = "#1d2023"
SOFT_INK: Final = "#43484d"
DARK: Final = "#2b3036"
WHITE: Final = "#ffffff"
RED: Final = "#b00020"
ORANGE: Final = "#b34a00"
CURVE_V: Final = "#1f4e79"
CURVE_I: Final = "#4b3a63"
BUTTON: Final = "#f0f1f2"
BUTTON_DOWN: Final = "#d2d5d8"
ZONE_A: Final = "#d3d7da"
ZONE_B: Final = "#c3c8cc"

PAIRS: Final[tuple[tuple[str, str], ...]] = (
    (INK, PAGE), (INK, TILE), (INK, FIELD), (INK, PLOT), (INK, BUTTON), (INK, BUTTON_DOWN), (INK, ZONE_A),
    (INK, ZONE_B), (SOFT_INK, TILE), (SOFT_INK, PAGE), (SOFT_INK, PLOT), (SOFT_INK, FIELD), (WHITE, DARK),
    (WHITE, RED), (WHITE, ORANGE), (CURVE_V, PLOT), (CURVE_I, PLOT), (RED, TILE), (RED, FIELD),
)  # fmt: skip
"""Foreground and background as they meet on the page."""

CHINESE_FONTS: Final = (
    "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei UI", "Microsoft YaHei",
    "PingFang SC", "WenQuanYi Micro Hei",
)  # fmt: skip
FONTS: Final = ("Segoe UI", "Noto Sans", "DejaVu Sans Condensed", *CHINESE_FONTS, "sans-serif")
"""A Latin face with a bold of its own, then Chinese; the first installed that has the character is taken."""

BASE_WIDTH: Final = 1366
BASE_HEIGHT: Final = 768
BUTTON_MM: Final = 20.5
BARE_MM: Final = 10.0
"""Controls for gloves, and those of the engineer's pages for mouse, keyboard and bare fingers."""
STOP_GAP_MM: Final = 13.5
VERDICT_MM: Final = 20.5


@dataclass(frozen=True)
class Sizes:
    """Pixels for this window: ``scale`` follows its size (1 at 1366 × 768), ``dpi`` is the screen's own."""

    scale: float = 1.0
    dpi: float = 96.0

    @classmethod
    def of(cls, width: int, height: int, dpi: float) -> Sizes:
        """Sizes for a window of this many pixels. A screen that tells nonsense of itself counts as 96 dpi."""
        scale = min(max(min(width / BASE_WIDTH, height / BASE_HEIGHT), 0.8), 3.0)
        return cls(round(scale, 2), dpi if 60 <= dpi <= 400 else 96.0)

    def px(self, at_base: float) -> int:
        """Pixels of something that is ``at_base`` pixels in the smallest window."""
        return max(1, round(at_base * self.scale))

    def mm(self, millimetres: float) -> int:
        """Pixels of a length on the glass."""
        return round(millimetres * self.dpi / 25.4)

    @property
    def button(self) -> int:
        """Least height of a button: for gloves."""
        return self.mm(BUTTON_MM)

    @property
    def bare(self) -> int:
        """Least height of a control for a bare hand."""
        return self.mm(BARE_MM)


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two ``#rrggbb`` colours after WCAG 2 (1 to 21)."""

    def luminance(colour: str) -> float:
        parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def sheet(sizes: Sizes) -> str:
    """The style sheet of the page for these sizes."""
    s = sizes.px
    thick = sizes.button - 2 * s(3)  # what a thick border leaves of a button's height
    families = ", ".join(f'"{family}"' for family in FONTS)
    return f"""
    * {{ font-family: {families}; font-size: {s(15)}px; color: {INK}; }}
    QWidget#page {{ background: {PAGE}; }}
    QLabel {{ background: transparent; }}
    QLabel#simulation {{ background: {DARK}; color: {WHITE}; font-size: {s(14)}px;
                         font-weight: bold; padding: {s(3)}px; }}
    QFrame#lost {{ background: {RED}; border-radius: {s(4)}px; }}
    QFrame#lost QLabel {{ color: {WHITE}; font-size: {s(17)}px; }}
    QFrame#lost QLabel#lost_title {{ font-size: {s(24)}px; font-weight: bold; }}
    QFrame#lost[tone="plain"] {{ background: {DARK}; }}

    QFrame#prompt {{ background: {FIELD}; border: 1px solid {LINE}; border-radius: {s(4)}px; }}
    QFrame#prompt[level="ready"], QFrame#prompt[level="question"] {{ border: {s(3)}px solid {DARK}; }}
    QFrame#prompt[level="refusal"] {{ background: {ORANGE}; border: none; }}
    QFrame#prompt[level="refusal"] QLabel {{ color: {WHITE}; }}
    QLabel#prompt_text {{ font-size: {s(20)}px; font-weight: bold; }}
    QLabel#prompt_more {{ font-size: {s(16)}px; }}
    QLabel#prompt_text[crowded="true"] {{ font-size: {s(15)}px; }}
    QLabel#prompt_more[crowded="true"] {{ font-size: {s(14)}px; }}
    QLabel[role="caption"] {{ font-size: {s(13)}px; color: {SOFT_INK}; }}
    QLabel#channel_value {{ font-size: {s(26)}px; font-weight: bold; }}
    QLineEdit {{ background: {FIELD}; border: 1px solid {LINE}; border-radius: {s(4)}px; padding: 0 {s(8)}px;
                 font-size: {s(16)}px; min-height: {sizes.button - 2}px; placeholder-text-color: {SOFT_INK};
                 selection-background-color: {DARK};
                 selection-color: {WHITE}; }}
    QLineEdit:focus {{ border: 2px solid {INK}; min-height: {sizes.button - 4}px; }}

    QFrame#tile {{ background: {TILE}; border: 1px solid {LINE}; border-radius: {s(4)}px;
                   padding: {s(3) - 1}px; }}
    QFrame#tile[selected="true"] {{ border: {s(3)}px solid {INK}; padding: 0; }}
    QFrame#tile[tone="red"] {{ border: {s(3)}px solid {RED}; padding: 0; }}
    QFrame#tile[tone="orange"] {{ border: {s(3)}px solid {ORANGE}; padding: 0; }}
    QFrame#tile:focus {{ border: {s(3)}px dashed {INK}; padding: 0; }}
    QLabel#tile_empty {{ background: {PLOT}; color: {SOFT_INK}; font-size: {s(14)}px; }}
    QFrame#tile_head {{ background: transparent; border-radius: {s(2)}px; }}
    QFrame#tile[selected="true"] QFrame#tile_head {{ background: {DARK}; }}
    QFrame#tile[selected="true"] QFrame#tile_head QLabel {{ color: {WHITE}; }}
    QLabel#tile_code, QLabel#tile_plan, QLabel#tile_soh, QLabel#tile_fact, QLabel#tile_reason,
    QLabel#tile_remedy {{ padding-left: {s(6)}px; }}
    QLabel#tile_title {{ font-size: {s(17)}px; font-weight: bold; }}
    QLabel#tile_name {{ font-size: {s(14)}px; }}
    QLabel#tile_code {{ font-size: {s(16)}px; font-weight: bold; }}
    QLabel#tile_plan {{ font-size: {s(14)}px; color: {SOFT_INK}; }}
    QLabel#tile_soh {{ font-size: {s(20)}px; font-weight: bold; }}
    QLabel#tile_fact {{ font-size: {s(15)}px; }}
    QLabel#tile_reason {{ font-size: {s(16)}px; font-weight: bold; }}
    QLabel#tile_remedy {{ font-size: {s(15)}px; }}
    QLabel#tile_use {{ font-size: {s(15)}px; padding-left: {s(6)}px; }}
    QLabel#tile_next {{ font-size: {s(15)}px; font-weight: bold; padding-left: {s(6)}px; }}
    QLabel#tile_remaining {{ font-size: {s(18)}px; font-weight: bold; }}
    QLabel#panel_title {{ font-size: {s(20)}px; font-weight: bold; }}
    QLabel#pad_said {{ font-size: {s(16)}px; }}
    QFrame#pad QLineEdit {{ font-size: {s(28)}px; font-weight: bold; }}
    QLineEdit#code_field {{ font-size: {s(19)}px; padding-top: {s(16)}px;
                            min-height: {sizes.button - 2 - s(16)}px; }}
    QLineEdit#code_field:focus {{ min-height: {sizes.button - 4 - s(16)}px; }}
    QLabel#result_code {{ font-size: {s(20)}px; font-weight: bold; }}
    QLabel#result_soh {{ font-size: {s(30)}px; font-weight: bold; }}
    QLabel#result_next {{ font-size: {s(18)}px; font-weight: bold; }}
    QLabel#use_line {{ font-size: {s(17)}px; }}
    QLabel#use_mark {{ font-size: {s(17)}px; font-weight: bold; }}
    QFrame#result QLabel {{ padding-left: 0; }}
    QProgressBar {{ background: {ZONE_B}; border: none; border-radius: {s(3)}px; max-height: {s(7)}px;
                    min-height: {s(7)}px; }}
    QProgressBar::chunk {{ background: {DARK}; border-radius: {s(3)}px; }}

    QFrame#alarms {{ background: {TILE}; border: 1px solid {LINE}; border-radius: {s(4)}px; }}
    QLabel#alarm_title {{ font-size: {s(16)}px; font-weight: bold; }}
    QLabel#alarm_count[level="high"], QLabel#alarm_count[level="medium"], QLabel#alarm_count[level="low"] {{
        border-radius: {s(3)}px; padding: {s(1)}px {s(6)}px; font-weight: bold; }}
    QLabel#alarm_count[level="high"] {{ color: {WHITE}; background: {RED}; }}
    QLabel#alarm_count[level="medium"] {{ color: {WHITE}; background: {ORANGE}; }}
    QLabel#alarm_count[level="low"] {{ color: {INK}; background: {ZONE_B}; }}
    QTableWidget {{ background: {TILE}; border: none; gridline-color: {ZONE_B}; font-size: {s(14)}px; }}
    QHeaderView::section {{ background: {TILE}; color: {SOFT_INK}; border: none;
                            border-bottom: 1px solid {LINE};
                            font-size: {s(13)}px; padding: 0 {s(4)}px; }}
    QScrollBar:vertical {{ width: {s(22)}px; background: {ZONE_A}; }}
    QScrollBar::handle:vertical {{ background: {LINE}; min-height: {s(24)}px; border-radius: {s(3)}px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}

    QPushButton {{ background: {BUTTON}; border: 1px solid {LINE}; border-radius: {s(5)}px;
                   font-size: {s(17)}px; padding: 0 {s(6)}px; outline: none;
                   min-height: {sizes.button - 2}px; min-width: {sizes.button - 2 - 2 * s(6)}px; }}
    QPushButton:pressed {{ background: {BUTTON_DOWN}; }}
    QPushButton:focus {{ border: {s(3)}px dashed {INK}; min-height: {thick}px; }}
    QPushButton:checked, QPushButton[armed="true"] {{ background: {DARK}; color: {WHITE};
                                                            border-color: {DARK}; }}
    QPushButton:checked:focus, QPushButton[armed="true"]:focus {{ border: {s(3)}px dashed {WHITE}; }}
    QPushButton#start, QPushButton#stop, QPushButton#stop_all {{ font-weight: bold; }}
    QPushButton#stop, QPushButton#stop_all {{ border: {s(3)}px solid {INK}; min-height: {thick}px; }}
    QPushButton#stop:focus, QPushButton#stop_all:focus {{ border: {s(3)}px dashed {INK};
                                                         background: {FIELD}; }}
    QPushButton[role="tile"] {{ font-size: {s(15)}px; padding: 0; min-width: {sizes.button - 2}px;
                                min-height: {sizes.button - 2}px; }}
    QPushButton#tile_stop {{ font-weight: bold; border: {s(3)}px solid {INK};
                             min-width: {thick}px; min-height: {thick}px; }}
    QPushButton#tile_stop:focus {{ border: {s(3)}px dashed {INK}; }}
    QPushButton#tile_force {{ font-weight: bold; background: {RED}; color: {WHITE};
                              border-color: {RED}; }}
    QPushButton#tile_force:focus {{ border: {s(3)}px dashed {WHITE}; }}
    QPushButton#menu, QPushButton#profile, QPushButton#no_code, QPushButton#pad {{ font-size: {s(15)}px;
                                                                              padding: 0 {s(2)}px; }}

    QFrame#missing, QFrame[role="panel"] {{ background: {FIELD}; border: {s(3)}px solid {INK};
                                               border-radius: {s(6)}px; }}
    QLabel#missing_title {{ font-size: {s(20)}px; font-weight: bold; }}
    QFrame#missing QLineEdit {{ font-size: {s(28)}px; font-weight: bold; }}
    """
