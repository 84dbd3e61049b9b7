"""Servers under measurement: start, wait until ready, CPU time, memory, stop."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

READY_SECONDS = 60.0
STOP_SECONDS = 40.0
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# Seconds between two looks at the memory of a server, and looks between two searches for its processes.
SAMPLE_SECONDS = 0.02
SAMPLES_PER_SEARCH = 5


class BenchError(Exception):
    """What stops a benchmark, as a sentence for the person who runs it."""


@dataclass(frozen=True)
class Launch:
    """How a server is started, and how it says that it is ready."""

    command: list[str]
    # A pattern that its output has when it accepts connections.
    ready: str
    # The port it listens on; None when the ready line names it.
    port: int | None
    environment: dict[str, str]
    directory: Path


class Server:
    """A running server; leaving its `with` block stops it."""

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        self._log = launch.directory / "server.log"
        self._report = launch.directory / "server.json"
        self._report.unlink(missing_ok=True)
        self.cpu_in_all: float | None = None

    def __enter__(self) -> "Server":
        supervise = str(Path(__file__).with_name("supervise.py"))
        with self._log.open("wb") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, supervise, str(self._report), *self._launch.command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self._launch.environment, cwd=self._launch.directory, start_new_session=True,
            )
        try:
            self.ready_line = self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _wait_until_ready(self) -> re.Match[str]:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if found := re.search(self._launch.ready, self.log_text()):
                return found
            if self._supervisor.poll() is not None:
                raise self._failure("ended before it was ready")
            time.sleep(0.01)
        raise self._failure(f"was not ready in {READY_SECONDS:.0f} s")

    def _failure(self, what: str) -> BenchError:
        return BenchError(f"{self._launch.command[0]} {what}:\n{self.log_text()[-2000:]}")

    def log_text(self) -> str:
        """What the server has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return self._launch.port or int(self.ready_line["port"])

    def stop(self) -> None:
        """Stops the server and takes down what it cost in all; harmless when it was stopped before."""
        if self._supervisor.poll() is None:
            self._supervisor.send_signal(signal.SIGTERM)
            try:
                self._supervisor.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._supervisor.kill()
                self._supervisor.wait()
        if self.cpu_in_all is None and self._report.exists():
            self.cpu_in_all = json.loads(self._report.read_text(encoding="utf-8"))["cpu"]

    def processes(self) -> list[int]:
        """The server's processes: everything below the supervisor."""
        return descendants(self._supervisor.pid)

    def cpu_until_now(self) -> float:
        """CPU seconds of the running processes and of the children that they have collected."""
        return sum(cpu_of(pid) for pid in self.processes())

    def rss(self) -> int:
        """Resident bytes of all processes; a page that several share counts for each."""
        return sum(rss_of(pid) for pid in self.processes())

    def pss(self) -> int:
        """Resident bytes of all processes; a shared page counts once in all."""
        return sum(pss_of(pid) for pid in self.processes())


class PeakRSS:
    """Watches the resident bytes of a server while its `with` block runs."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.idle = server.rss()
        self.peak = self.idle

    def __enter__(self) -> "PeakRSS":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        looks = 0
        pids: list[int] = []
        while not self._stop.wait(SAMPLE_SECONDS):
            if looks % SAMPLES_PER_SEARCH == 0:
                pids = self._server.processes()
            looks += 1
            self.peak = max(self.peak, sum(rss_of(pid) for pid in pids))


def descendants(root: int) -> list[int]:
    """Children of `root`, their children, and so on."""
    parents: dict[int, int] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        if fields := stat_fields(int(name)):
            parents[int(name)] = int(fields[1])
    found: list[int] = []
    level = [root]
    while level:
        level = [pid for pid, parent in parents.items() if parent in level]
        found += level
    return found


def stat_fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on; empty when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, and of its children that have ended; 0 when it is gone."""
    try:
        # The clock that clock_getcpuclockid(3) gives: nanoseconds, where /proc has hundredths of a second.
        own = time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
    fields = stat_fields(pid)
    return own + (sum(map(int, fields[13:15])) / TICKS_PER_SECOND if fields else 0.0)


def rss_of(pid: int) -> int:
    """Resident bytes of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES
    except (OSError, IndexError):
        return 0


def pss_of(pid: int) -> int:
    """Resident bytes of a process, shared pages divided among those who share; 0 when it is gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0
