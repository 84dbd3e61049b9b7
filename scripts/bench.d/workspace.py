"""The temporary directory of a run, and commands that run in it with nothing of the user's own configuration."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType

from processes import BenchError


class Workspace:
    """A temporary directory that goes when its `with` block ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="granary-bench-"))

    def __enter__(self) -> "Workspace":
        self.directory("home")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def directory(self, name: str) -> Path:
        """A directory in the workspace, made when it is not there."""
        path = self.path / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def require_space(self, needed: int) -> None:
        """Ends the run early rather than with a full disk."""
        free = shutil.disk_usage(self.path).free
        if free < needed:
            raise BenchError(
                f"{self.path.parent} has {free >> 20} MiB free and this run needs {needed >> 20}; "
                "set TMPDIR to another directory or give a smaller --size"
            )

    @property
    def environment(self) -> dict[str, str]:
        """The environment of clients and servers: no settings of git, ssh or Granary from outside."""
        inherited = {
            name: value for name, value in os.environ.items()
            if not name.startswith(("GIT_", "GRANARY_", "SSH_", "PYTHON", "VIRTUAL_ENV"))
        }
        return inherited | {
            "HOME": str(self.path / "home"),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "SWIFT_BACKTRACE": "enable=no",
        }

    def run(
        self, *command: str | Path, stdin: str | None = None, timeout: float = 600,
        environment: dict[str, str] | None = None,
    ) -> str:
        """Runs a command to its end and gives back what it printed; a failure ends the benchmark."""
        words = [str(word) for word in command]
        try:
            done = subprocess.run(
                words, input=stdin, stdin=subprocess.DEVNULL if stdin is None else None, capture_output=True,
                text=True, timeout=timeout, check=False, cwd=self.path, env=self.environment | (environment or {}),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise BenchError(f"{words[0]}: {error}") from error
        if done.returncode != 0:
            raise BenchError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
