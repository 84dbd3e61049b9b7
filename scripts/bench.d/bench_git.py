"""`scripts/bench git`: Granary's git over HTTP against git-http-backend."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from git_client import GitClient, at_once, fetch_request, push, refs_request, small_commits
from git_history import make_history
from git_peers import AccountedSubject, GitHTTPBackend
from granary import USER, Granary, http_port
from measure import Series, Subject
from processes import Server
from report import MIB, Bar, Report, Row, scaled, version
from repositories import make_repository
from workspace import Workspace

PARTS = ["clone", "refs", "fetch", "push", "blobs"]
# Seconds after a push in which Granary's background work on it comes to its end.
SETTLE = 6


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    granary: Path | None
    rounds: int
    commits: int
    refs: int
    blob: int
    parts: list[str]


@dataclass(frozen=True)
class Side:
    """A server that takes part."""

    subject: Subject
    client: Callable[[Server], GitClient]
    # Path of a repository below the server's address.
    path: Callable[[str], str]
    # Makes a repository: from a bare one, or empty.
    create: Callable[[str, Path | None], None]

    def url(self, server: Server, name: str) -> str:
        """What git pushes to."""
        client = self.client(server)
        return f"http://{client.user}:{client.password}@127.0.0.1:{client.port}{self.path(name)}"


class GitBench:
    """One run: repositories and servers are set up once, the parts measure them."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        self.workspace = workspace
        self.options = options
        self.report = Report("git over HTTP", {
            "Commits": options.commits, "rounds": options.rounds, "refs": options.refs,
            "blobs": f"4 × {options.blob // MIB} MiB"}, {"git": version(["git", "--version"]).rpartition(" ")[2]})
        self.sides = [self._backend()]
        if options.granary is not None:
            self.sides.insert(0, self._granary(options.granary))

    def _backend(self) -> Side:
        peer = GitHTTPBackend(self.workspace)
        return Side(AccountedSubject(peer), lambda server: GitClient(server.port, "bench", "x"),
                    lambda name: f"/{name}.git",
                    lambda name, source: peer.create(name, source, bitmaps="consolidated" in name))

    def _granary(self, binary: Path) -> Side:
        granary = Granary(self.workspace, binary)
        self.granary = granary
        subject = Subject(granary.name, granary.launch)
        side = Side(subject, lambda server: GitClient(http_port(server), USER, granary.token), granary.git_path,
                    lambda name, source: None)

        def create(name: str, source: Path | None) -> None:
            granary.create_repository(name)
            if source is None:
                return
            with Server(granary.launch()) as server:
                side.client(server).fill(side.path(name), self.workspace, source)
                time.sleep(SETTLE)
            if "consolidated" in name:
                granary.administer("repo", "maintain", f"model/{USER}/{name}", "--full")

        return Side(subject, side.client, side.path, create)

    def run(self) -> Report:
        """Measures the parts that were asked for."""
        parts = {"clone": self.clone, "refs": self.refs, "fetch": self.fetch, "push": self.push, "blobs": self.blobs}
        self.history = make_history(self.workspace, "history", self.options.commits)
        self.tip = self._revision(self.history, "main")
        for side in self.sides:
            side.create("plain", self.history)
        for name in self.options.parts:
            parts[name]()
        return self.report

    def _revision(self, path: Path, name: str) -> str:
        return self.workspace.run("git", "-C", path, "rev-parse", name).strip()

    def _measure(
        self, measure: str, work: Callable[[Side, Server], object], bar: Bar | None,
        warm_up: Callable[[Side, Server], object] | None = None, times: int = 1,
    ) -> Series:
        series = Series()
        for _ in range(self.options.rounds):
            for side in self.sides:
                def repeat(server: Server, side: Side = side) -> None:
                    for _ in range(times):
                        work(side, server)

                def warm(server: Server, side: Side = side) -> None:
                    if warm_up is not None:
                        warm_up(side, server)

                series.add(side.subject, repeat, warm if warm_up else None)
        self.report.rounds[measure] = series.record()
        factor = 1000 / times
        self.report.rows.append(Row(
            f"{measure}: server CPU, ms", scaled(series.cpu(Granary.name), factor), GitHTTPBackend.name,
            scaled(series.cpu(GitHTTPBackend.name), factor), bar))
        rss = series.rss_over_idle(Granary.name)
        self.report.notes.append(
            f"{measure}: RSS over idle {scaled(rss, 1 / MIB) or 0:.0f} MiB, wall "
            f"{scaled(series.wall(Granary.name), factor) or 0:.0f} ms against "
            f"{scaled(series.wall(GitHTTPBackend.name), factor) or 0:.0f} ms.  ")
        return series

    def _ask(self, name: str, body: bytes | None) -> Callable[[Side, Server], int]:
        return lambda side, server: side.client(server).ask(side.path(name), body)

    def clone(self) -> None:
        """Whole clones, shallow and partial ones."""
        whole = self._ask("plain", fetch_request([self.tip]))
        self._measure("clone again", whole, Bar(at_most=0.35, aim=0.15), warm_up=whole)
        self._measure("first clone after a plain push", whole, Bar(at_most=0.30, aim=0.10))
        self._measure("8 clones at once", lambda side, server: at_once([lambda: whole(side, server)] * 8),
                      Bar(at_most=0.35, aim=0.15))
        self._measure("depth 1", self._ask("plain", fetch_request([self.tip], extra=["deepen 1"])),
                      Bar(at_most=0.5, aim=0.15))
        self._measure("blob:none", self._ask("plain", fetch_request([self.tip], extra=["filter blob:none"])),
                      Bar(at_most=1.0, aim=0.4))
        for side in self.sides:
            side.create("consolidated", self.history)
        sizes: dict[str, int] = {}
        consolidated = self._ask("consolidated", fetch_request([self.tip]))

        def first(side: Side, server: Server) -> None:
            sizes[side.subject.name] = consolidated(side, server)

        self._measure("first clone, consolidated", first, Bar(at_most=1.0, aim=0.4))
        self.report.rows.append(Row(
            "bytes of that clone, MiB", scaled(sizes.get(Granary.name), 1 / MIB), GitHTTPBackend.name,
            scaled(sizes.get(GitHTTPBackend.name), 1 / MIB), Bar(at_most=1.02)))

    def refs(self) -> None:
        """Advertisements and `ls-refs`, of one ref and of many."""
        def both(name: str, *prefixes: str) -> Callable[[Side, Server], None]:
            def ask(side: Side, server: Server) -> None:
                self._ask(name, None)(side, server)
                self._ask(name, refs_request(prefixes))(side, server)
            return ask

        times = 20
        one = both("plain", "refs/heads/", "refs/tags/", "HEAD")
        single = self._measure("info/refs and ls-refs, 1 ref", one, Bar(at_most=0.15, aim=0.05), one, times)
        many = make_history(self.workspace, "many", 200, self.options.refs)
        for side in self.sides:
            side.create("many", many)
        some = both("many", "refs/heads/topic/00001")
        prefixed = self._measure("many refs, with a prefix", some, None, some, times)
        own, base = prefixed.cpu(Granary.name), single.cpu(Granary.name)
        self.report.rows.append(Row("many refs, with a prefix: in units of Granary's 1 ref",
                                    own / base if own and base else None, bar=Bar(at_most=1.3, of_ratio=False)))
        every = both("many")
        self._measure("many refs, all", every, Bar(at_most=0.3, aim=0.1), every, times)

    def fetch(self) -> None:
        """The last ten commits."""
        have = self._revision(self.history, "main~10")
        ten = self._ask("plain", fetch_request([self.tip], [have]))
        self._measure("fetch of 10 commits", ten, Bar(at_most=0.4, aim=0.2), ten, 10)

    def push(self) -> None:
        """Everything, and one commit."""
        counter = iter(range(10_000))

        def everything(side: Side, server: Server) -> None:
            push(self.workspace, self.history, side.url(server, names[side.subject.name].pop()), "main")

        names: dict[str, list[str]] = {side.subject.name: [] for side in self.sides}
        for side in self.sides:
            for _ in range(self.options.rounds):
                name = f"pushed{next(counter)}"
                side.create(name, None)
                names[side.subject.name].append(name)
        self._measure("first push of everything", everything, Bar(at_most=1.1, aim=0.8))
        times = 10
        commits = small_commits(self.workspace, self.history, times * (self.options.rounds + 1))
        left = {side.subject.name: iter(commits) for side in self.sides}

        def small(side: Side, server: Server) -> None:
            push(self.workspace, self.history, side.url(server, "plain"),
                 f"{next(left[side.subject.name])}:refs/heads/main")

        self._measure("small push", small, Bar(at_most=0.3, aim=0.15), small, times)

    def blobs(self) -> None:
        """A repository of four large files that do not compress."""
        large = make_repository(self.workspace, "large", 4, self.options.blob)
        for bitmap in large.path.glob("objects/pack/*.bitmap"):
            bitmap.unlink()
        for side in self.sides:
            side.create("large", large.path)
        self._measure("clone of large files", self._ask("large", fetch_request([large.tip])),
                      Bar(at_most=0.05, aim=0.02))
