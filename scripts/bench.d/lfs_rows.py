"""Fills Granary's table of LFS objects, to see whether a batch gets slower with a large table."""

import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

REPOSITORY = "SELECT id FROM repositories WHERE name = ?"
COUNT = "SELECT count(*) FROM lfs_objects WHERE repository_id = ?"
INSERT = "INSERT INTO lfs_objects (repository_id, oid, size, created_at) VALUES (?, ?, ?, ?)"
# How a time is written in `created_at`: this many to a second.
TIME_UNITS = 1_000_000


def fill(data: Path, repository: str, rows: int) -> None:
    """Adds objects that are not in the store, until the repository has `rows`. No server may run."""
    with closing(sqlite3.connect(data / "granary.sqlite")) as database, database:
        identifier = database.execute(REPOSITORY, (repository,)).fetchone()[0]
        missing = rows - int(database.execute(COUNT, (identifier,)).fetchone()[0])
        database.executemany(INSERT, invented_rows(identifier, missing))


def invented_rows(repository: str, count: int) -> Iterator[tuple[str, str, int, int]]:
    """Rows of objects with random names."""
    now = int(time.time() * TIME_UNITS)
    for _ in range(count):
        yield repository, secrets.token_hex(32), 1 << 20, now
