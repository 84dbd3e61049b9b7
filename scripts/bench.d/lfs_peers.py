"""The peers of the LFS benchmark: nginx for the bytes, giftless for the whole protocol."""

import os
import pwd
import shutil
import sys

from lfs_client import HTTP, LFSObject
from processes import BenchError, Launch, Server
from workspace import Workspace, free_port

# What giftless 0.6 needs for local storage. Its wheel names no dependencies, and those of its repository include three
# clouds.
GIFTLESS_PACKAGES = [
    "giftless==0.6.2", "gunicorn==23.0.0", "cachetools==5.5.2", "cryptography", "figcan==0.0.4", "flask==2.3.3",
    "flask-classful==0.16.0", "flask-marshmallow==0.15.0", "importlib-metadata==7.0.2", "marshmallow==3.21.1",
    "PyJWT==2.8.0", "python-dateutil==2.9.0.post0", "python-dotenv==1.0.1", "PyYAML==6.0.2", "requests==2.32.3",
    "typing-extensions", "webargs==8.4.0", "werkzeug==3.0.3",
]


class Nginx:
    """nginx that serves a directory and takes uploads by WebDAV, as a plain file server would be set up."""

    name = "nginx"

    def __init__(self, workspace: Workspace) -> None:
        program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise BenchError("nginx is missing")
        self._program = program
        self._workspace = workspace
        self._home = workspace.directory("nginx")
        self.files = workspace.directory("nginx/files")
        workspace.directory("nginx/temporary")

    def launch(self) -> Launch:
        """nginx on a free port."""
        port = free_port()
        config = self._home / "nginx.conf"
        config.write_text(self._config(port), encoding="utf-8")
        command = [self._program, "-p", str(self._home), "-c", str(config), "-e", "stderr"]
        return Launch(command, "start worker processes", port, self._workspace.environment, self._home)

    def _config(self, port: int) -> str:
        # Only root may set a user, and without one root's workers become somebody who cannot read the directory.
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
                sendfile on;
                tcp_nopush on;
                client_max_body_size 0;
                client_body_temp_path temporary/body;
                {unused}
                server {{
                    listen 127.0.0.1:{port};
                    root files;
                    dav_methods PUT;
                }}
            }}
        """

    def offer(self, item: LFSObject) -> None:
        """Makes an object ready for download."""
        os.link(item.path, self.files / item.oid)

    def download(self, item: LFSObject, server: Server) -> None:
        """GETs an object."""
        with HTTP(server.port) as http:
            http.download(f"/{item.oid}", {}, item.size)

    def upload(self, item: LFSObject, server: Server) -> None:
        """PUTs an object under a new name."""
        with HTTP(server.port) as http:
            http.upload(f"/uploaded-{item.oid}", {}, item.path, item.size)

    def forget(self, item: LFSObject) -> None:
        """Removes what was offered and uploaded."""
        for name in (item.oid, f"uploaded-{item.oid}"):
            (self.files / name).unlink(missing_ok=True)


class Giftless:
    """giftless under gunicorn with local storage; anybody may read and write."""

    name = "giftless"
    endpoint = "/bench/lfs.git/info/lfs"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._home = workspace.directory("giftless")
        self._virtual = self._home / "venv"
        self._storage = self._home / "storage"
        # pip may need the user's own settings to reach an index.
        with_home = {"HOME": os.environ.get("HOME", "/")}
        workspace.run(sys.executable, "-m", "venv", self._virtual)
        workspace.run(self._virtual / "bin/pip", "install", "--quiet", "--disable-pip-version-check",
                      *GIFTLESS_PACKAGES, environment=with_home)
        (self._home / "giftless.yaml").write_text(self._config(), encoding="utf-8")

    def _config(self) -> str:
        return f"""
AUTH_PROVIDERS: [giftless.auth.allow_anon:read_write]
LEGACY_ENDPOINTS: false
TRANSFER_ADAPTERS:
  basic:
    factory: giftless.transfer.basic_streaming:factory
    options:
      storage_class: giftless.storage.local_storage:LocalStorage
      storage_options: {{path: {self._storage}}}
PRE_AUTHORIZED_ACTION_PROVIDER:
  factory: giftless.auth.jwt:factory
  options: {{algorithm: HS256, private_key: only-for-this-benchmark-and-only-here, default_lifetime: 900}}
"""

    def launch(self) -> Launch:
        """gunicorn on a free port."""
        port = free_port()
        command = [str(self._virtual / "bin/gunicorn"), "--preload", "--worker-class", "gthread", "--workers", "2",
                   "--threads", "8", "--timeout", "300", "--bind", f"127.0.0.1:{port}", "giftless.wsgi_entrypoint:app"]
        environment = self._workspace.environment | {
            "GIFTLESS_CONFIG_FILE": str(self._home / "giftless.yaml"), "PYTHONWARNINGS": "ignore",
        }
        return Launch(command, r"(?s)Booting worker.*Booting worker", port, environment, self._home)

    def forget(self, item: LFSObject) -> None:
        """Removes what was uploaded."""
        for path in self._storage.rglob(item.oid):
            path.unlink()
