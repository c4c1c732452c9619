# SPDX-License-Identifier: GPL-2.0
"""One boot of a kernel under QEMU, without KVM.

The guest has two serial ports: the kernel writes its messages to the first,
the job writes to the second. A guest that ends without its end marker has
failed, whatever it printed before: silence is failure.

A line `## host: qmp COMMAND ARGUMENTS` from the job is carried out here:
ARGUMENTS is a JSON object, or a bare number, which stands for {"value": N}.
"""

import json
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time

RIG = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(RIG))
CACHE = os.environ.get("MEMTRIAGE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "memtriage")
BUILD = os.environ.get("MEMTRIAGE_BUILD") or os.path.join(ROOT, "build")

SPLAT = re.compile(
    r"BUG:|WARNING:|Oops|Call Trace|KASAN|UBSAN|possible recursive|circular locking"
    r"|inconsistent lock|suspicious RCU|unreferenced object|blocked for more than"
    r"|soft lockup|rcu.*stall|general protection|Kernel panic")
# Lines in which a kernel only says that it has such a checker.
NOT_SPLAT = re.compile(
    r"Kernel command line|Command line:|KernelAddressSanitizer initialized|kasan: |"
    r"rcu: .*(RCU calculated|stall warn)|RCU CPU stall")

# One thread for all CPUs. A kernel changes its text while other CPUs run it (static keys,
# probes, memory cgroups), and QEMU before 8.1 may then keep the breakpoint that stands there
# meanwhile, and run into it later, for ever or to an oops, as no machine would. (QEMU commit
# deba78709ae8 "accel/tcg: Always lock pages before translation".) It is no slower.
ONE_THREAD = "tcg,thread=single"

# What "max" has beside that is dear under emulation. With ERMS the kernel clears and copies
# memory in steps of a byte, by an instruction that is emulated step by step.
CPU = "max,-erms"

# The counters of QEMU's CPUs are one, but say nothing of it, and a kernel that does not trust them
# asks a timer chip for the time, which QEMU stops the machine for.
CLOCK = "tsc=reliable"

# Seconds from power-on to the job: the debug kernel needs 50 on a busy machine.
BOOT_TIMEOUT = 240

START = re.compile(r"^## guest start")
END = re.compile(r"^## guest end rc=(\d+)$")
HOST = re.compile(r"^## host: qmp (\S+)\s*(.*)$")


class Lines:
    """Bytes in, whole lines out, carriage returns removed."""

    def __init__(self):
        self.rest = b""

    def feed(self, data):
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line.replace(b"\r", b"").decode(errors="replace") for line in lines]


class Guest:
    """A finished or running boot. After run(): job and kernel (lists of lines), rc,
    failures, and why (the lines to look at first)."""

    def __init__(self, series, job, append="", qemu="", memory="1024", timeout=300, log=None):
        self.series, self.job_text = series, job
        self.append, self.qemu, self.memory, self.timeout = append.split(), qemu.split(), memory, timeout
        self.log_path = log or os.path.join(BUILD, series, "log", "boot.log")
        self.job, self.kernel, self.qemu_lines = [], [], []
        self.failures, self.why = [], []
        self.rc = None
        self.started = False
        self.begin = self.seconds = 0.0

    def command(self, directory):
        append = ["console=ttyS0", "panic=-1", "oops=panic", "panic_on_warn=1", "quiet", "loglevel=7", CLOCK]
        return [
            "qemu-system-x86_64", "-accel", ONE_THREAD, "-cpu", CPU, "-smp", "2,sockets=2", "-m", self.memory,
            "-display", "none", "-no-reboot", "-nodefaults", "-no-user-config",
            "-kernel", os.path.join(CACHE, "kernels", self.series, "vmlinuz"),
            "-initrd", os.path.join(directory, "initramfs"),
            "-append", " ".join(append + self.append),
            "-serial", "unix:" + os.path.join(directory, "kernel"),
            "-serial", "unix:" + os.path.join(directory, "job"),
            "-qmp", "unix:" + os.path.join(directory, "qmp"),
        ] + self.qemu

    def initramfs(self, directory, interactive=False):
        """The kernel's archive, and one with this boot's job behind it."""
        name = "interactive" if interactive else "job"
        path = os.path.join(directory, name)
        with open(path, "w") as job:
            job.write(self.job_text)
        archive = subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], input=name.encode(),
                                 cwd=directory, stdout=subprocess.PIPE, check=True).stdout
        os.unlink(path)
        with open(os.path.join(directory, "initramfs"), "wb") as out:
            with open(os.path.join(BUILD, self.series, "initramfs.cpio"), "rb") as base:
                shutil.copyfileobj(base, out)
            out.write(archive)

    def run(self, show=lambda stream, line: None, terminal=None):
        """Boot, run to the end, judge. show() sees each line as it comes, with its
        stream: "job", "kernel" or "rig". With terminal (two file descriptors) the
        job is an interactive shell."""
        self.begin = time.monotonic()
        os.makedirs(os.path.dirname(self.log_path), exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="memtriage-vm.") as directory, \
                open(self.log_path, "w") as self.log:
            self.show = show
            self.initramfs(directory, interactive=terminal is not None)
            listeners = {}
            for name in ("kernel", "job", "qmp"):
                listeners[name] = socket.socket(socket.AF_UNIX)
                listeners[name].bind(os.path.join(directory, name))
                listeners[name].listen(1)
            # a killed runner takes its guest with it
            command = ["setpriv", "--pdeathsig", "KILL"] + self.command(directory)
            self.log.write("# " + " ".join(command) + "\n")
            qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                self.watch(qemu, listeners, self.begin + self.timeout, terminal)
            finally:
                qemu.kill()
                qemu.wait()
                for listener in listeners.values():
                    listener.close()
            self.seconds = time.monotonic() - self.begin
            self.judge()
            for failure in self.failures:
                self.line("rig", failure)
        return self

    def line(self, stream, text):
        self.log.write("%7.2f %-6s %s\n" % (time.monotonic() - self.begin, stream, text))
        self.log.flush()
        self.show(stream, text)

    def watch(self, qemu, listeners, deadline, terminal):
        select = selectors.DefaultSelector()
        for name, listener in listeners.items():
            select.register(listener, selectors.EVENT_READ, ("listen", name))
        select.register(qemu.stdout, selectors.EVENT_READ, ("read", "qemu"))
        sockets, buffers = {}, {"kernel": Lines(), "job": Lines(), "qmp": Lines(), "qemu": Lines()}
        interactive = None
        open_streams = {"kernel", "job", "qemu"}
        while open_streams:
            now = time.monotonic()
            left = deadline - now
            if left <= 0:
                self.failures.append("timeout: no end of the guest within %d s" % self.timeout)
                return
            if not self.started:
                left = min(left, self.begin + BOOT_TIMEOUT - now)
                if left <= 0:
                    self.failures.append("timeout: the guest did not come up within %d s" % BOOT_TIMEOUT)
                    return
            for key, _ in select.select(left):
                kind, name = key.data
                if kind == "listen":
                    sockets[name], _ = key.fileobj.accept()
                    select.unregister(key.fileobj)
                    select.register(sockets[name], selectors.EVENT_READ, ("read", name))
                    if name == "qmp":
                        sockets[name].sendall(b'{"execute": "qmp_capabilities"}\n')
                    continue
                if kind == "terminal":
                    data = os.read(key.fd, 4096)
                    if data and "job" in sockets:
                        sockets["job"].sendall(data)
                    elif not data:
                        select.unregister(key.fd)
                    continue
                try:
                    data = os.read(key.fd, 65536)
                except ConnectionResetError:
                    data = b""
                if not data:
                    select.unregister(key.fileobj)
                    open_streams.discard(name)
                    if name == "qemu":
                        # QEMU is gone: ports it never opened will not come
                        open_streams &= set(sockets)
                    continue
                if interactive and name == "job":
                    os.write(interactive[1], data)
                for line in buffers[name].feed(data):
                    self.take(name, line, sockets)
                if terminal and self.started:
                    # before that nobody listens, and what is typed would be lost
                    select.register(terminal[0], selectors.EVENT_READ, ("terminal", None))
                    os.write(terminal[1], b"memtriage guest: exit ends it\r\n")
                    interactive, terminal = terminal, None
        # a last line without its newline is kept
        for name in ("kernel", "job"):
            if buffers[name].rest:
                self.take(name, buffers[name].rest.decode(errors="replace"), sockets)

    def take(self, name, line, sockets):
        if name == "qmp":
            if '"error"' in line:
                self.failures.append("qmp: " + line)
            return
        if name == "qemu":
            self.qemu_lines.append("qemu: " + line)
            self.line("rig", self.qemu_lines[-1])
            return
        self.line(name, line)
        getattr(self, name).append(line)
        if name != "job":
            return
        if START.match(line):
            self.started = True
        end = END.match(line)
        if end:
            self.rc = int(end.group(1))
        host = HOST.match(line)
        if host:
            self.qmp(sockets.get("qmp"), *host.groups())

    def qmp(self, connection, command, arguments):
        try:
            value = json.loads(arguments) if arguments else {}
        except ValueError:
            self.failures.append("qmp: not JSON: " + arguments)
            return
        if not isinstance(value, dict):
            value = {"value": value}
        if connection is None:
            self.failures.append("qmp: no connection for " + command)
            return
        connection.sendall(json.dumps({"execute": command, "arguments": value}).encode() + b"\n")

    def judge(self):
        self.why = self.qemu_lines + (self.kernel[-15:] if self.rc is None else [])
        if not self.started:
            self.failures.append("no start marker: the guest did not come up")
        if self.rc is None:
            self.failures.append("no end marker: the guest died or hung")
        for number, line in enumerate(self.kernel):
            if SPLAT.search(line) and not NOT_SPLAT.search(line):
                self.failures.append("splat: " + line.strip())
                self.why = self.kernel[max(0, number - 3):number + 30]
                break


def terminate(*_):
    raise SystemExit(143)


signal.signal(signal.SIGTERM, terminate)
