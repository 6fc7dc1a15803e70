"""Where a bench's service keeps its files, and how others find it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from station.private_file import write_private


@dataclass(frozen=True)
class ServicePaths:
    """The places of one bench inside the data folder."""

    data: Path
    bench: str

    @property
    def folder(self) -> Path:
        """The bench's own folder."""
        return self.data / "benches" / self.bench

    @property
    def address(self) -> Path:
        """Host, port and token of the running service."""
        return self.folder / "service.json"

    @property
    def lock(self) -> Path:
        """Held by the running service."""
        return self.folder / "service.lock"

    @property
    def log(self) -> Path:
        """What the service says for people who look for a fault."""
        return self.folder / "service.log"

    def run(self, run_id: str) -> Path:
        """The folder of one run."""
        return self.data / "runs" / run_id


@dataclass(frozen=True)
class ServiceAddress:
    """How to reach a service; ``token`` goes into every request."""

    host: str
    port: int
    token: str
    pid: int


def write_address(path: Path, address: ServiceAddress) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    write_private(path, json.dumps(asdict(address)))


def read_address(path: Path) -> ServiceAddress | None:
    """What the file says, or None when there is none or it cannot be understood."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return ServiceAddress(str(data["host"]), int(data["port"]), str(data["token"]), int(data["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a stale or half-written file is no address; the caller says so
