"""httpx without its command line: that alone would load rich, click and pygments, 0.12 s of every start."""

from __future__ import annotations

import sys
from types import ModuleType


def light_httpx() -> ModuleType:
    """The library; where something has imported it before, as it is.

    httpx goes without its command line where the packages for it are missing; a module that is None in
    ``sys.modules`` is as good as missing (Python reference, "The module cache").
    """
    if "httpx" not in sys.modules:
        sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    import httpx

    return httpx
