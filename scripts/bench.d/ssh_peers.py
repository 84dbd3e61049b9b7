"""The peers of the SSH benchmark: OpenSSH with git-shell, and libssh that streams zeros."""

import os
from pathlib import Path

from processes import BenchError, Launch
from workspace import Workspace, free_port

SSHD = Path("/usr/sbin/sshd")
PRIVILEGE_SEPARATION = Path("/run/sshd")


class OpenSSH:
    """sshd in the foreground, with one key.

    An account for git has git-shell as its login shell. The user's shell cannot be changed for a benchmark, so the key
    forces git-shell, and the user's shell starts it: one exec too many. Without the forced command the user's shell
    starts git itself, as git-shell would. The truth is between the two.
    """

    def __init__(self, workspace: Workspace, host_key: Path, public_key: Path, forces_git_shell: bool = True) -> None:
        self.name = "OpenSSH + git-shell" if forces_git_shell else "OpenSSH, no git-shell"
        self._workspace = workspace
        self._home = workspace.directory("sshd" if forces_git_shell else "sshd-plain")
        self._host_key = host_key
        self._keys = self._home / "authorized_keys"
        forced = 'command="exec git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"",' if forces_git_shell else ""
        self._keys.write_text(f"{forced}restrict {public_key.read_text(encoding='ascii')}", encoding="ascii")
        if os.geteuid() == 0:
            PRIVILEGE_SEPARATION.mkdir(mode=0o755, exist_ok=True)

    def launch(self) -> Launch:
        """sshd on a free port."""
        port = free_port()
        config = self._home / "sshd_config"
        config.write_text(self._config(port), encoding="utf-8")
        command = [str(SSHD), "-D", "-e", "-f", str(config)]
        return Launch(command, rf"Server listening on 127\.0\.0\.1 port {port}\.", port,
                      self._workspace.environment, self._home)

    def _config(self, port: int) -> str:
        # HOME: Debian's bash reads ~/.bashrc when sshd starts it, and whatever the user has there is not sshd's cost.
        return f"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {self._host_key}
            PidFile none
            AuthorizedKeysFile {self._keys}
            StrictModes no
            UsePAM no
            UseDNS no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password
            PermitUserRC no
            PrintMotd no
            PrintLastLog no
            AcceptEnv GIT_PROTOCOL
            SetEnv HOME={self._workspace.path / "home"} GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
            MaxStartups 1000
            LogLevel INFO
        """


class Zeros:
    """The upper bound: a program that does nothing but send zeros through libssh."""

    name = "libssh sending zeros"

    def __init__(self, workspace: Workspace, host_key: Path) -> None:
        self._workspace = workspace
        self._home = workspace.directory("zeros")
        self._host_key = host_key
        self._program = self._home / "zeros"
        source = Path(__file__).with_name("zeros.c")
        workspace.run("cc", "-O2", "-Wall", "-Wextra", "-o", self._program, source, "-lssh")

    def launch(self) -> Launch:
        """The program on a free port."""
        port = free_port()
        return Launch([str(self._program), str(port), str(self._host_key)], "ready", port,
                      self._workspace.environment, self._home)


def require_sshd() -> None:
    """Ends the run when there is no server to compare with."""
    if not SSHD.exists():
        raise BenchError(f"{SSHD} is missing; install openssh-server")
