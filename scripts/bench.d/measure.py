"""One measurement of one server, and the best of several rounds."""

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from processes import Launch, PeakRSS, Server

# Starts and stops without work whose median is taken off every measurement.
STOP_ROUNDS = 3

# What clients do with a running server.
Work = Callable[[Server], None]


@dataclass(frozen=True)
class Sample:
    """What one piece of work cost."""

    # CPU seconds of all the server's processes, without start and stop.
    cpu: float
    # Seconds that the clients took.
    wall: float
    # Resident bytes before the work, and the most that was seen during it.
    idle_rss: int
    peak_rss: int


class Subject:
    """A server that is measured: Granary or a peer of it."""

    def __init__(self, name: str, launch: Callable[[], Launch]) -> None:
        self.name = name
        self.launch = launch
        self._stop_cost: float | None = None

    def stop_cost(self) -> float:
        """CPU seconds between "ready" and the end of a server that was asked for nothing."""
        if self._stop_cost is None:
            self._stop_cost = statistics.median(self._cost_after_ready() for _ in range(STOP_ROUNDS))
        return self._stop_cost

    def _cost_after_ready(self) -> float:
        with Server(self.launch()) as server:
            before = server.cpu_until_now()
        return (server.cpu_in_all or 0.0) - before

    def sample(self, work: Work, warm_up: Work | None = None) -> Sample:
        """Starts the server, lets the clients work, stops it.

        The warm-up, if any, comes before everything that is measured.
        """
        idle_cost = self.stop_cost()
        with Server(self.launch()) as server:
            if warm_up is not None:
                warm_up(server)
            before = server.cpu_until_now()
            with PeakRSS(server) as memory:
                started = time.perf_counter()
                work(server)
                wall = time.perf_counter() - started
        cpu = max((server.cpu_in_all or 0.0) - before - idle_cost, 0.0)
        return Sample(cpu, wall, memory.idle, memory.peak)


class Series:
    """The samples of several subjects for one measure, taken in turns."""

    def __init__(self) -> None:
        self.samples: dict[str, list[Sample]] = {}

    def add(self, subject: Subject, work: Work, warm_up: Work | None = None) -> None:
        """Takes one more sample."""
        self.samples.setdefault(subject.name, []).append(subject.sample(work, warm_up))

    def join(self, other: "Series") -> None:
        """Takes over the samples of another series, of other subjects."""
        self.samples |= other.samples

    def cpu(self, name: str) -> float | None:
        """The least CPU seconds of a subject's rounds: what the work costs when nothing disturbs it."""
        return min((sample.cpu for sample in self.samples.get(name, [])), default=None)

    def wall(self, name: str) -> float | None:
        """The least wall-clock seconds of a subject's rounds."""
        return min((sample.wall for sample in self.samples.get(name, [])), default=None)

    def peak_rss(self, name: str) -> int | None:
        """The most resident bytes of a subject's rounds."""
        return max((sample.peak_rss for sample in self.samples.get(name, [])), default=None)

    def rss_over_idle(self, name: str) -> int | None:
        """The most resident bytes over those before the work."""
        return max((sample.peak_rss - sample.idle_rss for sample in self.samples.get(name, [])), default=None)

    def record(self) -> dict[str, Any]:
        """All rounds, for the JSON file."""
        return {name: [asdict(sample) for sample in samples] for name, samples in self.samples.items()}


def in_turns(rounds: int, subjects: Sequence[tuple[Subject, Work]]) -> Series:
    """Samples A, B, A, B, …, so that slow changes of the machine hit all alike."""
    series = Series()
    for _ in range(rounds):
        for subject, work in subjects:
            series.add(subject, work)
    return series
