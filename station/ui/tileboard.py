"""The tiles of the operator's page: one for each channel of the bench, in one row or in two."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from station.ui.desk import Desk
from station.ui.mirror import Mirror
from station.ui.style import Sizes
from station.ui.texts import Texts
from station.ui.tile import ChannelTile
from station.ui.tileview import tile_view
from station.ui.views import BenchInfo

ONE_ROW = 4
"""Up to this many channels stand in one row; more in two."""


class TileBoard(QWidget):
    """Passes on what is done with its tiles, each time with the channel."""

    chosen = Signal(str)
    opened = Signal(str)
    acted = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: dict[str, ChannelTile] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)

    @property
    def compact(self) -> bool:
        """Two rows: less room for each."""
        return len(self.tiles) > ONE_ROW

    def build(self, bench: BenchInfo | None) -> None:
        """Other channels than before; sizes and words are the page's to give anew."""
        for tile in self.tiles.values():
            self._grid.removeWidget(tile)
            tile.deleteLater()
        self.tiles = {}
        if bench is None:
            return
        columns = len(bench.channels) if len(bench.channels) <= ONE_ROW else (len(bench.channels) + 1) // 2
        for index, info in enumerate(bench.channels):
            tile = ChannelTile(info.id)
            tile.chosen.connect(self.chosen)
            tile.opened.connect(self.opened)
            tile.acted.connect(self.acted)
            self.tiles[info.id] = tile
            self._grid.addWidget(tile, index // columns, index % columns)
            self._grid.setColumnStretch(index % columns, 1)
            self._grid.setRowStretch(index // columns, 1)

    def refresh(self, mirror: Mirror, desk: Desk, texts: Texts) -> None:
        """Bring every tile up to date; cheap when nothing changed."""
        speed = mirror.bench.speed if mirror.bench else None
        gap_s = 2.0 * max(speed or 1.0, 1.0)
        for channel, tile in self.tiles.items():
            slot = mirror.slots[channel]
            tile.show_view(tile_view(slot, desk, texts))
            tile.show_curves(slot, gap_s)

    def in_left_half(self, channel: str) -> bool:
        """Whether the channel's tile is left of the middle; so is one that does not exist."""
        tile = self.tiles.get(channel)
        return tile is None or tile.geometry().center().x() < self.width() // 2

    def in_tab_order(self) -> Iterator[QWidget]:
        """Each tile, and its buttons after it."""
        for tile in self.tiles.values():
            yield tile
            yield from tile.action_row.in_order()

    def set_texts(self, texts: Texts) -> None:
        """Words that do not depend on a channel's state."""
        for tile in self.tiles.values():
            tile.set_texts(texts)

    def set_sizes(self, sizes: Sizes) -> None:
        """Fit every tile to the window."""
        self._grid.setSpacing(sizes.px(7))
        for tile in self.tiles.values():
            tile.set_sizes(sizes, self.compact)
