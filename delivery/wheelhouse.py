"""``python3 run.py wheelhouse [--prove]``: wheels, sources and an install script for a site offline."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from delivery.away import away, bare_environment
from delivery.bundle import pack
from delivery.places import DIST, ROOT, WHEELHOUSE, archive, megabytes, size_bytes

BUILDERS = ("pip", "setuptools>=77", "wheel")
"""Installed from the wheelhouse, too, so that the sources can be changed and installed again at the site."""


def build(extras: str) -> float:
    """Make the folder. Returns the time in s. Raises CalledProcessError."""
    began = time.monotonic()
    shutil.rmtree(WHEELHOUSE, ignore_errors=True)
    wheels = WHEELHOUSE / "wheels"
    environment = {
        **os.environ,
        "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--wheel-dir",
            str(wheels),
            f"{ROOT}[{extras}]",
            *BUILDERS,
        ],
        env=environment,
        cwd=DIST.parent,
        check=True,
    )
    _sources(WHEELHOUSE / "source")
    for name in ("constraints.txt", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, WHEELHOUSE / name)
    script = WHEELHOUSE / "install-offline.py"
    shutil.copy(ROOT / "delivery" / "install_offline.py", script)
    script.chmod(0o755)
    return time.monotonic() - began


def _sources(target: Path) -> None:
    """The files under version control, or all but what is made, where git is not."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    if listed.returncode != 0:
        skip = {"build", "dist", ".venv", "__pycache__", "demo-data"}
        files = (item for item in ROOT.rglob("*") if item.is_file())
        names = [str(f.relative_to(ROOT)) for f in files if not skip & set(f.relative_to(ROOT).parts)]
    for name in names:
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def prove(packed: Path) -> int:
    """Unpack it elsewhere, install from it alone into a new environment, run the headless demo."""
    with away() as place:
        shutil.unpack_archive(packed, place, filter="tar")
        home = bare_environment(place / "家 目录", PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull)
        python = str(Path(sys.base_prefix) / "bin" / "python3") if os.name != "nt" else sys.executable
        began = time.monotonic()
        script = place / WHEELHOUSE.name / "install-offline.py"
        subprocess.run([python, str(script), "--to", str(place / "装 好")], env=home, cwd=place, check=True)
        took_s = time.monotonic() - began
        station = place / "装 好" / "bin" / "station"
        done = subprocess.run(
            [str(station), "demo", "--headless", "--speed", "20", "--json", "--data", str(place / "数据")],
            env=home, cwd=place, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        result = json.loads(done.stdout) if done.stdout else {}
        where = subprocess.run(
            [str(station.with_name("python")), "-c", "import station, sys; print(station.__file__)"],
            env=home, cwd=place, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True,
        ).stdout.strip()  # fmt: skip
        inside = where.startswith(str(place))
        found = {
            "installed_in_s": round(took_s, 1), "environment": megabytes(size_bytes(place / "装 好")),
            "exit_code": done.returncode, "verdict": result.get("verdict"), "runs_from_the_new_place": inside,
        }  # fmt: skip
        print(json.dumps(found, indent=2))
        (DIST / "proof-wheelhouse.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
        return 0 if done.returncode in (0, 1, 3) and inside else 1


def main() -> int:
    """Build, pack, and with ``--prove`` install from it."""
    parser = argparse.ArgumentParser(prog="run.py wheelhouse")
    parser.add_argument("--extras", default="window,neware", help="extras of pulse-station to pack")
    parser.add_argument("--prove", action="store_true", help="install from it alone and run the demo")
    parser.add_argument("--only-prove", action="store_true", help="the same, with the archive that is there")
    options = parser.parse_args()
    target = archive("wheelhouse")
    if not options.only_prove:
        took_s, count = build(options.extras), len(list((WHEELHOUSE / "wheels").glob("*.whl")))
        print(
            f"{count} wheels in {took_s:.0f} s: {WHEELHOUSE}, {megabytes(size_bytes(WHEELHOUSE))}", flush=True
        )
        pack(WHEELHOUSE, target)
        print(f"packed: {target}, {megabytes(target.stat().st_size)}", flush=True)
    return prove(target) if options.prove or options.only_prove else 0


if __name__ == "__main__":
    sys.exit(main())
