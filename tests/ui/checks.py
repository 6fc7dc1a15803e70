"""What must hold of every screen, whatever is on it: sizes, whole texts, contrast, names, keys.

Each check takes a shown window and gives what is wrong as words; nothing here knows any page.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLayout,
    QLineEdit,
    QStackedLayout,
    QTabBar,
    QWidget,
)

from tests.ui.whole import cut

GLOVES_MM: Final = 20.0
BARE_MM: Final = 10.0
CONTRAST: Final = 4.5
Check = Callable[[QWidget], list[str]]


def name_of(widget: QWidget) -> str:
    """Enough to find it in the code."""
    words = getattr(widget, "text", None)
    said = str(words()) if callable(words) else widget.accessibleName()
    return f"{type(widget).__name__} {widget.objectName()} {said[:60]!r}"


def shown(root: QWidget, *kinds: type[QWidget]) -> Iterator[Any]:
    """What is to be seen of these kinds, without Qt's own inner parts."""
    everything = _seen[1] if _seen and _seen[0] is root else _look(root)
    return (widget for widget in everything if isinstance(widget, kinds or QWidget))


_seen: tuple[QWidget, list[QWidget]] | None = None


@contextmanager
def one_look(root: QWidget) -> Iterator[None]:
    """What is to be seen is found once for all checks of a screen, none of which changes it."""
    global _seen
    _seen = (root, _look(root))
    try:
        yield
    finally:
        _seen = None


def _look(root: QWidget) -> list[QWidget]:
    return [
        widget
        for widget in root.findChildren(QWidget)
        if widget.isVisible() and not widget.visibleRegion().isEmpty() and not _inner(widget)
    ]


def _inner(widget: QWidget) -> bool:
    """The corner of a table, the arrows of a scroll bar, the editor inside a box."""
    return widget.objectName().startswith("qt_") or isinstance(
        widget.parent(), (QAbstractItemView, QComboBox)
    )


# -- sizes ---------------------------------------------------------------------------------------


def small_controls(root: QWidget) -> list[str]:
    """What is pressed, under 20 mm on this screen in either direction; under 10 mm where hands are bare.

    A part says by its property ``hands`` (``bare`` or ``gloves``) for whom it and all in it is.
    """
    dpi = root.screen().physicalDotsPerInch()
    dpi = dpi if 60 <= dpi <= 400 else 96.0
    found = []
    for control in shown(root, QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QTabBar):
        high, wide = (pixels / dpi * 25.4 for pixels in (control.height(), control.width()))
        least = BARE_MM if hands_of(control) == "bare" else GLOVES_MM
        if min(high, wide) < least - 0.1:
            found.append(f"{name_of(control)}: {wide:.1f} × {high:.1f} mm of {least:g}")
    return found


def hands_of(control: QWidget) -> str:
    """For gloves, unless it or what it lies in says otherwise."""
    part: QWidget | None = control
    while part is not None:
        if part.property("hands"):
            return str(part.property("hands"))
        part = part.parentWidget()
    return "gloves"


# -- texts ---------------------------------------------------------------------------------------


def cut_texts(root: QWidget) -> list[str]:
    """Texts that are cut, elided or hidden behind the edge of the window."""
    found = [f"{name_of(each)}: {why}" for each in shown(root) if (why := cut(each))]
    for widget in shown(root, QLabel, QAbstractButton):
        if _scrolls(widget):
            continue
        at, room = widget.mapTo(root, QPoint(0, 0)), root.rect()
        seen = room.intersected(QRect(at, widget.size()))
        if seen.width() < widget.width() - 1 or seen.height() < widget.height() - 1:
            found.append(f"{name_of(widget)}: only {seen.width()} × {seen.height()} px of it are seen")
    return found


def _scrolls(widget: QWidget) -> bool:
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QAbstractScrollArea):
            return True
        parent = parent.parentWidget()
    return False


def parts_over_each_other(root: QWidget) -> list[str]:
    """Parts of one layout over each other, or beyond what they are in: there was no room for them."""
    found = []
    for parent in (root, *shown(root)):
        if parent.layout() is None:
            continue
        laid = [each for each in _laid_out(parent.layout()) if each.isVisible()]
        for one, other in itertools.combinations(laid, 2):
            over = one.geometry().intersected(other.geometry())
            if over.width() > 1 and over.height() > 1:
                found.append(f"{name_of(one)} over {name_of(other)}")
        found += [
            f"{name_of(each)} beyond {name_of(parent)}"
            for each in laid
            if not parent.rect().adjusted(-1, -1, 1, 1).contains(each.geometry()) and not _scrolls(each)
        ]
    return found


def _laid_out(layout: QLayout) -> Iterator[QWidget]:
    if isinstance(layout, QStackedLayout):
        return
    for index in range(layout.count()):
        item = layout.itemAt(index)
        if item is not None and (widget := item.widget()) is not None:
            yield widget
        elif item is not None and (inner := item.layout()) is not None:
            yield from _laid_out(inner)


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
    """Parts that lie beyond the edge of the window, and a window that grew beyond the size it was given."""
    size: QSize = root.property("asked") or root.size()
    found = [] if size == root.size() else [f"the window is {root.width()} × {root.height()}"]
    for widget in shown(root, QAbstractButton, QLineEdit, QLabel):
        at = widget.mapTo(root, QPoint(0, 0))
        beyond = at.x() < 0 or at.y() < 0
        beyond |= at.x() + widget.width() > size.width() or at.y() + widget.height() > size.height()
        if beyond and not _scrolls(widget):
            found.append(name_of(widget))
    return found


def sideways(root: QWidget) -> list[str]:
    """Lists, tables and texts that scroll sideways."""
    return [
        name_of(area)
        for area in shown(root, QAbstractScrollArea)
        if area.horizontalScrollBar().maximum() > 0 and not area.visibleRegion().isEmpty()
    ]


CHECKS: Final[dict[str, Check]] = {
    "small controls": small_controls,
    "cut texts": cut_texts,
    "parts over each other": parts_over_each_other,
    "pale texts": pale_texts,
    "controls without a name": unnamed,
    "controls without the Tab key": unreached,
    "parts beyond the window": outside,
    "parts that scroll sideways": sideways,
}
ONCE: Final = frozenset({"pale texts", "controls without the Tab key"})
"""Colours and the order of keys are the same in a larger window and in another language."""
IN_OURS: Final = frozenset({"parts that scroll sideways"})
"""In the languages there are: a table whose headings are 40 % longer may scroll, it cuts none."""
