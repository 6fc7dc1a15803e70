"""The style sheet of the engineer pages: the operator's, denser, with tables, lists and fields."""

from __future__ import annotations

from station.ui.style import (
    DARK,
    FIELD,
    INK,
    LINE,
    ORANGE,
    PLOT,
    RED,
    SOFT_INK,
    TILE,
    WHITE,
    ZONE_A,
    Sizes,
    sheet,
)


def engineer_sheet(sizes: Sizes) -> str:
    """For these sizes. Controls of these pages are for bare hands: 10 mm high, not the 20 mm of gloves.

    The stop, the way back and the training page keep the size of the operator's page.
    """
    s, low = sizes.px, sizes.bare - 2  # a border above and below
    return (
        sheet(sizes)
        + f"""
    QLabel#page_title {{ font-size: {s(20)}px; font-weight: bold; }}
    QLabel#page_part {{ font-size: {s(16)}px; font-weight: bold; }}
    QLabel#page_who {{ font-size: {s(15)}px; font-weight: bold; }}
    QLabel#page_said {{ font-size: {s(15)}px; padding: {s(2)}px {s(6)}px; }}
    QLabel#page_said[level="refusal"] {{ background: {ORANGE}; color: {WHITE}; border-radius: {s(3)}px; }}
    QScrollArea#page_list, QWidget#page_names, QScrollArea#picture_area, QWidget#picture_room {{
        background: transparent; border: none; }}
    QFrame#gate {{ background: {FIELD}; border: {s(2)}px solid {INK}; border-radius: {s(6)}px; }}
    QLabel#gate_said {{ font-weight: bold; }}
    QLabel#strip_channel {{ background: {TILE}; border: 1px solid {LINE}; border-radius: {s(3)}px;
                            padding: {s(3)}px {s(10)}px; font-size: {s(15)}px; font-weight: bold; }}
    QLabel#strip_channel[tone="bad"] {{ background: {RED}; color: {WHITE}; border: none; }}
    QLabel#strip_lost {{ background: {RED}; color: {WHITE}; border-radius: {s(3)}px;
                         padding: {s(3)}px {s(8)}px; font-weight: bold; }}
    QPushButton[role="page"] {{ text-align: left; padding-left: {s(12)}px; min-height: {low}px;
                                font-size: {s(16)}px; }}
    QPushButton[role="small"] {{ min-height: {low}px; font-size: {s(15)}px; padding: 0 {s(10)}px; }}
    QPushButton[role="small"]:focus, QPushButton[role="page"]:focus {{ min-height: {low + 2 - 2 * s(3)}px; }}
    QPushButton[role="small"]:focus {{ padding: 0 {s(8)}px; }}
    QPushButton[role="page"]:focus {{ padding-left: {s(10)}px; }}
    QPushButton#page_back {{ min-height: {sizes.button - 2}px; font-size: {s(16)}px; }}
    QPushButton#page_lock {{ min-height: {low}px; font-size: {s(16)}px; }}
    QWidget#training_page QPushButton, QWidget#training_page QLineEdit {{
        min-height: {sizes.button - 2}px; font-size: {s(17)}px; }}
    QFrame#mission {{ background: {TILE}; border: 1px solid {LINE}; border-radius: {s(4)}px; }}
    QLabel#mission_title {{ font-size: {s(17)}px; font-weight: bold; }}
    QPushButton:disabled {{ background: {ZONE_A}; color: {SOFT_INK}; }}
    QLineEdit, QComboBox, QDateEdit, QSpinBox, QDoubleSpinBox {{ min-height: {low}px; font-size: {s(15)}px;
        background: {FIELD}; border: 1px solid {LINE}; border-radius: {s(4)}px; padding: 0 {s(6)}px; }}
    QLineEdit:focus, QComboBox:focus, QDateEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {{
        border: 2px solid {INK}; min-height: {low - 2}px; }}
    QAbstractSpinBox QLineEdit, QAbstractSpinBox QLineEdit:focus {{ border: none; padding: 0 0 0 {s(6)}px;
        min-height: 0; background: transparent; }}
    QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {{
        width: 0; height: 0; border: none; subcontrol-origin: border; }}
    QComboBox::drop-down, QDateEdit::drop-down {{ subcontrol-origin: padding;
        subcontrol-position: center right; width: {s(24)}px; border: none; }}
    QComboBox QAbstractItemView {{ background: {FIELD}; selection-background-color: {DARK};
                                   selection-color: {WHITE}; }}
    QCheckBox {{ spacing: {s(8)}px; min-height: {low + 2}px; font-size: {s(15)}px; }}
    QCheckBox::indicator {{ width: {s(20)}px; height: {s(20)}px; }}
    QTableView, QTableWidget, QTreeWidget, QListWidget, QPlainTextEdit, QTextEdit, QTextBrowser {{
        background: {FIELD}; border: 2px solid {LINE}; gridline-color: {ZONE_A};
        alternate-background-color: {PLOT}; selection-background-color: {DARK}; selection-color: {WHITE};
        font-size: {s(14)}px; }}
    QTableView:focus, QTableWidget:focus, QTreeWidget:focus, QListWidget:focus, QPlainTextEdit:focus,
    QTextEdit:focus, QTextBrowser:focus {{ border: 2px solid {INK}; }}
    QTableView::item:selected, QTableWidget::item:selected, QTreeWidget::item:selected {{
        background: {DARK}; color: {WHITE}; }}
    QTreeWidget::item {{ padding: {s(5)}px; }}
    QHeaderView::section {{ padding: {s(4)}px; font-weight: bold; color: {INK}; }}
    QTabBar::tab {{ background: {ZONE_A}; border: 1px solid {LINE}; min-height: {low}px; font-size: {s(15)}px;
                    padding: 0 {s(14)}px; margin-right: {s(3)}px; }}
    QTabBar::tab:selected {{ background: {DARK}; color: {WHITE}; }}
    QTabBar::tab:selected:focus {{ border: 2px dashed {WHITE}; }}
    QTabWidget::pane {{ border: 1px solid {LINE}; background: {TILE}; }}
    QScrollBar:horizontal {{ height: {s(22)}px; background: {ZONE_A}; }}
    QScrollBar::handle:horizontal {{ background: {LINE}; min-width: {s(24)}px; border-radius: {s(3)}px; }}
    """
    )
