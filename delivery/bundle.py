"""``python3 run.py bundle [--prove] …``: the self-contained folder for this computer's system."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from delivery.licences import brought_along, copy_licences
from delivery.places import BUILD, BUNDLE, DIST, ROOT, archive, megabytes, size_bytes

EXTRAS = frozenset({"window", "neware", "site", "plant"})


def build() -> float:
    """Make ``dist/pulse-station``. Returns the time in s. Raises CalledProcessError."""
    began = time.monotonic()
    shutil.rmtree(BUNDLE, ignore_errors=True)
    subprocess.run(
        [
            sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
            "--distpath", str(DIST), "--workpath", str(BUILD / "bundle"),
            str(ROOT / "delivery" / "station.spec"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )  # fmt: skip
    _add_beside(BUNDLE)
    return time.monotonic() - began


def _add_beside(folder: Path) -> None:
    """What people and the system need beside the programs."""
    for name in ("LICENSE", "NOTICE", "README.md", "README.zh-CN.md"):
        shutil.copy(ROOT / name, folder / name)
    shutil.copy(ROOT / "docs" / "delivery.md", folder / "DELIVERY.md")
    silent = copy_licences(brought_along("pulse-station", EXTRAS), folder / "licences")
    # Wheels of Qt name the LGPL without its text; the system has it.
    for name in ("LGPL-3", "GPL-3"):
        text = Path("/usr/share/common-licenses") / name
        if text.exists():
            shutil.copy(text, folder / "licences" / name)
    if silent:
        print(f"no licence text in the package, only its metadata: {', '.join(silent)}", file=sys.stderr)
    if sys.platform.startswith("linux"):
        shutil.copytree(ROOT / "delivery" / "linux", folder / "linux")
        for script in ("install.sh", "start.sh"):
            (folder / "linux" / script).chmod(0o755)
            (folder / "linux" / script).replace(folder / script)


def pack(folder: Path, target: Path) -> float:
    """``folder`` as ``target``. Returns the time in s."""
    began = time.monotonic()
    target.unlink(missing_ok=True)
    with tarfile.open(target, "w:gz", compresslevel=6) as stream:
        stream.add(folder, folder.name)
    return time.monotonic() - began


def main() -> int:
    """Build, pack, and with ``--prove`` run the packed bundle far from here."""
    parser = argparse.ArgumentParser(prog="run.py bundle")
    parser.add_argument("--prove", action="store_true", help="run the packed bundle without this project")
    parser.add_argument("--only-prove", action="store_true", help="the same, with the archive that is there")
    parser.add_argument("--no-archive", action="store_true", help="leave the folder unpacked only")
    parser.add_argument("--pictures", type=Path, default=None, help="keep the proof's pictures here")
    options = parser.parse_args()
    target = archive("bundle")
    if not options.only_prove:
        print(f"built in {build():.0f} s: {BUNDLE}, {megabytes(size_bytes(BUNDLE))}", flush=True)
        if not options.no_archive or options.prove:
            took_s = pack(BUNDLE, target)
            print(f"packed in {took_s:.0f} s: {target}, {megabytes(target.stat().st_size)}", flush=True)
    if options.prove or options.only_prove:
        from delivery.prove_bundle import prove

        return prove(target, options.pictures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
