"""`scripts/bench xet`: large files by chunks against the same files by Git LFS, on one Granary."""

import json
import random
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from granary import USER, Granary, http_port
from lfs_client import HTTP, LFSClient, LFSObject, basic, make_object
from lfs_memory import at_once
from measure import Series, Subject
from processes import Server
from report import GIB, MIB, Bar, Report, Row, scaled, version
from workspace import Workspace

PARTS = ["primitives", "upload", "download", "edit", "reconstruction", "small", "memory"]
CLIENT = "huggingface_hub==2.4.0"
LFS = "Granary by LFS"
PARALLEL = 8
SMALL_FILES = 1_000
LARGE_BYTES = 10 * GIB
ASKED = 50
SOURCES = Path(__file__).parents[2] / "Sources"
# What the client does, in a process of its own.
UPLOAD = "import sys; from huggingface_hub import HfApi; HfApi().upload_file(" \
    "path_or_fileobj=sys.argv[1], path_in_repo=sys.argv[2], repo_id=sys.argv[3])"
FOLDER = "import sys; from huggingface_hub import HfApi; HfApi().upload_folder(" \
    "folder_path=sys.argv[1], path_in_repo=sys.argv[2], repo_id=sys.argv[3])"
DOWNLOAD = "import sys, tempfile; from huggingface_hub import hf_hub_download\n" \
    "with tempfile.TemporaryDirectory() as cache: hf_hub_download(sys.argv[2], sys.argv[1], cache_dir=cache)"


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    granary: Path
    size: int
    rounds: int
    parts: list[str]


class XetBench:
    """One installation, two ways of moving the same bytes."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        self._workspace, self._options = workspace, options
        self._granary = Granary(workspace, options.granary)
        self._chunks = Subject(Granary.name, self._granary.launch)
        self._lfs = Subject(LFS, self._granary.launch)
        self._python = workspace.directory("client") / "bin" / "python"
        workspace.run("python3", "-m", "venv", self._python.parent.parent)
        workspace.run(self._python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT)
        installed = version([str(self._python), "-c", "import importlib.metadata as m; print(m.version('hf-xet'))"])
        self._report = Report("Large files by chunks", {"size": f"{options.size // MIB} MiB", "rounds": options.rounds},
                              {"huggingface_hub": CLIENT.partition("==")[2], "hf-xet": installed})
        self._made = 0

    def run(self) -> Report:
        """Measures the parts that were asked for."""
        for name in self._options.parts:
            getattr(self, name)()
        return self._report

    # Clients

    def _repository(self) -> str:
        self._made += 1
        self._granary.create_repository(f"r{self._made}")
        return f"r{self._made}"

    def _client(
        self, program: str, arguments: list[str], server: Server, *, chunks: bool = True, home: str | None = None
    ) -> None:
        """Runs the client; unless told where, it remembers nothing of what others have sent."""
        directory = self._workspace.directory(home or f"home-{self._made}-{time.monotonic_ns()}")
        environment = {"HF_ENDPOINT": f"http://127.0.0.1:{http_port(server)}", "HF_TOKEN": self._granary.token,
                       "HF_HOME": str(directory), "HF_HUB_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        if not chunks:
            environment["HF_HUB_DISABLE_XET"] = "1"
        self._workspace.run(self._python, "-W", "ignore", "-c", program, *arguments, timeout=7_200, environment=environment)

    def _by_chunks(self, repository: str, item: LFSObject, server: Server) -> None:
        self._client(UPLOAD, [str(item.path), item.path.name, f"{USER}/{repository}"], server)

    def _by_lfs(self, repository: str, item: LFSObject, server: Server) -> None:
        self._lfs_client(repository, server).upload(item)

    def _lfs_client(self, repository: str, server: Server) -> LFSClient:
        endpoint = f"{self._granary.git_path(repository)}/info/lfs"
        return LFSClient(http_port(server), endpoint, basic(USER, self._granary.token))

    def _object(self, name: str, size: int, seed: int) -> LFSObject:
        return make_object(self._workspace.path / f"{name}-{seed}.bin", size, seed, repeats=False)

    # Parts

    def primitives(self) -> None:
        """What is done with every byte, by one thread, without a server."""
        program = self._workspace.path / "primitives"
        sources = sorted((SOURCES / "Xet").rglob("*.swift")) + [Path(__file__).with_name("xet_primitives.swift")]
        self._workspace.run("swiftc", "-O", "-wmo", "-swift-version", "6", "-parse-as-library", "-package-name", "granary",
                            "-module-name", "XetPrimitives", "-I", SOURCES / "CLZ4", "-o", program, *sources, timeout=1_200)
        for name, speed in json.loads(self._workspace.run(program)).items():
            self._report.rows.append(Row(f"{name}: MB/s", speed))

    def upload(self) -> None:
        """Bytes that nobody has, with the proof of every hash."""
        series = Series()
        for index in range(self._options.rounds):
            item = self._object("up", self._options.size, 10 + index)
            # Each in a repository of its own, and by LFS first: an object that is known by chunks is not known by LFS.
            series.add(self._lfs, partial(self._by_lfs, self._repository(), item))
            series.add(self._chunks, partial(self._by_chunks, self._repository(), item))
            item.path.unlink()
        self._add("upload: CPU s per GiB", series, Bar(at_most=2.5))

    def download(self) -> None:
        """The same bytes back."""
        item, repository = self._object("down", self._options.size, 30), self._repository()
        with Server(self._granary.launch()) as server:
            self._by_chunks(repository, item, server)
        plain = self._repository()
        whole = self._object("plain", self._options.size, 31)
        with Server(self._granary.launch()) as server:
            self._by_lfs(plain, whole, server)
        series = Series()
        address = f"{USER}/{repository}"
        for _ in range(self._options.rounds):
            series.add(self._lfs, lambda server: self._lfs_client(plain, server).download(whole))
            series.add(self._chunks, lambda server: self._client(DOWNLOAD, [item.path.name, address], server))
        self._add("download: CPU s per GiB", series, Bar(at_most=1.5))
        self._drop(item, whole)

    def edit(self) -> None:
        """A second version in which one MiB is another, from the machine that sent the first, and from another."""
        item, repository = self._object("edit", self._options.size, 40), self._repository()
        with Server(self._granary.launch()) as server:
            arguments = [str(item.path), item.path.name, f"{USER}/{repository}"]
            self._client(UPLOAD, arguments, server, home="first")
            for index, (home, bar) in enumerate([("first", Bar(at_most=8, of_ratio=False)), ("second", None)]):
                with item.path.open("r+b") as file:
                    file.seek(self._options.size // 4 * (index + 1))
                    file.write(random.Random(41 + index).randbytes(MIB))
                before = received(server)
                self._client(UPLOAD, arguments, server, home=home)
                self._report.rows.append(Row(f"1 MiB of it new, from the {home} machine: MiB sent",
                                             (received(server) - before) / MIB, bar=bar))
        self._drop(item)

    def reconstruction(self) -> None:
        """How to put a file of 10 GiB together; it is the same GiB ten times, which takes as many words."""
        repository = self._repository()
        item = make_object(self._workspace.path / "large.bin", LARGE_BYTES, 50, repeats=False, period=GIB)
        address = f"/{USER}/{repository}/resolve/main/{item.path.name}"
        with Server(self._granary.launch()) as server:
            self._by_chunks(repository, item, server)
            token = {"Authorization": f"Bearer {self._granary.token}"}
            with HTTP(http_port(server)) as http:
                file_hash = http.head(address, token)["X-Xet-Hash"]
                given = json.loads(http.get(f"/api/models/{USER}/{repository}/xet-read-token/main", token))
                path = given["casUrl"].partition(f":{http_port(server)}")[2]
                headers = {"Authorization": f"Bearer {given['accessToken']}"}
                times = []
                for _ in range(ASKED):
                    started = time.perf_counter()
                    http.get(f"{path}/v2/reconstructions/{file_hash}", headers)
                    times.append(time.perf_counter() - started)
        self._report.rows.append(Row("reconstruction of 10 GiB: wall ms", min(times) * 1e3,
                                     bar=Bar(at_most=20, of_ratio=False)))
        self._drop(item)

    def small(self) -> None:
        """A folder of a thousand files, each of which is a large file by its name."""
        walls: dict[bool, list[float]] = {True: [], False: []}
        for index in range(self._options.rounds):
            for chunks in (False, True):
                folder = self._workspace.directory(f"small-{index}-{chunks}")
                for number in range(SMALL_FILES):
                    (folder / f"{number}.bin").write_bytes(random.Random(f"{index}{chunks}{number}").randbytes(20_000))
                repository = self._repository()
                with Server(self._granary.launch()) as server:
                    started = time.perf_counter()
                    self._client(FOLDER, [str(folder), "f", f"{USER}/{repository}"], server, chunks=chunks)
                    walls[chunks].append(time.perf_counter() - started)
        self._report.rows.append(Row(f"folder of {SMALL_FILES} small files: wall s", min(walls[True]),
                                     LFS, min(walls[False]), Bar(at_most=1.3)))

    def memory(self) -> None:
        """Several uploads, then several downloads at once, over the idle server."""
        repository = self._repository()
        size = self._options.size // 4
        items = [self._object("memory", size, 70 + index) for index in range(PARALLEL)]
        address = f"{USER}/{repository}"
        for title, work in (("uploads", partial(self._by_chunks, repository)),
                            ("downloads", lambda item, server: self._client(DOWNLOAD, [item.path.name, address], server))):
            series = Series()
            series.add(self._chunks, partial(at_once, work, items))
            over = series.rss_over_idle(Granary.name)
            self._report.rounds[title] = series.record()
            self._report.rows.append(Row(f"{PARALLEL} {title}: MiB over idle RSS", scaled(over, 1 / MIB),
                                         bar=Bar(at_most=96, of_ratio=False)))
        self._drop(*items)

    def _add(self, title: str, series: Series, bar: Bar) -> None:
        per_gib = GIB / self._options.size
        self._report.rounds[title] = series.record()
        self._report.rows.append(Row(title, scaled(series.cpu(Granary.name), per_gib), LFS,
                                     scaled(series.cpu(LFS), per_gib), bar))

    @staticmethod
    def _drop(*items: LFSObject) -> None:
        for item in items:
            item.path.unlink()


def received(server: Server) -> float:
    """Bytes of request bodies that came to a server so far."""
    with HTTP(int(server.ready_line["metrics"])) as http:
        lines = http.get("/metrics", {}).decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("granary_http_received_bytes_total"))


def run(workspace: Workspace, options: Options) -> Report:
    """Measures the parts that were asked for."""
    return XetBench(workspace, options).run()

