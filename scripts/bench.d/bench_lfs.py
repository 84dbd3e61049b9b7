"""`scripts/bench lfs`: Granary's LFS against nginx for the bytes, and giftless for the protocol."""

import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from granary import USER, Granary, http_port
from lfs_client import HTTP, LFSClient, LFSObject, basic, invented_entries, make_object
from lfs_peers import Giftless, Nginx
from lfs_rows import fill
from measure import Series, Subject, Work, in_turns
from processes import BenchError, Server
from report import GIB, MIB, Bar, Report, Row, scaled, speed, version
from workspace import Workspace

PARTS = ["get", "put", "memory", "batch", "rows"]
REPOSITORY = "lfs"
BATCH_OBJECTS = 100
PARALLEL = 8
SMALL_BYTES = 1000
FEW_ROWS = 10_000


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    # None measures the peers only.
    granary: Path | None
    size: int
    rounds: int
    requests: int
    rows: int
    parts: list[str]


@dataclass(frozen=True)
class Side:
    """A server that takes part."""

    subject: Subject
    download: Callable[[LFSObject, Server], None]
    upload: Callable[[LFSObject, Server], None]
    # Removes an object from the server's disk, where that can be done from outside.
    forget: Callable[[LFSObject], None]
    # Makes a client for the protocol; None for nginx, which has none.
    client: Callable[[Server], LFSClient] | None = None

    @property
    def name(self) -> str:
        """The server's name in the report."""
        return self.subject.name


class LFSBench:
    """One run: servers are set up once, the parts measure them."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        workspace.require_space(options.size * (9 + options.rounds))
        self.workspace = workspace
        self.options = options
        self.objects = workspace.directory("objects")
        self.nginx = Nginx(workspace)
        self.report = Report("LFS", self._parameters(), self._versions())
        self.file_server = Side(Subject(Nginx.name, self.nginx.launch), self.nginx.download, self.nginx.upload,
                                self.nginx.forget)
        self.giftless = self._giftless()
        self.granary: Granary | None = None
        self.hub = self._granary(options.granary) if options.granary is not None else None

    def run(self) -> Report:
        """Measures the parts that were asked for."""
        parts = {"get": self.get, "put": self.put, "memory": self.memory, "batch": self.batch, "rows": self.rows}
        for name in self.options.parts:
            parts[name]()
        return self.report

    # Set-up

    def _parameters(self) -> dict[str, object]:
        options = self.options
        return {"Object": f"{options.size // MIB} MiB", "rounds": options.rounds,
                "batches per round": options.requests, "rows": options.rows}

    def _versions(self) -> dict[str, str]:
        return {"nginx": version(["/usr/sbin/nginx", "-v"]).rpartition("/")[2],
                "openssl": version(["openssl", "version"]).removeprefix("OpenSSL ").partition(" ")[0],
                "giftless": "0.6.2 under gunicorn 23.0.0"}

    def _giftless(self) -> Side | None:
        try:
            peer = Giftless(self.workspace)
        except BenchError as error:
            reason = str(error).splitlines()[-1]
            self.report.notes.append(f"giftless was not measured, because it could not be installed: {reason}")
            return None
        return self._protocol_side(Subject(Giftless.name, peer.launch), peer.forget,
                                   lambda server: LFSClient(server.port, Giftless.endpoint, None))

    def _granary(self, binary: Path) -> Side:
        granary = Granary(self.workspace, binary)
        granary.create_repository(REPOSITORY)
        self.granary = granary
        endpoint = granary.git_path(REPOSITORY) + "/info/lfs"
        authorization = basic(USER, granary.token)
        return self._protocol_side(Subject(granary.name, granary.launch), lambda item: None,
                                   lambda server: LFSClient(http_port(server), endpoint, authorization))

    @staticmethod
    def _protocol_side(
        subject: Subject, forget: Callable[[LFSObject], None], client: Callable[[Server], LFSClient]
    ) -> Side:
        return Side(subject, lambda item, server: client(server).download(item),
                    lambda item, server: client(server).upload(item), forget, client)

    @property
    def hubs(self) -> list[Side]:
        """The sides that speak the protocol."""
        return [side for side in (self.hub, self.giftless) if side is not None]

    def _object(self, name: str, size: int, seed: int) -> LFSObject:
        return make_object(self.objects / name, size, seed)

    def _forget(self, items: list[LFSObject]) -> None:
        """Makes room on the disk."""
        for item in items:
            item.path.unlink()
            for side in [self.file_server, *self.hubs]:
                side.forget(item)

    # Bytes

    def get(self) -> None:
        """Downloads of one object."""
        item = self._object("get", self.options.size, 1)
        self.nginx.offer(item)
        for side in self.hubs:
            with Server(side.subject.launch()) as server:
                side.upload(item, server)
        sides = [*self.hubs[:1], self.file_server, *self.hubs[1:]]
        series = in_turns(self.options.rounds, [(side.subject, partial(side.download, item)) for side in sides])
        self.report.rounds["GET"] = series.record()
        self._add_bytes_rows("GET", series, Nginx.name, Bar(at_most=2, aim=1.2), Bar(at_least=0.8))
        self._add_bytes_rows("GET", series, Giftless.name)
        self._forget([item])

    def put(self) -> None:
        """Uploads of a new object each round, with the server's check of its SHA-256."""
        series = Series()
        passes: dict[str, list[float]] = {"openssl": [], "sha256sum": []}
        for index in range(self.options.rounds):
            item = self._object("put", self.options.size, 100 + index)
            for side in [*self.hubs[:1], self.file_server, *self.hubs[1:]]:
                series.add(side.subject, partial(side.upload, item))
                side.forget(item)
            passes["openssl"].append(cpu_of(["openssl", "dgst", "-sha256", str(item.path)]))
            passes["sha256sum"].append(cpu_of(["sha256sum", str(item.path)]))
        self.report.rounds["PUT"] = series.record()
        self.report.rounds["SHA-256"] = passes
        self._add_put_rows(series, passes)

    def _add_put_rows(self, series: Series, passes: dict[str, list[float]]) -> None:
        per_gib = GIB / self.options.size
        ours, plain = scaled(series.cpu(Granary.name), per_gib), scaled(series.cpu(Nginx.name), per_gib)
        for program, bar in (("openssl", Bar(at_most=1.3)), ("sha256sum", None)):
            once = min(passes[program]) * per_gib
            both = plain + once if plain is not None else None
            peer = f"nginx WebDAV PUT + {program}"
            self.report.rows.append(Row("PUT, verified: CPU s per GiB", ours, peer, both, bar))
        self._add_bytes_rows("PUT, verified", series, Nginx.name)
        self._add_bytes_rows("PUT, verified", series, Giftless.name)

    def _add_bytes_rows(
        self, title: str, series: Series, peer: str, cost: Bar | None = None, pace: Bar | None = None
    ) -> None:
        if peer not in series.samples:
            return
        size = self.options.size
        self._add(f"{title}: CPU s per GiB", series.cpu, peer, GIB / size, cost)
        self._add(f"{title}: MiB/s", lambda name: speed(size, series.wall(name)), peer, 1, pace)

    # Memory

    def memory(self) -> None:
        """Memory of one transfer and of several at once, over that of the idle server."""
        for count, limit in ((1, 16.0), (PARALLEL, 64.0)):
            size = self.options.size // (1 if count == 1 else 4)
            items = [self._object(f"memory-{index}", size, 1000 * count + index) for index in range(count)]
            for item in items:
                self.nginx.offer(item)
            # Uploads first: they leave behind what the downloads need.
            for title, verb in (("PUT", "upload"), ("GET", "download")):
                series = self._memory_series(verb, items, count)
                plural = "transfer" if count == 1 else "transfers"
                self.report.rounds[f"{title}, {count} {plural}"] = series.record()
                self._add(f"{title}, {count} {plural}: MiB over idle RSS", series.rss_over_idle, Nginx.name, 1 / MIB,
                          Bar(at_most=limit, of_ratio=False))
            self._forget(items)

    def _memory_series(self, verb: str, items: list[LFSObject], count: int) -> Series:
        series = Series()
        for side in [side for side in (self.hub, self.file_server) if side is not None]:
            small = self._object("small", SMALL_BYTES, len(self.report.rounds) + 7 * count)
            transfer = side.upload if verb == "upload" else side.download
            series.add(side.subject, partial(at_once, transfer, items), partial(side.upload, small))
            side.forget(small)
        return series

    # Protocol

    def batch(self) -> None:
        """Batches over one connection: of objects that nobody has, and of objects that are there."""
        stored = self._stored_objects()
        for title, work in (("upload", self._upload_batches), ("download", partial(self._download_batches, stored))):
            series = in_turns(self.options.rounds, [(side.subject, partial(work, side)) for side in self.hubs])
            self.report.rounds[f"batch, {title}"] = series.record()
            self._add(f"batch of {BATCH_OBJECTS}, {title}: CPU ms", series.cpu, Giftless.name,
                      1000 / self.options.requests, Bar(at_most=5, of_ratio=False))
            self._add(f"batch of {BATCH_OBJECTS}, {title}: wall ms", series.wall, Giftless.name,
                      1000 / self.options.requests)

    def _stored_objects(self) -> list[LFSObject]:
        """Small objects that every hub has."""
        items = [self._object(f"small-{index}", SMALL_BYTES, 10_000 + index) for index in range(BATCH_OBJECTS)]
        for side in self.hubs:
            with Server(side.subject.launch()) as server:
                for item in items:
                    side.upload(item, server)
        return items

    def _upload_batches(self, side: Side, server: Server) -> None:
        assert side.client is not None
        client = side.client(server)
        with HTTP(client.port) as http:
            for _ in range(self.options.requests):
                client.batch(http, "upload", invented_entries(BATCH_OBJECTS))

    def _download_batches(self, items: list[LFSObject], side: Side, server: Server) -> None:
        assert side.client is not None
        client = side.client(server)
        entries = [item.entry for item in items]
        with HTTP(client.port) as http:
            for _ in range(self.options.requests):
                client.batch(http, "download", entries)

    def rows(self) -> None:
        """The same batches with few and with many objects in the repository."""
        if self.granary is None or self.hub is None:
            return
        works: dict[str, Work] = {
            "upload": partial(self._upload_batches, self.hub),
            "download": partial(self._download_batches, self._stored_objects(), self.hub),
        }
        few = self._costs_with_rows(self.granary, self.hub.subject, works, FEW_ROWS)
        many = self._costs_with_rows(self.granary, self.hub.subject, works, self.options.rows)
        for title in works:
            self.report.rows.append(
                Row(f"batch of {BATCH_OBJECTS}, {title}, {self.options.rows:,} rows: CPU ms", many[title],
                    f"Granary, {FEW_ROWS:,} rows", few[title], Bar(at_most=1.5)))

    def _costs_with_rows(
        self, granary: Granary, subject: Subject, works: dict[str, Work], rows: int
    ) -> dict[str, float | None]:
        fill(granary.data, REPOSITORY, rows)
        costs = {}
        for title, work in works.items():
            series = in_turns(self.options.rounds, [(subject, work)])
            self.report.rounds[f"batch, {title}, {rows} rows"] = series.record()
            costs[title] = scaled(series.cpu(subject.name), 1000 / self.options.requests)
        return costs

    # Rows

    def _add(
        self, measure: str, value: Callable[[str], float | None], peer: str, scale: float, bar: Bar | None = None
    ) -> None:
        self.report.rows.append(
            Row(measure, scaled(value(Granary.name), scale), peer, scaled(value(peer), scale), bar))


def at_once(transfer: Callable[[LFSObject, Server], None], items: list[LFSObject], server: Server) -> None:
    """Transfers all objects at the same time."""
    failures: list[BaseException] = []

    def run(item: LFSObject) -> None:
        try:
            transfer(item, server)
        except (BenchError, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise BenchError(f"{len(failures)} of {len(items)} transfers failed; the first: {failures[0]}")


def cpu_of(command: list[str]) -> float:
    """CPU seconds of a program that runs to its end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchError(f"{command[0]} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime
