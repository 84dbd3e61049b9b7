"""Results: rows of a Markdown table, and the JSON file."""

import json
import os
import platform
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MIB = 1 << 20
GIB = 1 << 30


@dataclass(frozen=True)
class Bar:
    """What a result must reach: a limit of the ratio to the peer, or of Granary's own value."""

    at_most: float | None = None
    at_least: float | None = None
    of_ratio: bool = True
    aim: float | None = None

    def text(self) -> str:
        """As the table writes it."""
        sign, limit = ("≤", self.at_most) if self.at_most is not None else ("≥", self.at_least)
        aim = f", aim {self.aim:g}" if self.aim is not None else ""
        return f"{'ratio ' if self.of_ratio else ''}{sign} {limit:.3g}{aim}"

    def is_met(self, value: float) -> bool:
        """Whether the value keeps the limit."""
        if self.at_most is not None:
            return value <= self.at_most
        return self.at_least is None or value >= self.at_least


@dataclass(frozen=True)
class Row:
    """One result: Granary's value, and that of one peer."""

    measure: str
    granary: float | None
    peer: str | None = None
    peer_value: float | None = None
    bar: Bar | None = None

    @property
    def ratio(self) -> float | None:
        """Granary's value in units of the peer's."""
        return self.granary / self.peer_value if self.granary is not None and self.peer_value else None

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None when there is none or something was not measured."""
        value = self.ratio if self.bar is not None and self.bar.of_ratio else self.granary
        return self.bar.is_met(value) if self.bar is not None and value is not None else None

    def cells(self) -> list[str]:
        """The columns of the table."""
        return [
            self.measure, number(self.granary), self.peer or "–", number(self.peer_value), number(self.ratio),
            self.bar.text() if self.bar else "–", {True: "met", False: "**missed**", None: "–"}[self.met],
        ]


@dataclass
class Report:
    """Everything that one run found out."""

    title: str
    parameters: dict[str, Any]
    versions: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    rounds: dict[str, Any] = field(default_factory=dict)

    def markdown(self) -> str:
        """The table with what is needed to read it."""
        head = ["measure", "Granary", "peer", "peer's value", "ratio", "bar", ""]
        rule = ["---", "---:", "---", "---:", "---:", "---", "---"]
        table = [f"| {' | '.join(cells)} |" for cells in [head, rule, *(row.cells() for row in self.rows)]]
        facts = ", ".join(f"{name} {text}" for name, text in (machine() | self.versions).items())
        options = ", ".join(f"{name} {text}" for name, text in self.parameters.items())
        return "\n".join([f"### {self.title}", "", f"{facts}. {options}.", "", *table, "", *self.notes])

    def write(self, path: Path) -> None:
        """Writes the JSON file."""
        document = {
            "title": self.title, "machine": machine(), "versions": self.versions, "parameters": self.parameters,
            "rows": [vars(row) | {"bar": row.bar.text() if row.bar else None, "ratio": row.ratio, "met": row.met}
                     for row in self.rows],
            "notes": self.notes, "rounds": self.rounds,
        }
        path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def number(value: float | None) -> str:
    """Three significant digits, without an exponent."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def scaled(value: float | None, factor: float) -> float | None:
    """The product; None when there is no value."""
    return None if value is None else value * factor


def speed(size: int, seconds: float | None) -> float | None:
    """MiB/s; None when there is no time."""
    return size / MIB / seconds if seconds else None


def machine() -> dict[str, str]:
    """What numbers depend on and ratios mostly do not."""
    model = next((line.partition(":")[2].strip() for line in
                  Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if line.startswith("model name")), "?")
    return {"CPU": f"{model} × {os.cpu_count()}", "Linux": platform.release().partition("-")[0]}


def version(command: list[str]) -> str:
    """The first line that a command prints about its version."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except OSError:
        return "not installed"
    lines = (run.stdout + run.stderr).strip().splitlines()
    return lines[0].strip() if lines else "unknown"
