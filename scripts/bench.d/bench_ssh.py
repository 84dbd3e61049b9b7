"""`scripts/bench ssh`: Granary's SSH frontend against OpenSSH with git-shell."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from granary import Granary, ssh_port
from measure import Series, Subject, in_turns
from processes import BenchError, Server
from report import GIB, MIB, Bar, Report, Row, scaled, speed, version
from repositories import Repository, make_repository
from ssh_client import FLUSH, SSHClient, end_all, fetch_request, make_key
from ssh_peers import OpenSSH, Zeros, require_sshd
from workspace import Workspace

CIPHERS = ["aes128-gcm@openssh.com", "chacha20-poly1305@openssh.com"]
PARTS = ["connection", "clone", "push", "idle"]


@dataclass(frozen=True)
class Options:
    """What the command line asked for."""

    # None measures the peers only.
    granary: Path | None
    size: int
    rounds: int
    connections: int
    idle: int
    parts: list[str]


@dataclass(frozen=True)
class Side:
    """A server that has the repositories."""

    subject: Subject
    port: Callable[[Server], int]
    # The user to log in as; None is the user who runs the benchmark.
    user: str | None
    # Path of a repository on the server, after its name.
    path: Callable[[str], str]
    # Makes an empty repository.
    create: Callable[[str], None]

    @property
    def name(self) -> str:
        """The server's name in the report."""
        return self.subject.name

    def url(self, server: Server, repository: str) -> str:
        """What git clones."""
        login = f"{self.user}@" if self.user else ""
        return f"ssh://{login}127.0.0.1:{self.port(server)}{self.path(repository)}"


class SSHBench:
    """One run: repositories and servers are set up once, the parts measure them."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        require_sshd()
        workspace.require_space(options.size * (4 + (2 * options.rounds if "push" in options.parts else 0)))
        self.workspace = workspace
        self.options = options
        self.client = SSHClient(workspace)
        self.host_key = workspace.path / "host_key"
        make_key(workspace, self.host_key)
        blobs = min(16, max(1, options.size // MIB))
        self.small = make_repository(workspace, "small", 3, 1000)
        self.large = make_repository(workspace, "large", blobs, options.size // blobs)
        self.peer = self._openssh(forces_git_shell=True)
        self.granary = self._granary(options.granary) if options.granary is not None else None
        self.report = Report("SSH", self._parameters(), self._versions())

    def run(self) -> Report:
        """Measures the parts that were asked for."""
        parts = {"connection": self.connection, "clone": self.clone, "push": self.push, "idle": self.idle}
        for name in self.options.parts:
            parts[name]()
        return self.report

    # Set-up

    def _parameters(self) -> dict[str, object]:
        options = self.options
        return {"Repository": f"{options.size // MIB} MiB", "rounds": options.rounds,
                "connections per round": options.connections, "idle connections": options.idle}

    def _versions(self) -> dict[str, str]:
        return {"OpenSSH": version(["ssh", "-V"]).partition(" ")[0].removeprefix("OpenSSH_"),
                "git": version(["git", "--version"]).removeprefix("git version "),
                "libssh": version(["pkg-config", "--modversion", "libssh"])}

    def _openssh(self, forces_git_shell: bool) -> Side:
        peer = OpenSSH(self.workspace, self.host_key, self.client.public_key, forces_git_shell)
        root = self.workspace.path

        def create(name: str) -> None:
            path = root / f"{name}.git"
            self.workspace.run("git", "init", "--quiet", "--bare", "--initial-branch=main", path)
            # Keeps every push as a pack, as Granary does, instead of writing each object to a file.
            self.workspace.run("git", "-C", path, "config", "receive.unpackLimit", "1")

        return Side(Subject(peer.name, peer.launch), lambda server: server.port, None,
                    lambda name: f"{root}/{name}.git", create)

    def _granary(self, binary: Path) -> Side:
        granary = Granary(self.workspace, binary, self.client.public_key)
        side = Side(Subject(granary.name, granary.launch), ssh_port, "git", granary.git_path, granary.create_repository)
        with Server(side.subject.launch()) as server:
            for repository in (self.small, self.large):
                side.create(repository.path.stem)
                self._push(side, repository, repository.path.stem, server)
        return side

    @property
    def sides(self) -> list[Side]:
        """Granary, if it takes part, and its peer."""
        return [side for side in (self.granary, self.peer) if side is not None]

    def _push(self, side: Side, repository: Repository, name: str, server: Server) -> None:
        self.client.git("-C", repository.path, "push", "--quiet", side.url(server, name), "main")

    # Parts

    def connection(self) -> None:
        """A connection for ls-remote, and one for a fetch that finds nothing new."""
        sides = [*self.sides, self._openssh(forces_git_shell=False)]
        mirrors = {side.name: self._mirror(side, index) for index, side in enumerate(sides)}

        def list_refs(side: Side, server: Server) -> None:
            for _ in range(self.options.connections):
                self.client.git("ls-remote", "--quiet", side.url(server, "small"))

        def fetch(side: Side, server: Server) -> None:
            for _ in range(self.options.connections):
                self.client.git("-C", mirrors[side.name], "fetch", "--quiet", side.url(server, "small"), "main")

        for title, work in (("git ls-remote", list_refs), ("git fetch, nothing new", fetch)):
            series = in_turns(self.options.rounds, [(side.subject, partial(work, side)) for side in sides])
            self._add_connection_rows(title, series)

    def _mirror(self, side: Side, index: int) -> Path:
        path = self.workspace.path / f"mirror-{index}.git"
        with Server(side.subject.launch()) as server:
            self.client.git("clone", "--quiet", "--bare", side.url(server, "small"), path)
        return path

    def _add_connection_rows(self, title: str, series: Series) -> None:
        self.report.rounds[title] = series.record()
        for peer in (name for name in series.samples if name != Granary.name):
            bar = Bar(at_most=0.2, aim=0.1) if peer == self.peer.name else None
            self._add(f"{title}: CPU ms", series.cpu, peer, 1000 / self.options.connections, bar)
        self._add(f"{title}: wall ms", series.wall, self.peer.name, 1000 / self.options.connections)
        self._add(f"{title}: peak RSS MiB", series.peak_rss, self.peer.name, 1 / MIB)

    def clone(self) -> None:
        """A whole clone, with the client reduced to ssh and a counter."""
        zeros = Zeros(self.workspace, self.host_key)
        for cipher in CIPHERS:
            def stream(server: Server, cipher: str = cipher) -> None:
                self.client.receive(server.port, "bench", cipher, f"zeros {self.large.size}", b"")

            works = [(side.subject, partial(self._receive_pack, cipher, side)) for side in self.sides]
            series = in_turns(self.options.rounds, [*works, (Subject(zeros.name, zeros.launch), stream)])
            self._add_clone_rows(cipher.partition("@")[0], series)

    def _receive_pack(self, cipher: str, side: Side, server: Server) -> None:
        command = f"git-upload-pack '{side.path('large')}'"
        received = self.client.receive(side.port(server), side.user, cipher, command, fetch_request(self.large.tip))
        if received.size < self.large.size or not received.tail.endswith(FLUSH):
            raise BenchError(f"{side.name} sent {received.size} bytes, not a whole pack: {received.tail!r}")

    def _add_clone_rows(self, cipher: str, series: Series) -> None:
        self.report.rounds[f"clone, {cipher}"] = series.record()
        size, peer, bound = self.large.size, self.peer.name, Zeros.name
        self._add(f"clone, {cipher}: CPU s per GiB", series.cpu, peer, GIB / size, Bar(at_most=0.4, aim=0.25))
        self._add(f"clone, {cipher}: CPU s per GiB", series.cpu, bound, GIB / size)
        self._add_speed(f"clone, {cipher}: MiB/s", series, peer, Bar(at_least=1.3))
        self._add_speed(f"clone, {cipher}: MiB/s", series, bound, Bar(at_least=1 / 1.5))
        self._add(f"clone, {cipher}: peak RSS MiB", series.peak_rss, peer, 1 / MIB)

    def push(self) -> None:
        """A push of the whole repository into a new one, with git; for information."""
        series = Series()
        for index in range(self.options.rounds):
            for side in self.sides:
                name = f"pushed-{index}"
                side.create(name)
                series.add(side.subject, partial(self._push, side, self.large, name))
        self.report.rounds["push"] = series.record()
        self._add("push: CPU s per GiB", series.cpu, self.peer.name, GIB / self.large.size)
        self._add_speed("push: MiB/s", series, self.peer.name)
        self._add("push: peak RSS MiB", series.peak_rss, self.peer.name, 1 / MIB)

    def idle(self) -> None:
        """Memory of connections that are logged in and ask for nothing."""
        cost = {side.name: self._idle_bytes(side) for side in self.sides}
        self._add("idle connection: KiB (PSS)", cost.get, self.peer.name, 1 / 1024)

    def _idle_bytes(self, side: Side) -> float:
        with Server(side.subject.launch()) as server:
            # One connection first, for what the server sets up only once.
            clients = self.client.start_idle(side.port(server), side.user, 1)
            try:
                before = server.pss()
                clients += self.client.start_idle(side.port(server), side.user, self.options.idle)
                return (server.pss() - before) / self.options.idle
            finally:
                end_all(clients)

    # Rows

    def _add(
        self, measure: str, value: Callable[[str], float | None], peer: str, scale: float, bar: Bar | None = None
    ) -> None:
        self.report.rows.append(
            Row(measure, scaled(value(Granary.name), scale), peer, scaled(value(peer), scale), bar))

    def _add_speed(self, measure: str, series: Series, peer: str, bar: Bar | None = None) -> None:
        self._add(measure, lambda name: speed(self.large.size, series.wall(name)), peer, 1, bar)
