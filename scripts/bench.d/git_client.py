"""What git clients ask of a server over HTTP, without the work that clients do with the answers."""

import base64
import http.client
import subprocess
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError
from workspace import Workspace

PIECE = 1 << 20


def pkt(line: str) -> bytes:
    """A pkt-line with its line end."""
    return f"{len(line) + 5:04x}{line}\n".encode()


def fetch_request(wants: Sequence[str], haves: Sequence[str] = (), extra: Sequence[str] = ()) -> bytes:
    """A request of protocol version 2 that ends the negotiation."""
    lines = ["thin-pack", "ofs-delta", "no-progress", *extra]
    lines += [f"want {oid}" for oid in dict.fromkeys(wants)] + [f"have {oid}" for oid in haves] + ["done"]
    return pkt("command=fetch") + pkt("object-format=sha1") + b"0001" + b"".join(map(pkt, lines)) + b"0000"


def refs_request(prefixes: Sequence[str] = ()) -> bytes:
    """What `git ls-remote` and `git fetch` ask."""
    lines = ["peel", "symrefs", *(f"ref-prefix {prefix}" for prefix in prefixes)]
    return pkt("command=ls-refs") + pkt("object-format=sha1") + b"0001" + b"".join(map(pkt, lines)) + b"0000"


@dataclass(frozen=True)
class GitClient:
    """Somebody with an account at one server."""

    port: int
    user: str
    password: str

    def headers(self) -> dict[str, str]:
        """What every request has."""
        token = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {token}", "Git-Protocol": "version=2"}

    def fill(self, path: str, workspace: Workspace, source: Path) -> None:
        """Pushes all branches of a bare repository into an empty one.

        `git push` over HTTP compares every ref with every other, which takes an hour for 50,000.
        """
        refs = workspace.run("git", "-C", source, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads")
        pack = workspace.path / "fill.pack"
        with pack.open("wb") as file:
            subprocess.run(["git", "-C", str(source), "pack-objects", "--all", "--stdout", "--delta-base-offset", "-q"],
                           stdout=file, stdin=subprocess.DEVNULL, check=True, env=workspace.environment)
        commands = [f"{'0' * 40} {line}" for line in refs.splitlines()]
        commands[0] += "\0report-status"
        body = b"".join(map(pkt, commands)) + b"0000" + pack.read_bytes()
        headers = self.headers() | {"Content-Type": "application/x-git-receive-pack-request"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request("POST", path + "/git-receive-pack", body=body, headers=headers)
            answer = connection.getresponse()
            report = answer.read()
        finally:
            connection.close()
            pack.unlink()
        if answer.status != 200 or report.count(b"ok refs/") != len(commands):
            raise BenchError(f"filling {path} was answered {answer.status}: {report[:500]!r}")

    def ask(self, path: str, body: bytes | None) -> int:
        """Sends one request and reads the answer; its length. It must end with a flush-pkt."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            headers = self.headers()
            if body is None:
                connection.request("GET", path + "/info/refs?service=git-upload-pack", headers=headers)
            else:
                headers["Content-Type"] = "application/x-git-upload-pack-request"
                connection.request("POST", path + "/git-upload-pack", body=body, headers=headers)
            answer = connection.getresponse()
            if answer.status != 200:
                raise BenchError(f"{path} answered {answer.status}: {answer.read(500)!r}")
            count, end = 0, b""
            while piece := answer.read(PIECE):
                count += len(piece)
                end = (end + piece[-4:])[-4:]
        finally:
            connection.close()
        if end != b"0000":
            raise BenchError(f"{path} was cut off after {count} bytes: {end!r}")
        return count


def at_once(jobs: Sequence[Callable[[], object]]) -> None:
    """Runs jobs side by side; the first failure is raised."""
    failures: list[BaseException] = []

    def run(job: Callable[[], object]) -> None:
        try:
            job()
        except BaseException as error:  # handed on below
            failures.append(error)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def push(workspace: Workspace, source: Path, url: str, *specs: str) -> None:
    """`git push` out of a bare repository."""
    workspace.run("git", "-C", source, "push", "--quiet", url, *specs, timeout=1800)


def small_commits(workspace: Workspace, source: Path, count: int) -> list[str]:
    """Commits on top of each other that change nothing but the message: what the smallest pushes bring."""
    tip = workspace.run("git", "-C", source, "rev-parse", "refs/heads/main").strip()
    tree = workspace.run("git", "-C", source, "rev-parse", "refs/heads/main^{tree}").strip()
    names = {"GIT_AUTHOR_NAME": "b", "GIT_AUTHOR_EMAIL": "b@c", "GIT_COMMITTER_NAME": "b", "GIT_COMMITTER_EMAIL": "b@c"}
    found = []
    for number in range(count):
        command = ["git", "-C", str(source), "commit-tree", tree, "-p", tip, "-m", f"small {number}"]
        tip = subprocess.run(command, capture_output=True, text=True, check=True,
                             env=workspace.environment | names).stdout.strip()
        found.append(tip)
    return found
