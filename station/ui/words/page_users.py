"""Words of the window: page, users."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QT_TRANSLATE_NOOP

WORDS: Final = {
    "page.users.name": QT_TRANSLATE_NOOP("page", "Name"),
    "page.users.role": QT_TRANSLATE_NOOP("page", "Role"),
    "page.users.active": QT_TRANSLATE_NOOP("page", "State"),
    "page.users.pin": QT_TRANSLATE_NOOP("page", "PIN"),
    "page.users.badge": QT_TRANSLATE_NOOP("page", "Badge"),
    "page.users.changed": QT_TRANSLATE_NOOP("page", "Changed"),
    "page.users.by": QT_TRANSLATE_NOOP("page", "By"),
    "page.users.on": QT_TRANSLATE_NOOP("page", "active"),
    "page.users.off": QT_TRANSLATE_NOOP("page", "inactive"),
    "page.users.hint": QT_TRANSLATE_NOOP(
        "page",
        "To add: name, role, and a PIN (at least 6 characters) or a badge. To change: choose the "
        "person in the list first",
    ),
    "page.users.add": QT_TRANSLATE_NOOP("page", "Add"),
    "page.users.set_role": QT_TRANSLATE_NOOP("page", "Set role"),
    "page.users.set_pin": QT_TRANSLATE_NOOP("page", "Set PIN"),
    "page.users.set_badge": QT_TRANSLATE_NOOP("page", "Set badge"),
    "page.users.no_badge": QT_TRANSLATE_NOOP("page", "Remove badge"),
    "page.users.disable": QT_TRANSLATE_NOOP("page", "Disable"),
    "page.users.enable": QT_TRANSLATE_NOOP("page", "Enable"),
    "page.users.missing": QT_TRANSLATE_NOOP("page", "Fill in the field first"),
    "page.users.added": QT_TRANSLATE_NOOP("page", "Added: {name}"),
    "page.users.changed_": QT_TRANSLATE_NOOP("page", "Changed: {name}"),
}
