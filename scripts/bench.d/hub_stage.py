"""Where the benchmark of the hub takes place: Granary with its repositories, nginx, and the report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from granary import USER, Granary, http_port
from hub_load import Client, git_fill
from lfs_peers import Nginx
from measure import Sample, Subject
from processes import BenchError, Server
from report import Report, version
from workspace import Workspace


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    granary: Path
    rounds: int
    seconds: int
    repositories: int
    files: int
    load_seconds: int
    parts: list[str]


# Gives the number of requests that it made.
Counted = Callable[[Server], int]


class Stage:
    """What all parts of one run share."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        self.workspace = workspace
        self.options = options
        self.granary = Granary(workspace, options.granary)
        self.nginx = Nginx(workspace)
        self.hub = Subject(Granary.name, self.granary.launch)
        self.file_server = Subject(Nginx.name, self.nginx.launch)
        self.report = Report("The hub's API", self._parameters(), self._versions())

    def _parameters(self) -> dict[str, object]:
        options = self.options
        return {"rounds": options.rounds, "seconds of a round": options.seconds,
                "repositories": options.repositories, "files": options.files}

    def _versions(self) -> dict[str, str]:
        return {"nginx": version(["/usr/sbin/nginx", "-v"]).rpartition("/")[2],
                "wrk": version(["wrk", "-v"]).removeprefix("wrk ").partition(" ")[0]}

    def address(self, name: str) -> str:
        """A repository's id."""
        return f"{USER}/{name}"

    def client(self, server: Server) -> Client:
        """A connection of the account that owns everything."""
        return Client(http_port(server), self.granary.token)

    def filled(self, name: str, files: int, per_folder: int = 1_000_000) -> str:
        """A public repository with so many small files; its id."""
        self.granary.administer("repo", "create", f"model/{self.address(name)}", "--public")
        with Server(self.granary.launch()) as server:
            url = f"http://{USER}:{self.granary.token}@127.0.0.1:{http_port(server)}/{self.address(name)}"
            git_fill(self.workspace, url, files, per_folder)
        return self.address(name)

    def costs(self, title: str, works: list[tuple[str, Subject, Counted]]) -> dict[str, float]:
        """CPU microseconds for a request, of each work's best round; the works take turns."""
        costs: dict[str, list[float]] = {}
        samples: dict[str, list[dict[str, float]]] = {}
        for _ in range(self.options.rounds):
            for name, subject, work in works:
                sample, requests = self._sample(subject, work)
                costs.setdefault(name, []).append(sample.cpu / requests * 1e6)
                samples.setdefault(name, []).append(vars(sample) | {"requests": requests})
        self.report.rounds[title] = samples
        return {name: min(values) for name, values in costs.items()}

    @staticmethod
    def _sample(subject: Subject, work: Counted) -> tuple[Sample, int]:
        counts: list[int] = []

        def warm_up(server: Server) -> None:
            work(server)

        sample = subject.sample(lambda server: counts.append(work(server)), warm_up)
        if not counts or counts[0] == 0:
            raise BenchError(f"{subject.name} answered nothing")
        return sample, counts[0]
