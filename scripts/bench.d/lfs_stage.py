"""Where the LFS benchmark takes place: the servers that take part, the objects, and the report."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from granary import USER, Granary, http_port
from lfs_client import LFSClient, LFSObject, basic, make_object
from lfs_peers import Giftless, Nginx
from measure import Subject
from processes import BenchError, Server
from report import MIB, Bar, Report, Row, scaled, version
from workspace import Workspace

REPOSITORY = "lfs"


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


class Stage:
    """What all parts of one run share; servers are set up once."""

    def __init__(self, workspace: Workspace, options: Options) -> None:
        workspace.require_space(options.size * (9 + options.rounds))
        self.workspace = workspace
        self.options = options
        self.nginx = Nginx(workspace)
        self.report = Report("LFS", self._parameters(), self._versions())
        self.file_server = Side(Subject(Nginx.name, self.nginx.launch), self.nginx.download, self.nginx.upload,
                                self.nginx.forget)
        self.giftless = self._giftless()
        self.granary: Granary | None = None
        self.hub = self._granary(options.granary) if options.granary is not None else None
        self._objects = workspace.directory("objects")

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
    def files(self) -> list[Side]:
        """The sides that are compared as file servers, Granary first."""
        return [*([self.hub] if self.hub is not None else []), self.file_server]

    @property
    def sides(self) -> list[Side]:
        """All sides, in the order in which they take turns."""
        return [*self.files, *([self.giftless] if self.giftless is not None else [])]

    @property
    def hubs(self) -> list[Side]:
        """The sides that speak the protocol."""
        return [side for side in (self.hub, self.giftless) if side is not None]

    def object(self, name: str, size: int, seed: int) -> LFSObject:
        """An object that differs for each seed."""
        return make_object(self._objects / name, size, seed)

    def forget(self, items: list[LFSObject]) -> None:
        """Makes room on the disk."""
        for item in items:
            item.path.unlink()
            for side in self.sides:
                side.forget(item)

    def add(
        self, measure: str, value: Callable[[str], float | None], peer: str, scale: float, bar: Bar | None = None
    ) -> None:
        """Adds a row: Granary's value beside a peer's."""
        self.report.rows.append(
            Row(measure, scaled(value(Granary.name), scale), peer, scaled(value(peer), scale), bar))
