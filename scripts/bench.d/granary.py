"""Granary as a subject: its data directory, account, key, token and repositories."""

from pathlib import Path

from processes import BenchError, Launch, Server
from workspace import Workspace

USER = "bench"
READY = r"granary ready http=127\.0\.0\.1:(?P<http>\d+)(?: ssh=(?:127\.0\.0\.1:(?P<ssh>\d+)|off))? metrics=127\.0\.0\.1:(?P<metrics>\d+)"


class Granary:
    """An installation with one account; servers are started on it and stopped again."""

    name = "Granary"

    def __init__(self, workspace: Workspace, binary: Path, public_key: Path | None = None) -> None:
        self._workspace = workspace
        self._binary = binary
        self.data = workspace.path / "granary-data"
        self._home = workspace.directory("granary")
        self._has_ssh = "--ssh" in workspace.run(binary, "serve", "--help")
        with Server(self.launch()):
            pass  # the first start creates the directory
        self.administer("user", "add", USER)
        self.token = self.administer("token", "add", USER, "--name", "bench", "--role", "write").strip()
        if public_key is not None:
            self.administer("key", "add", USER, public_key)

    def administer(self, *arguments: str | Path) -> str:
        """Runs one of the administrator's commands."""
        return self._workspace.run(self._binary, *arguments, "--data", self.data)

    def create_repository(self, name: str) -> None:
        """Makes a private model repository."""
        self.administer("repo", "create", f"model/{USER}/{name}", "--private")

    def git_path(self, name: str) -> str:
        """Where a repository is below the server's address, over HTTP and SSH."""
        return f"/{USER}/{name}.git"

    def launch(self) -> Launch:
        """How `granary serve` is started: with its defaults but for the limits of requests, on free ports."""
        command = [str(self._binary), "serve", "--data", str(self.data),
                   "--http", "127.0.0.1:0", "--metrics", "127.0.0.1:0"]
        for kind in ("api", "resolve", "git"):
            command += ["--set", f"limits.rate-{kind}=0", "--set", f"limits.rate-{kind}-anonymous=0"]
        if self._has_ssh:
            command += ["--ssh", "127.0.0.1:0"]
        return Launch(command, READY, None, self._workspace.environment, self._home)


def http_port(server: Server) -> int:
    """Where Granary answers HTTP."""
    return int(server.ready_line["http"])


def ssh_port(server: Server) -> int:
    """Where Granary answers SSH."""
    port = server.ready_line["ssh"]
    if port is None:
        raise BenchError("this granary has no SSH listener")
    return int(port)
