"""``python -m station.lifecycle``: print docs/state-machine.md."""

from __future__ import annotations

import sys

from station.lifecycle.drawing import page

if __name__ == "__main__":
    sys.stdout.write(page())
