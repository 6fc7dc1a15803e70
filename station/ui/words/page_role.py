"""Words of the window: page, role."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.role.operator": QT_TRANSLATE_NOOP("page", "Operator"),
    "page.role.engineer": QT_TRANSLATE_NOOP("page", "Engineer"),
    "page.role.admin": QT_TRANSLATE_NOOP("page", "Administrator"),
}
