"""What grows: lists with the number of repositories, folders and commits with the number of files."""

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from granary import http_port
from hub_load import Client, Page, wrk
from hub_stage import Stage
from processes import Server
from report import Bar, Row

FEW_REPOSITORIES = 1_000
FEW_TREE_FILES = 10_000
FEW_COMMIT_FILES = 1_000
FILES_OF_A_FOLDER = 1_000
COMMITS = 40
CREATORS = 4


class Growth:
    """The same request to little and to much."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._made = 0
        self._names = itertools.count()

    # Lists

    def lists(self) -> None:
        """A page of a list and of a search, with few and with many repositories."""
        pages = [Page("list of models, a page", "GET", "/api/models?limit=100", {}),
                 Page("search, a page", "GET", "/api/models?search=model-7&limit=100", {}),
                 Page("newest, a page", "GET", "/api/models?sort=createdAt&limit=100", {})]
        self._create(FEW_REPOSITORIES)
        few = [self._cost(page, FEW_REPOSITORIES) for page in pages]
        self._create(self._stage.options.repositories)
        many = [self._cost(page, self._stage.options.repositories) for page in pages]
        for page, small, large in zip(pages, few, many, strict=True):
            self._add(page.title, self._stage.options.repositories, "repositories", large, FEW_REPOSITORIES, small)

    def _create(self, count: int) -> None:
        """Makes public models until there are `count`."""
        missing = range(self._made, count)
        with Server(self._stage.granary.launch()) as server, ThreadPoolExecutor(CREATORS) as pool:
            list(pool.map(partial(self._create_some, http_port(server)),
                          [missing[start::CREATORS] for start in range(CREATORS)]))
        self._made = count

    def _create_some(self, port: int, numbers: range) -> None:
        with Client(port, self._stage.granary.token) as client:
            for number in numbers:
                client.json("POST", "/api/repos/create", {"name": f"model-{number:05}"})

    def _cost(self, page: Page, count: int) -> float:
        """CPU microseconds for a page, over eight connections."""
        work = partial(self._ask, page)
        name = f"{page.title}, {count}"
        return self._stage.costs(name, [("Granary", self._stage.hub, work)])["Granary"]

    def _ask(self, page: Page, server: Server) -> int:
        return wrk(self._stage.workspace, http_port(server), page, 8, self._stage.options.seconds)

    def _add(self, title: str, much: int, unit: str, large: float, little: int, small: float) -> None:
        self._stage.report.rows.append(
            Row(f"{title}, {much:,} {unit}: CPU µs", large, f"Granary, {little:,} {unit}", small, Bar(at_most=1.5)))

    # Folders

    def trees(self) -> None:
        """A page of a folder that has few files and of one that has many, and a page of all folders below the root."""
        much = self._stage.options.files
        small, large = self._stage.filled("tree-few", FEW_TREE_FILES), self._stage.filled("tree-many", much)
        for title, path in [("tree, first page", "/tree/main/f00000?limit=1000"),
                            ("tree, recursive, first page", "/tree/main?recursive=true&limit=1000")]:
            costs = [self._cost(Page(title, "GET", f"/api/models/{repository}{path}", {}), count)
                     for repository, count in [(small, FEW_TREE_FILES), (large, much)]]
            self._add(title, much, "files", costs[1], FEW_TREE_FILES, costs[0])

    # Commits

    def commits(self) -> None:
        """A commit of one file into a folder of a thousand, in a repository of few and of many files."""
        much = self._stage.options.files
        small = self._stage.filled("commit-few", FEW_COMMIT_FILES, FILES_OF_A_FOLDER)
        large = self._stage.filled("commit-many", much, FILES_OF_A_FOLDER)
        costs = self._stage.costs("commit", [
            (repository, self._stage.hub, partial(self._commit, repository)) for repository in (small, large)])
        self._add("commit of one file", much, "files", costs[large], FEW_COMMIT_FILES, costs[small])
        with Server(self._stage.granary.launch()) as server:
            walls = [self._seconds(repository, server) * 1e3 for repository in (small, large)]
        self._stage.report.rows.append(
            Row(f"commit of one file, {much:,} files: wall ms", walls[1], f"Granary, {FEW_COMMIT_FILES:,} files", walls[0]))

    def _commit(self, repository: str, server: Server) -> int:
        with self._stage.client(server) as client:
            for _ in range(COMMITS):
                number = next(self._names)
                client.commit(repository, f"n {number}", {f"f00000/{number % FILES_OF_A_FOLDER:05}.txt": f"{number}\n"})
        return COMMITS

    def _seconds(self, repository: str, server: Server) -> float:
        started = time.perf_counter()
        return (self._commit(repository, server) and time.perf_counter() - started) / COMMITS
