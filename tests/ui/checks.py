"""What must hold of every screen, whatever is on it: sizes, whole texts, contrast, names, keys.

Each check takes a shown window and gives what is wrong as words; nothing here knows any page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QFontMetrics, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QTableWidget,
    QWidget,
)

BUTTON_MM: Final = 20.0
CONTRAST: Final = 4.5
Check = Callable[[QWidget], list[str]]


def name_of(widget: QWidget) -> str:
    """Enough to find it in the code."""
    words = getattr(widget, "text", None)
    said = str(words()) if callable(words) else widget.accessibleName()
    return f"{type(widget).__name__} {widget.objectName()} {said[:60]!r}"


def shown(root: QWidget, *kinds: type[QWidget]) -> Iterator[Any]:
    """What is to be seen of these kinds, without Qt's own inner parts."""
    for widget in root.findChildren(QWidget):
        if (
            isinstance(widget, kinds or QWidget)
            and widget.isVisible()
            and not widget.visibleRegion().isEmpty()
            and not _inner(widget)
        ):
            yield widget


def _inner(widget: QWidget) -> bool:
    """The corner of a table, the arrows of a scroll bar, the editor inside a box."""
    return widget.objectName().startswith("qt_") or isinstance(
        widget.parent(), (QAbstractItemView, QComboBox)
    )


# -- sizes ---------------------------------------------------------------------------------------


def small_buttons(root: QWidget) -> list[str]:
    """Buttons under 20 mm on this screen, in either direction."""
    dpi = root.screen().physicalDotsPerInch()
    dpi = dpi if 60 <= dpi <= 400 else 96.0
    found = []
    for button in shown(root, QAbstractButton):
        high, wide = (pixels / dpi * 25.4 for pixels in (button.height(), button.width()))
        if min(high, wide) < BUTTON_MM - 0.3:  # a pixel
            found.append(f"{name_of(button)}: {wide:.1f} × {high:.1f} mm")
    return found


# -- texts ---------------------------------------------------------------------------------------


def cut_texts(root: QWidget) -> list[str]:
    """Texts that are cut, elided or hidden behind the edge of the window."""
    found = [f"{name_of(each)}: {why}" for each in shown(root) if (why := _cut(each))]
    for widget in shown(root, QLabel, QAbstractButton):
        seen = widget.visibleRegion().boundingRect().size()
        if _scrolls(widget):
            continue
        if seen.width() < widget.width() - 1 or seen.height() < widget.height() - 1:
            found.append(f"{name_of(widget)}: only {seen.width()} × {seen.height()} px of it are seen")
    return found


def _scrolls(widget: QWidget) -> bool:
    from PySide6.QtWidgets import QAbstractScrollArea

    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def _cut(widget: QWidget) -> str:
    fits = getattr(widget, "fits", None)
    if callable(fits) and not fits():
        return "does not fit"
    metrics = QFontMetrics(widget.font())
    if isinstance(widget, QLabel):
        return _label(widget, metrics)
    if isinstance(widget, (QCheckBox, QRadioButton)):
        wide = metrics.horizontalAdvance(widget.text()) + 20
        return "" if wide <= widget.width() + 1 else f"{wide} px in {widget.width()}"
    if isinstance(widget, QPushButton):
        lines = widget.text().replace("&", "").split("\n")
        wide = max(metrics.horizontalAdvance(line) for line in lines)
        high = metrics.height() * len(lines)
        fit = wide <= widget.width() - 8 and high <= widget.height()
        return "" if fit else f"{wide} × {high} px in {widget.width()} × {widget.height()}"
    if isinstance(widget, QLineEdit):
        wide = metrics.horizontalAdvance(widget.text() or widget.placeholderText())
        return "" if wide <= widget.contentsRect().width() - 4 else f"{wide} px in {widget.width()}"
    if isinstance(widget, QComboBox):
        wide = metrics.horizontalAdvance(widget.currentText())
        return "" if wide <= widget.width() - 24 else f"{wide} px in {widget.width()}"
    if isinstance(widget, QTableWidget):
        return "; ".join(_cells(widget))
    return ""


def _label(label: QLabel, metrics: QFontMetrics) -> str:
    if not label.text() or label.textFormat() == Qt.TextFormat.RichText:
        return ""
    if label.text().endswith("…") and label.toolTip():
        return "elided"
    room = label.contentsRect()
    flags = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextSingleLine
    if "\n" in label.text():
        flags = Qt.TextFlag.TextWordWrap if label.wordWrap() else Qt.TextFlag.TextExpandTabs
    wide = room.width() if label.wordWrap() else 100_000
    around = metrics.boundingRect(QRect(0, 0, wide, 100_000), flags, label.text())
    fit = around.width() <= room.width() + 1 and around.height() <= room.height() + 2
    return "" if fit else f"{around.width()} × {around.height()} px in {room.width()} × {room.height()}"


def _cells(table: QTableWidget) -> Iterator[str]:
    heads = [table.horizontalHeaderItem(column) for column in range(table.columnCount())]
    rows = [
        [table.item(row, column) for column in range(table.columnCount())] for row in range(table.rowCount())
    ]
    for row in (heads, *rows):
        for column, item in enumerate(row):
            if item is None or table.isColumnHidden(column):
                continue
            font = table.horizontalHeader().font() if row is heads else item.font()
            words = item.text().replace("\u200b", " ").split() if table.wordWrap() else [item.text()]
            longest = max((QFontMetrics(font).horizontalAdvance(word) for word in words), default=0)
            if longest > table.columnWidth(column) - 6:
                yield f"{item.text()[:40]!r} {longest} px in {table.columnWidth(column)}"


# -- contrast ------------------------------------------------------------------------------------


def pale_texts(root: QWidget) -> list[str]:
    """Texts whose strongest stroke stands out from its ground by less than 4.5:1, as painted."""
    picture = root.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ratio = picture.devicePixelRatio()
    wide, high = picture.width(), picture.height()
    pixels = np.frombuffer(picture.constBits(), dtype=np.uint8).reshape(high, picture.bytesPerLine() // 4, 4)
    found = []
    for widget in shown(root, QLabel, QAbstractButton, QLineEdit, QComboBox):
        words = getattr(widget, "text", None)
        text = str(words()).strip() if callable(words) else widget.currentText()
        if not text or not widget.isEnabled():
            continue
        seen = widget.visibleRegion().boundingRect()
        if any(_covered(root, widget, corner) for corner in (seen.topLeft(), seen.bottomRight())):
            continue
        at = widget.mapTo(root, seen.topLeft())
        box = (np.array([at.y(), at.y() + seen.height(), at.x(), at.x() + seen.width()]) * ratio).astype(int)
        part = _luminance(pixels[box[0] + 3 : box[1] - 3, box[2] + 3 : min(box[3], wide) - 3, 2::-1])
        if part.size and (stands := _contrast(part)) < CONTRAST:
            found.append(f"{name_of(widget)}: {stands:.1f}:1")
    return found


def _covered(root: QWidget, widget: QWidget, at: QPoint) -> bool:
    """Whether something else, such as a panel, lies over this point of it."""
    found = root.childAt(widget.mapTo(root, at))
    related = found is None or found is widget or found.isAncestorOf(widget) or widget.isAncestorOf(found)
    return not related


def _luminance(rgb: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Relative luminance after WCAG 2."""
    steps = np.arange(256) / 255
    linear = np.where(steps <= 0.04045, steps / 12.92, ((steps + 0.055) / 1.055) ** 2.4)
    luminance: np.ndarray[Any, Any] = linear[rgb] @ np.array([0.2126, 0.7152, 0.0722])
    return luminance


def _contrast(part: np.ndarray[Any, Any]) -> float:
    """Of the strongest colour against the most frequent one, which is the ground."""
    values, counts = np.unique(part.round(4), return_counts=True)
    ground = float(values[counts.argmax()])
    low, high = float(values[0]), float(values[-1])
    return max((high + 0.05) / (ground + 0.05), (ground + 0.05) / (low + 0.05))


# -- names and keys ------------------------------------------------------------------------------


def controls(root: QWidget) -> list[QWidget]:
    """What can be used by keyboard, or ought to be."""
    usable = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView)
    return [
        widget
        for widget in shown(root)
        if widget.isEnabled()
        and (isinstance(widget, usable) or widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        and not isinstance(widget.focusProxy(), QWidget)
    ]


def unnamed(root: QWidget) -> list[str]:
    """Controls that a screen reader could not call by a name."""
    found = []
    for control in controls(root):
        said = QAccessible.queryAccessibleInterface(control)
        if said is None or not said.text(QAccessible.Text.Name).strip():
            found.append(name_of(control))
    return found


def unreached(root: QWidget) -> list[str]:
    """Controls that the Tab key does not come to."""
    wanted = controls(root)
    missing = {id(control): control for control in wanted if not _checked_sibling(control)}
    if not wanted:
        return []
    wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(2 * len(wanted) + 20):
        focus = QApplication.focusWidget()
        if focus is None:
            return [f"the focus is lost after {len(wanted) - len(missing)} of {len(wanted)} controls"]
        missing.pop(id(focus), None)
        if not missing:
            break
        QTest.keyClick(focus, Qt.Key.Key_Tab)
    return [name_of(control) for control in missing.values()]


def _checked_sibling(control: QWidget) -> bool:
    """Of exclusive buttons Tab comes to the chosen one; arrows lead to the others."""
    group = control.group() if isinstance(control, QAbstractButton) else None
    exclusive = isinstance(control, QAbstractButton) and (
        control.autoExclusive() or (group and group.exclusive())
    )
    if not exclusive or not isinstance(control, QAbstractButton) or control.isChecked():
        return False
    return control.isCheckable()


def outside(root: QWidget) -> list[str]:
    """Parts that lie beyond the edge of the window."""
    size: QSize = root.size()
    found = []
    for widget in shown(root, QAbstractButton, QLineEdit, QLabel):
        at = widget.mapTo(root, QPoint(0, 0))
        beyond = at.x() < 0 or at.y() < 0
        beyond |= at.x() + widget.width() > size.width() or at.y() + widget.height() > size.height()
        if beyond and not _scrolls(widget):
            found.append(name_of(widget))
    return found


CHECKS: Final[dict[str, Check]] = {
    "small buttons": small_buttons,
    "cut texts": cut_texts,
    "pale texts": pale_texts,
    "controls without a name": unnamed,
    "controls without the Tab key": unreached,
    "parts beyond the window": outside,
}
