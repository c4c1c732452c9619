# SPDX-License-Identifier: GPL-2.0
"""top_screen.py COMMAND DIRECTORY: press the keys of `memtriage top` and read its screen, by
way of a tmux of our own. TAP."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from tap import end, result  # noqa: E402

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
command, directory = sys.argv[1:]
SNAPSHOT = f"{directory}/snapshot"
VALGRIND = f"{directory}/valgrind.log"
# a machine may be busy, and valgrind takes its time
PATIENCE = 20


class Terminal:
    """A shell in a terminal, which runs one command and then tells its exit status."""

    def __init__(self, name, line, columns=100, lines=24):
        self.name = name
        script = f"{directory}/{name}.sh"
        with open(script, "w", encoding="utf-8") as file:
            # the keyboard's signals are for all of the terminal
            file.write(f"trap : INT\nstty -a >{directory}/{name}.before\n{line} 2>{directory}/{name}.err\n"
                       f"echo $? >{directory}/{name}.status.new\nstty -a >{directory}/{name}.after\n"
                       f"mv {directory}/{name}.status.new {directory}/{name}.status\nexec sleep 1000\n")
        self.tmux("-f", "/dev/null", "new-session", "-d", "-x", str(columns), "-y", str(lines),
                  f"exec sh {script}")

    def tmux(self, *arguments):
        environment = dict(os.environ, TMUX_TMPDIR=directory, LC_ALL="C.UTF-8", SHELL="/bin/sh")
        environment.pop("TMUX", None)
        return subprocess.run(["tmux", "-u", "-L", self.name, *arguments], env=environment, check=True,
                              stdout=subprocess.PIPE, timeout=30).stdout.decode()

    def screen(self):
        return self.tmux("capture-pane", "-p").rstrip("\n").split("\n")

    def press(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, columns, lines):
        self.tmux("resize-window", "-x", str(columns), "-y", str(lines))

    def tell(self, what):
        return self.tmux("display-message", "-p", "#{" + what + "}").strip()

    def wait(self, what):
        """The screen when it stands still and what(screen) is true; the last one if it never is."""
        end = time.monotonic() + PATIENCE
        last = None
        while True:
            screen = self.screen()
            if (screen == last and what(screen)) or time.monotonic() > end:
                return screen
            last = screen
            time.sleep(0.05)

    def status(self):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if os.path.exists(f"{directory}/{self.name}.status"):
                with open(f"{directory}/{self.name}.status", encoding="utf-8") as file:
                    return int(file.read())
            time.sleep(0.1)
        return None

    def is_as_it_was(self):
        """Its modes, its cursor, and its first screen are back."""
        modes = [open(f"{directory}/{self.name}.{when}", encoding="utf-8").read()
                 for when in ("before", "after")]
        return modes[0] == modes[1] and self.tell("alternate_on") == "0" and self.tell("cursor_flag") == "1"

    def process(self):
        """The command's process: the one that the shell in the terminal has started."""
        shell = self.tell("pane_pid")
        with open(f"/proc/{shell}/task/{shell}/children", encoding="ascii") as file:
            return int(file.read().split()[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.tmux("kill-server")


def table(screen):
    """The columns' names, and the records by them."""
    header = screen[2].split()
    names = [name.rstrip("*") for name in header]
    return header, [dict(zip(names, line.split(None, len(names) - 1))) for line in screen[3:] if line]


def numbers(rows, column):
    return [0 if row[column] == "-" else int(row[column].lstrip("~")) for row in rows]


def recorded(report):
    with open(SNAPSHOT, encoding="utf-8") as file:
        part = re.search(rf"^# memtriage {report} version.*?(?=^# memtriage |\Z)", file.read(), re.M | re.S)
    return [line.split(None, 9) for line in part[0].splitlines() if line and not line.startswith("#")]


def replace(pattern, by):
    with open(SNAPSHOT, encoding="utf-8") as file:
        text, found = re.subn(pattern, by, file.read(), count=1, flags=re.M)
    assert found == 1, pattern
    with open(SNAPSHOT + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.rename(SNAPSHOT + ".new", SNAPSHOT)


def sorted_by(column):
    def is_sorted(screen):
        header, rows = table(screen) if len(screen) > 3 else ([], [])
        return column + "*" in header and len(rows) > 3 and \
            numbers(rows, column) == sorted(numbers(rows, column), reverse=True)
    return is_sorted


def check_session(terminal):
    screen = terminal.wait(sorted_by("kB"))
    header, rows = table(screen)
    largest = [row[0] for row in sorted(recorded("slab"), key=lambda row: -int(row[0]))]
    result(header[:3] == ["change", "kB*", "objects"] and header[-1] == "names" and len(rows) == 21 and
           [row["kB"] for row in rows] == largest[:21] and {row["change"] for row in rows} == {"+0"},
           "it shows the largest records of slab, in order", *screen)

    terminal.press(">")
    one = terminal.wait(sorted_by("objects"))
    terminal.press(">")
    two = terminal.wait(sorted_by("active"))
    terminal.press("<")
    three = terminal.wait(sorted_by("objects"))
    most = max(int(row[1]) for row in recorded("slab") if row[1] != "-")
    result(sorted_by("objects")(one) and sorted_by("active")(two) and three == one and
           numbers(table(one)[1], "objects")[0] == most, "keys choose the column to sort by", *one, *two)

    terminal.press("<")
    begin = terminal.wait(sorted_by("kB"))
    for key, first in ("Down", 4), ("Down", 5), ("Up", 4):
        terminal.press(key)
        down = terminal.wait(lambda screen, first=first: screen[3] == begin[first])
    terminal.press("NPage")
    page = terminal.wait(lambda screen: screen[3] != begin[4])
    terminal.press("Home")
    home = terminal.wait(lambda screen: screen == begin)
    result(down[3:-1] == begin[4:] and page[3] not in down and home == begin, "keys scroll",
           *begin, *down, *page)

    terminal.press("r")
    screen = terminal.wait(lambda screen: "top: owners " in screen[0])
    seen = ["owners"]
    while seen[-1] != "slab" and len(seen) < 20:
        terminal.press("r")
        screen = terminal.wait(lambda screen: f"top: {seen[-1]} " not in screen[0])
        seen.append(re.search(r"top: (\w+) ", screen[0])[1])
    result(seen == ["owners", "content", "vmalloc", "pages", "ghost", "balloon", "sockets", "tmpfs",
                    "tasks", "cgroups", "ledger", "slab"], "a key goes through all reports", seen, *screen)

    replace(r"^10336 5168 5155 2048", "14432 7216 7203 2048")
    replace(r"^# seconds: .*", "# seconds: 1795514567")
    screen = terminal.wait(lambda screen: "+4096" in screen[3])
    row = table(screen)[1][0]
    result((row["change"], row["kB"], row["names"][:10]) == ("+4096", "14432", "kmalloc-2k") and
           screen[0].endswith("; 17 s"), "what has changed since the start is told", *screen)
    replace(r"^408 (5712 5660 72)", r"508 \1")
    terminal.press("+")
    screen = terminal.wait(lambda screen: "+100" in "".join(screen[4:5]))
    header, rows = table(screen)
    result(header[0] == "change*" and [row["change"] for row in rows[:3]] == ["+4096", "+100", "+0"] and
           rows[1]["names"].startswith("vmap_area"), "and sorted by", *screen)

    before = screen
    terminal.resize(20, 5)
    small = terminal.wait(lambda screen: len(screen) == 5 and screen[0].startswith("memtriage top"))
    title_once = sum("memtriage" in line for line in small)
    terminal.press("Down")
    terminal.wait(lambda screen: screen[3] == small[4])
    terminal.resize(1, 1)
    time.sleep(0.5)
    terminal.resize(140, 24)
    terminal.press("Home")
    large = terminal.wait(lambda screen: screen == before)
    result(title_once == 1 and re.match(r" *\+4096 +14432|  \+4096", small[3]) and large == before,
           "a terminal of 20 by 5, or of 1 by 1, is no end", *small, *large)

    os.rename(SNAPSHOT, SNAPSHOT + ".away")
    screen = terminal.wait(lambda screen: "cannot be read" in screen[0])
    result("(cannot be read any more)" in screen[0] and screen[1:] == large[1:],
           "when there is nothing more to read, the last figures stay", *screen)
    os.rename(SNAPSHOT + ".away", SNAPSHOT)
    terminal.wait(lambda screen: "cannot be read" not in screen[0])

    terminal.press("q")
    status = terminal.status()
    result(status == 0 and terminal.is_as_it_was(), "q ends it, and leaves the terminal as it was",
           status, *terminal.screen())


def check_memory():
    with Terminal("memory", "valgrind -q --error-exitcode=99 --leak-check=full "
                  f"--errors-for-leak-kinds=definite,indirect --log-file={VALGRIND} "
                  f"{command} --from {SNAPSHOT} top", 140, 24) as terminal:
        terminal.wait(lambda screen: "top: slab " in screen[0])
        terminal.press("r")
        terminal.wait(lambda screen: "top: owners " in screen[0])
        terminal.press(">", "+", "NPage")
        terminal.resize(20, 5)
        terminal.wait(lambda screen: len(screen) == 5 and "top: owners" not in screen[0])
        terminal.resize(1, 1)
        time.sleep(0.3)
        terminal.resize(140, 24)
        screen = terminal.wait(lambda screen: "top: owners on" in screen[0])
        terminal.press("q")
        status = terminal.status()
    with open(VALGRIND, encoding="utf-8") as file:
        said = file.read()
    result(status == 0 and not said and "owners" in screen[0], "valgrind finds nothing", status, said, *screen)


def check_signals():
    good, words = True, []
    for name in ("SIGTERM", "SIGINT", "SIGHUP"):
        number = getattr(signal, name)
        with Terminal(name, f"{command} --from {SNAPSHOT} top vmalloc") as terminal:
            terminal.wait(lambda screen: "top: vmalloc" in screen[0])
            shown = terminal.tell("alternate_on") == "1" and terminal.tell("cursor_flag") == "0"
            if name == "SIGINT":
                terminal.press("C-c")
            else:
                os.kill(terminal.process(), number)
            status = terminal.status()
            if not shown or status != 128 + number or not terminal.is_as_it_was():
                good = False
                words += [name, status, *terminal.screen()]
    result(good, "a signal ends it by that signal, and leaves the terminal as it was", *words)


def check_hangup():
    with Terminal("hangup", f"{command} --from {SNAPSHOT} top vmalloc") as terminal:
        terminal.wait(lambda screen: "top: vmalloc" in screen[0])
        process = f"/proc/{terminal.process()}"
    end = time.monotonic() + PATIENCE
    while os.path.exists(process) and time.monotonic() < end:
        time.sleep(0.1)
    gone = not os.path.exists(process)
    result(gone, "it ends when its terminal is gone", process)
    if not gone:
        os.kill(int(process[6:]), signal.SIGKILL)


def check_refusals():
    with Terminal("unknown", f"TERM=no-such-terminal {command} --from {SNAPSHOT} top") as terminal:
        status = terminal.status()
    with open(f"{directory}/unknown.err", encoding="utf-8") as file:
        said = file.read()
    result(status == 3 and "no-such-terminal" in said, "a terminal that nobody knows is an error", status, said)

    # from anybody: no byte of it is a command to the terminal
    replace(r"^(32832 32832 4 vmalloc memtriage_plant) .*", "\\1 evil\033]0;owned\007\033[2Jname\u00e9\u4e16")
    with Terminal("escape", f"{command} --from {SNAPSHOT} top vmalloc") as terminal:
        screen = terminal.wait(lambda screen: len(screen) > 3 and "evil" in screen[3])
        title = terminal.tell("pane_title")
    result("evil?]0;owned??[2Jname\u00e9\u4e16" in screen[3] and "owned" not in title,
           "a name cannot command the terminal", *screen, title)


with open(os.path.join(TREE, "selftests/snapshots/6.12"), encoding="utf-8") as original:
    with open(SNAPSHOT, "w", encoding="utf-8") as copy:
        copy.write(original.read())
with Terminal("session", f"{command} --from {SNAPSHOT} top", 140, 24) as session:
    check_session(session)
check_memory()
check_signals()
check_hangup()
check_refusals()
sys.exit(end())
