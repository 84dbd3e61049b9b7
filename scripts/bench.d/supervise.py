"""Runs one server and writes down, after it has stopped, what it and all its descendants cost.

    supervise.py REPORT COMMAND [ARGUMENT...]

SIGTERM stops the server. The report is a JSON object: `cpu`, user and system seconds of every process that the server
started, also of those that it left behind, and `status`, its exit status as Python writes it (negative for a signal).
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Seconds that a server gets after SIGTERM, and that processes it left behind get after it.
STOP_SECONDS = 20.0
ORPHAN_SECONDS = 3.0

libc = ctypes.CDLL(None, use_errno=True)


def control(option: int, value: int) -> None:
    """Sets an attribute of this process; see prctl(2)."""
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}) failed")


class Supervisor:
    """Owns the server process and inherits whatever it leaves behind."""

    def __init__(self, command: list[str]) -> None:
        self.cpu = 0.0
        self.status: int | None = None
        self.server = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=self._before_exec)

    @staticmethod
    def _before_exec() -> None:
        # The signal mask survives exec, and a server with SIGTERM blocked could not be stopped.
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        control(PR_SET_PDEATHSIG, signal.SIGKILL)

    def reap(self) -> bool:
        """Collects ended children and adds up their cost; false when there are no children left."""
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            self.cpu += usage.ru_utime + usage.ru_stime
            if pid == self.server.pid:
                self.status = os.waitstatus_to_exitcode(status)

    def run(self) -> None:
        """Returns when the server has ended, by itself or because SIGTERM came."""
        deadline: float | None = None
        while self.status is None:
            caught = signal.sigtimedwait([signal.SIGTERM, signal.SIGCHLD], 1.0)
            self.reap()
            if self.status is not None:
                break
            if caught is not None and caught.si_signo == signal.SIGTERM and deadline is None:
                deadline = time.monotonic() + STOP_SECONDS
                os.kill(self.server.pid, signal.SIGTERM)
            if deadline is not None and time.monotonic() > deadline:
                os.kill(self.server.pid, signal.SIGKILL)

    def end_orphans(self) -> None:
        """Ends what the server left behind, gently first."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + ORPHAN_SECONDS
            for pid in children(os.getpid()):
                os.kill(pid, how)
            while self.reap():
                if time.monotonic() > deadline:
                    break
                time.sleep(0.01)
            else:
                return


def children(parent: int) -> list[int]:
    """The processes whose parent is `parent` now."""
    found = []
    for name in filter(str.isdecimal, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                # The name of the program stands in parentheses and may hold anything.
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            found.append(int(name))
    return found


def main() -> None:
    report, command = sys.argv[1], sys.argv[2:]
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGCHLD])
    control(PR_SET_CHILD_SUBREAPER, 1)
    # Nothing outlives the benchmark, however that ends.
    control(PR_SET_PDEATHSIG, signal.SIGTERM)
    supervisor = Supervisor(command)
    supervisor.run()
    supervisor.end_orphans()
    with open(report + ".part", "w", encoding="utf-8") as file:
        json.dump({"cpu": supervisor.cpu, "status": supervisor.status}, file)
    os.rename(report + ".part", report)


if __name__ == "__main__":
    main()
