"""The peer of the git benchmark: git-http-backend behind nginx and fcgiwrap."""

import os
import pwd
import shutil
import time
from pathlib import Path

from measure import Sample, Subject, Work
from processes import BenchError, Launch, Server
from workspace import Workspace, free_port

BACKENDS = ["/usr/lib/git-core/git-http-backend", "/usr/libexec/git-core/git-http-backend"]


class GitHTTPBackend:
    """nginx that hands requests to `git http-backend` through fcgiwrap, as git's own documentation sets it up."""

    name = "git-http-backend"

    def __init__(self, workspace: Workspace) -> None:
        search = f"{os.environ.get('PATH', '')}:/usr/sbin"
        self._nginx = shutil.which("nginx", path=search)
        self._wrapper = shutil.which("fcgiwrap", path=search)
        self._backend = next((path for path in BACKENDS if Path(path).exists()), None)
        if not (self._nginx and self._wrapper and self._backend):
            raise BenchError("nginx, fcgiwrap or git-http-backend is missing")
        self._workspace = workspace
        self._home = workspace.directory("backend")
        self.root = workspace.directory("backend/repositories")
        workspace.directory("backend/temporary")
        self.costs = self._home / "costs"
        self._account = self._home / "account"
        workspace.run("gcc", "-O2", "-o", self._account, Path(__file__).with_name("account.c"))

    def launch(self) -> Launch:
        """nginx on a free port, with eight waiting wrappers."""
        port = free_port()
        socket = self._home / "fcgi.socket"
        config = self._home / "nginx.conf"
        config.write_text(self._config(port, socket), encoding="utf-8")
        script = (f"rm -f {socket}; {self._wrapper} -c 8 -s unix:{socket} & "
                  f"while [ ! -S {socket} ]; do sleep 0.01; done; "
                  f"exec {self._nginx} -p {self._home} -c {config} -e stderr")
        return Launch(["/bin/sh", "-c", script], "start worker processes", port, self._workspace.environment,
                      self._home)

    def _config(self, port: int, socket: Path) -> str:
        user = f"user {pwd.getpwuid(0).pw_name};" if os.geteuid() == 0 else ""
        unused = "\n".join(f"{name}_temp_path temporary/{name};" for name in ("proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""
            {user}
            daemon off;
            worker_processes auto;
            pid nginx.pid;
            error_log stderr notice;
            events {{ worker_connections 256; }}
            http {{
                access_log access.log;
                client_max_body_size 0;
                client_body_temp_path temporary/body;
                {unused}
                server {{
                    listen 127.0.0.1:{port};
                    location / {{
                        fastcgi_pass unix:{socket};
                        fastcgi_buffering off;
                        fastcgi_request_buffering off;
                        fastcgi_read_timeout 900;
                        fastcgi_param SCRIPT_FILENAME {self._account};
                        fastcgi_param ACCOUNT_PROGRAM {self._backend};
                        fastcgi_param ACCOUNT_FILE {self.costs};
                        fastcgi_param GIT_PROJECT_ROOT {self.root};
                        fastcgi_param GIT_HTTP_EXPORT_ALL "";
                        fastcgi_param GIT_PROTOCOL $http_git_protocol;
                        fastcgi_param PATH_INFO $uri;
                        fastcgi_param REQUEST_METHOD $request_method;
                        fastcgi_param QUERY_STRING $query_string;
                        fastcgi_param CONTENT_TYPE $content_type;
                        fastcgi_param CONTENT_LENGTH $content_length;
                        fastcgi_param HTTP_CONTENT_ENCODING $http_content_encoding;
                        fastcgi_param REMOTE_USER bench;
                        fastcgi_param REMOTE_ADDR $remote_addr;
                    }}
                }}
            }}
        """

    def create(self, name: str, source: Path | None = None, bitmaps: bool = False) -> None:
        """Makes a repository, empty or a copy of another."""
        path = self.root / f"{name}.git"
        run = self._workspace.run
        if source is None:
            run("git", "init", "--quiet", "--bare", "--initial-branch=main", path)
        else:
            shutil.copytree(source, path)
        for key, value in [("http.receivepack", "true"), ("uploadpack.allowFilter", "true"), ("gc.auto", "0"),
                           ("receive.autogc", "false")]:
            run("git", "-C", path, "config", key, value)
        if bitmaps:
            run("git", "-C", path, "repack", "-a", "-d", "-b", "--quiet")

    def cost(self) -> float:
        """CPU seconds of all programs that have ended so far."""
        if not self.costs.exists():
            return 0.0
        return sum(map(int, self.costs.read_text(encoding="ascii").split())) / 1e6


class AccountedSubject(Subject):
    """The peer, with the cost of the programs that fcgiwrap starts and lets go."""

    def __init__(self, peer: GitHTTPBackend) -> None:
        super().__init__(peer.name, peer.launch)
        self._peer = peer

    def sample(self, work: Work, warm_up: Work | None = None) -> Sample:
        """As any subject's; what the programs cost comes on top."""
        before = self._peer.cost()

        def warm(server: Server) -> None:
            nonlocal before
            if warm_up is not None:
                warm_up(server)
                # The last program writes its line after the client has its answer.
                time.sleep(0.2)
            before = self._peer.cost()

        def settled(server: Server) -> None:
            work(server)
            time.sleep(0.2)

        sample = super().sample(settled, warm)
        return Sample(sample.cpu + self._peer.cost() - before, sample.wall - 0.2, sample.idle_rss, sample.peak_rss)
