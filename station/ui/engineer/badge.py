"""Which scans are badges: ``#ID#…#``. A plain code counts as a badge only at the door itself."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MARK: Final = "#ID#"


def is_badge(raw: str) -> bool:
    """Whether this scan is a badge. It must then be shown and kept nowhere."""
    text = unicodedata.normalize("NFKC", raw).strip().upper()
    return re.sub(r"^\][A-Z][0-9A-Z]", "", text).startswith(MARK)
