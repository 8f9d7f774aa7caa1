# SPDX-License-Identifier: Apache-2.0
"""Processes that are started and always stopped, and what the kernel counts of them."""
import ctypes
import os
import resource
import signal
import socket
import subprocess
import time

LIVE = []
CORES = sorted(os.sched_getaffinity(0))


def _in_child():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: ends with us, however we end
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Process:
    """A program and its children, in a session of its own. Output goes to FOLDER/stdout and /stderr unless `pipes`."""

    def __init__(self, command, folder, env=None, pipes=False):
        self.command = command
        self.folder = folder
        if pipes:
            out, into, err = subprocess.PIPE, subprocess.PIPE, None
        else:
            out, into, err = open(f"{folder}/stdout", "ab"), subprocess.DEVNULL, open(f"{folder}/stderr", "wb")
        self.child = subprocess.Popen([str(part) for part in command], cwd=folder, stdin=into, stdout=out, stderr=err, text=pipes,
                                      env=dict(os.environ, **(env or {})), start_new_session=True, preexec_fn=_in_child)
        LIVE.append(self)
        if not pipes:
            out.close()
            err.close()

    def ids(self):
        """Of the program and all that it started."""
        children = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
        found, left = [], [self.child.pid]
        while left:
            found.append(left.pop())
            left += children.get(found[-1], [])
        return found

    def ended(self):
        return self.child.poll() is not None

    def stop(self, patience=4.0, signal_first=signal.SIGTERM):
        if self in LIVE:
            LIVE.remove(self)
        ids = self.ids() if not self.ended() else []
        if not self.ended():
            self.child.send_signal(signal_first)
            try:
                self.child.wait(patience)
            except subprocess.TimeoutExpired:
                pass
        for each in ids:
            if each != self.child.pid or not self.ended():
                try:
                    os.kill(each, signal.SIGKILL)
                except OSError:
                    pass
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe:
                pipe.close()

    def last_words(self):
        text = ""
        for name in ("stdout", "stderr", "error.log"):
            try:
                with open(f"{self.folder}/{name}", errors="replace") as file:
                    text += file.read()[-1000:]
            except OSError:
                pass
        return text


def stop_all():
    for each in list(LIVE):
        each.stop(1.0)


def pin(process, core):
    """All threads of the program on one core; of a machine with one core nothing is asked."""
    if len(CORES) < 2:
        return
    for each in process.ids():
        try:
            for thread in os.listdir(f"/proc/{each}/task"):
                os.sched_setaffinity(int(thread), {core})
        except OSError:
            pass


def cpu_ns(ids):
    """User and system time of the processes, in nanoseconds: the CPU clock of each, ended threads included."""
    total = 0
    for each in ids:
        try:
            total += time.clock_gettime_ns((~each << 3) | 2)
        except OSError:
            pass
    return total


def rss_bytes(ids):
    total = 0
    for each in ids:
        try:
            with open(f"/proc/{each}/smaps_rollup") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Rss:")) * 1024
        except OSError:
            pass
    return total


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def open_files_limit():
    return resource.getrlimit(resource.RLIMIT_NOFILE)[1]
