"""Bytes of one object, down and up."""

import os
import subprocess
from functools import partial

from granary import Granary
from lfs_peers import Giftless, Nginx
from lfs_stage import Stage
from measure import Series, in_turns
from processes import BenchError, Server
from report import GIB, Bar, Row, scaled, speed

# Downloads of the file servers in a round: they are short, and one that nothing disturbs shall be among them.
DOWNLOADS = 5


class Bytes:
    """Downloads and uploads of one large object."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def get(self) -> None:
        """Downloads of one object."""
        item = self._stage.object("get", self._stage.options.size, 1)
        self._stage.nginx.offer(item)
        for side in self._stage.hubs:
            with Server(side.subject.launch()) as server:
                side.upload(item, server)
        series = in_turns(
            self._stage.options.rounds * DOWNLOADS,
            [(side.subject, partial(side.download, item)) for side in self._stage.files])
        if (giftless := self._stage.giftless) is not None:
            series.join(in_turns(self._stage.options.rounds, [(giftless.subject, partial(giftless.download, item))]))
        self._stage.report.rounds["GET"] = series.record()
        self._add_bytes_rows("GET", series, Nginx.name, Bar(at_most=2, aim=1.2), Bar(at_least=0.8))
        self._add_bytes_rows("GET", series, Giftless.name)
        self._stage.forget([item])

    def put(self) -> None:
        """Uploads of a new object each round, with the server's check of its SHA-256."""
        series = Series()
        passes: dict[str, list[float]] = {"openssl": [], "sha256sum": []}
        for index in range(self._stage.options.rounds):
            item = self._stage.object("put", self._stage.options.size, 100 + index)
            for side in self._stage.sides:
                series.add(side.subject, partial(side.upload, item))
                side.forget(item)
            passes["openssl"].append(cpu_of(["openssl", "dgst", "-sha256", str(item.path)]))
            passes["sha256sum"].append(cpu_of(["sha256sum", str(item.path)]))
        self._stage.report.rounds["PUT"] = series.record()
        self._stage.report.rounds["SHA-256"] = passes
        self._add_put_rows(series, passes)

    def _add_put_rows(self, series: Series, passes: dict[str, list[float]]) -> None:
        per_gib = GIB / self._stage.options.size
        ours, plain = scaled(series.cpu(Granary.name), per_gib), scaled(series.cpu(Nginx.name), per_gib)
        for program, bar in (("openssl", Bar(at_most=1.3)), ("sha256sum", None)):
            once = min(passes[program]) * per_gib
            both = plain + once if plain is not None else None
            peer = f"nginx WebDAV PUT + {program}"
            self._stage.report.rows.append(Row("PUT, verified: CPU s per GiB", ours, peer, both, bar))
        self._add_bytes_rows("PUT, verified", series, Nginx.name)
        self._add_bytes_rows("PUT, verified", series, Giftless.name)

    def _add_bytes_rows(
        self, title: str, series: Series, peer: str, cost: Bar | None = None, pace: Bar | None = None
    ) -> None:
        if peer not in series.samples:
            return
        size = self._stage.options.size
        self._stage.add(f"{title}: CPU s per GiB", series.cpu, peer, GIB / size, cost)
        self._stage.add(f"{title}: MiB/s", lambda name: speed(size, series.wall(name)), peer, 1, pace)


def cpu_of(command: list[str]) -> float:
    """CPU seconds of a program that runs to its end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
