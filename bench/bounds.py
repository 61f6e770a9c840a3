"""Bounds that this software sets itself: each is printed beside what was measured, and `make bench` collects them at its end.

python bench/bounds.py encoding.py "growth.py --counts 10000"     runs scripts of this folder, then tells all their bounds
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

MARK = "bound: "


def at_most(what: str, measured: float, bound: float, unit: str = "") -> None:
    _tell(what, measured, f"at most {bound:g}{unit}", measured <= bound, unit)


def at_least(what: str, measured: float, bound: float, unit: str = "") -> None:
    _tell(what, measured, f"at least {bound:g}{unit}", measured >= bound, unit)


def _tell(what: str, measured: float, bound: str, holds: bool, unit: str) -> None:
    print(f"{MARK}{'held  ' if holds else 'MISSED'} {what}: {measured:.4g}{unit}, {bound}", flush=True)


def main(commands: list[str]) -> int:
    """Run each script and show what it prints; 1 where one of them broke. A bound that is missed is told, not an error."""
    told, broken = [], []
    for command in commands:
        script, *options = command.split()
        print(f"== {command}", flush=True)
        run = subprocess.Popen(
            [sys.executable, "-u", str(Path(__file__).with_name(script)), *options], stdout=subprocess.PIPE, text=True
        )
        assert run.stdout is not None
        for line in run.stdout:
            print(line, end="", flush=True)
            if line.startswith(MARK):
                told.append(line.removeprefix(MARK))
        if run.wait():
            broken.append(command)
        print(flush=True)
    print("".join(["== bounds\n", *told]), end="")
    for command in broken:
        print(f"broken off: {command}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
