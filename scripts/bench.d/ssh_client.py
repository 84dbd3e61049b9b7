"""The client of the SSH benchmark: OpenSSH's, driven with prepared requests."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from processes import BenchError
from workspace import Workspace

READ_BYTES = 1 << 20
TRANSFER_SECONDS = 600
FLUSH = b"0000"
DELIMITER = b"0001"


class SSHClient:
    """ssh with one key and no configuration of the user's."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        home = workspace.directory("ssh-client")
        self.key = home / "id_ed25519"
        self._config = home / "config"
        make_key(workspace, self.key)
        self._config.write_text(self._options(), encoding="utf-8")

    def _options(self) -> str:
        # Key exchange and host key are pinned: OpenSSH would prefer a hybrid exchange that libssh does not have.
        return f"""
            Host *
            IdentityFile {self.key}
            IdentitiesOnly yes
            IdentityAgent none
            BatchMode yes
            StrictHostKeyChecking no
            UserKnownHostsFile /dev/null
            GlobalKnownHostsFile /dev/null
            UpdateHostKeys no
            KexAlgorithms curve25519-sha256
            HostKeyAlgorithms ssh-ed25519
            Compression no
            LogLevel ERROR
        """

    @property
    def public_key(self) -> Path:
        """The file with the public key."""
        return self.key.with_suffix(".pub")

    def git(self, *arguments: str | Path) -> str:
        """Runs git with this ssh."""
        return self._workspace.run(
            "git", *arguments, environment={"GIT_SSH_COMMAND": f"ssh -F {self._config}", "GIT_SSH_VARIANT": "ssh"})

    def command(self, port: int, user: str | None, *options: str) -> list[str]:
        """The command line up to and including the host."""
        login = ["-l", user] if user else []
        return ["ssh", "-F", str(self._config), "-p", str(port), *login, *options, "127.0.0.1"]

    def receive(self, port: int, user: str | None, cipher: str, command: str, request: bytes) -> "Received":
        """Runs a remote command, sends it the request, and counts what comes back."""
        line = [*self.command(port, user, "-T", "-c", cipher, "-o", "SetEnv=GIT_PROTOCOL=version=2"), command]
        pipe, environment = subprocess.PIPE, self._workspace.environment
        with subprocess.Popen(line, stdin=pipe, stdout=pipe, env=environment) as ssh:
            assert ssh.stdin is not None and ssh.stdout is not None
            os.write(ssh.stdin.fileno(), request)
            received = count_bytes(ssh.stdout.fileno())
            ssh.stdin.close()
            status = ssh.wait(TRANSFER_SECONDS)
        if status != 0:
            raise BenchError(f"ssh … {command} ended with {status} after {received.size} bytes: {received.tail!r}")
        return received

    def start_idle(self, port: int, user: str | None, count: int) -> list[subprocess.Popen[bytes]]:
        """Opens connections that ask for nothing, and returns when all are logged in."""
        options = ["-N", "-o", "PermitLocalCommand=yes", "-o", "LocalCommand=echo"]
        started: list[subprocess.Popen[bytes]] = []
        try:
            for _ in range(count):
                ssh = subprocess.Popen(self.command(port, user, *options), stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, env=self._workspace.environment)
                started.append(ssh)
                # The local command runs, and writes its line, right after login.
                if ssh.stdout is None or not ssh.stdout.readline():
                    raise BenchError(f"idle connection {len(started)} was refused")
        except BaseException:
            end_all(started)
            raise
        return started


class Received:
    """What came back from a remote command."""

    def __init__(self, size: int, tail: bytes) -> None:
        self.size = size
        # The last few hundred bytes.
        self.tail = tail


def count_bytes(pipe: int) -> Received:
    """Reads a pipe to its end and keeps only its length and tail."""
    buffer = bytearray(READ_BYTES)
    size, tail = 0, b""
    while count := os.readv(pipe, [buffer]):
        size += count
        tail = (tail + bytes(memoryview(buffer)[max(0, count - 200):count]))[-200:]
    return Received(size, tail)


def end_all(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ends clients that would stay."""
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def make_key(workspace: Workspace, path: Path) -> None:
    """Makes an Ed25519 key without a passphrase."""
    workspace.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", path)


def pkt_line(text: str) -> bytes:
    """A pkt-line with a line of text."""
    return f"{len(text) + 5:04x}{text}\n".encode()


def fetch_request(tip: str) -> bytes:
    """A protocol v2 request for everything that a commit reaches, then the end of the conversation."""
    lines = [pkt_line("command=fetch"), pkt_line("object-format=sha1"), DELIMITER, pkt_line("no-progress"),
             pkt_line("ofs-delta"), pkt_line(f"want {tip}"), pkt_line("done"), FLUSH]
    return b"".join(lines) + FLUSH
