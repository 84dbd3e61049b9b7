"""The history that git transfers are measured with: many small changes to text files in nested folders."""

import random
from pathlib import Path
from subprocess import PIPE, Popen

from processes import BenchError
from workspace import Workspace

START = 1_500_000_000
FOLDERS = 12
FILES = 8
LINES = 90
# Files that a commit changes, in three of five commits; one fewer in the others.
CHANGES = 5


class History:
    """A `git fast-import` stream; the same seed gives the same objects, byte for byte."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.files: dict[str, list[str]] = {}

    def path(self) -> str:
        """A file three folders deep."""
        pick = self.random.randrange
        return f"src{pick(FOLDERS)}/part{pick(FOLDERS)}/unit{pick(FOLDERS // 2)}/file{pick(FILES)}.txt"

    def line(self) -> str:
        """Words that compress about as well as source code."""
        return " ".join(self.random.choice(WORDS) for _ in range(self.random.randrange(3, 9)))

    def commit(self, number: int) -> bytes:
        """The next commit on the branch."""
        out = [f"commit refs/heads/main\nmark :{number + 1}\n"
               f"committer Bench <bench@example.org> {START + 600 * number} +0000\ndata 14\nchange {number:07}"]
        for _ in range(CHANGES - (number % 5 < 2)):
            path = self.path()
            lines = self.files.setdefault(path, [])
            if not lines:
                lines.extend(self.line() for _ in range(LINES))
            for _ in range(self.random.randrange(1, 4)):
                lines[self.random.randrange(len(lines))] = self.line()
            if self.random.randrange(3) == 0:
                lines.insert(self.random.randrange(len(lines)), self.line())
            text = "\n".join(lines) + "\n"
            out.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}")
        return ("\n".join(out) + "\n\n").encode()


_words = random.Random(7)
WORDS = ["".join(_words.choice("etaoinshrdlucmfwyp_()") for _ in range(_words.randrange(2, 10))) for _ in range(2_000)]


def make_history(workspace: Workspace, name: str, commits: int, refs: int = 1) -> Path:
    """A bare repository of `commits` commits in one pack, with `refs` branches and no bitmap."""
    path = workspace.path / f"{name}.git"
    workspace.run("git", "init", "--quiet", "--bare", "--initial-branch=main", path)
    history = History(commits)
    command = ["git", "-C", str(path), "fast-import", "--quiet"]
    with Popen(command, stdin=PIPE, env=workspace.environment) as importer:
        assert importer.stdin is not None
        for number in range(commits):
            importer.stdin.write(history.commit(number))
        for number in range(1, refs):
            importer.stdin.write(f"reset refs/heads/topic/{number:06}\nfrom :{1 + number % commits}\n\n".encode())
        importer.stdin.close()
        if importer.wait(900) != 0:
            raise BenchError("git fast-import failed")
    workspace.run("git", "-C", path, "-c", "repack.writeBitmaps=false", "repack", "-a", "-d", "-f", "--quiet")
    workspace.run("git", "-C", path, "pack-refs", "--all")
    return path
