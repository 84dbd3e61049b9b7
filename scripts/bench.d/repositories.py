"""The repositories that are cloned and pushed."""

import os
import random
import subprocess
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError
from workspace import Workspace

CHUNK = 1 << 20
BRANCH = "refs/heads/main"


@dataclass(frozen=True)
class Repository:
    """A bare repository on disk, packed into one pack."""

    path: Path
    # The commit on its branch.
    tip: str
    # Bytes of its blobs; they do not compress, so this is nearly the size of its pack.
    size: int


def make_repository(workspace: Workspace, name: str, blobs: int, blob_size: int) -> Repository:
    """One commit with `blobs` files of random bytes, packed as `git repack` packs."""
    path = workspace.path / f"{name}.git"
    workspace.run("git", "init", "--quiet", "--bare", "--initial-branch=main", path)
    # Random bytes do not get smaller; level 0 saves a minute of trying.
    command = ["git", "-C", str(path), "-c", "core.compression=0", "-c", "pack.compression=0",
               "fast-import", "--quiet", f"--big-file-threshold={1 << 20}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=workspace.environment) as importer:
        assert importer.stdin is not None
        write_commit(importer.stdin.fileno(), blobs, blob_size)
        importer.stdin.close()
        if importer.wait(600) != 0:
            raise BenchError("git fast-import failed")
    # Nothing resembles random bytes, and looking for it takes minutes.
    workspace.run("git", "-C", path, "-c", "core.bigFileThreshold=1m", "repack", "-a", "-d", "-b", "--quiet")
    tip = workspace.run("git", "-C", path, "rev-parse", BRANCH).strip()
    return Repository(path, tip, blobs * blob_size)


def write_commit(pipe: int, blobs: int, blob_size: int) -> None:
    """Writes the stream for git-fast-import(1)."""
    def write(data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(pipe, view):]

    # The same numbers each time make the same repository each time.
    source = random.Random(1)
    write(f"commit {BRANCH}\ncommitter Bench <bench@example.org> 1700000000 +0000\ndata 5\nBench\n".encode())
    for index in range(blobs):
        write(f"M 100644 inline weights/{index:04}.bin\ndata {blob_size}\n".encode())
        for start in range(0, blob_size, CHUNK):
            write(source.randbytes(min(CHUNK, blob_size - start)))
        write(b"\n")
