# SPDX-License-Identifier: GPL-2.0
"""prometheus_scrape.py PROGRAMS COMMAND DIRECTORY: a real Prometheus scrapes two real
node_exporters, which read what the command COMMAND writes of a recorded snapshot: of one
machine whose ghost and whose one slab cache grow, and of one where all stays as it is. TAP.

A minute of the alerts is a fifth of a second here: the rules are those that are installed,
with their durations shortened, and nothing else."""

import contextlib
import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
from tap import end, result  # noqa: E402

TREE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SNAPSHOT = os.path.join(TREE, "selftests/snapshots/6.12")
PRODUCT = os.path.join(TREE, "tools/prometheus")
RULES = os.path.join(PRODUCT, "memtriage.rules.yml")
DASHBOARD = os.path.join(PRODUCT, "memtriage-dashboard.json")

MINUTE = 0.2
# What grows in such a minute, in kB: 0.1 % of the machine's memory.
STEP = 1000
CACHE = "kmalloc-2k"
# Minutes until all is told, 65, with room for a machine that is busy.
PATIENCE = 300

# A report that this snapshot has not, as the module prints it.
MODULES = """# memtriage modules version 1
# state: ok; rows 2; dropped 0; took 100 us
# <kB> <slab_kB> <vmalloc_kB> <ghost_kB> <state> <module>
32920 88 32832 0 live memtriage_plant
12 12 0 0 unloaded gone
"""
# No module prints such bytes, and a file that somebody sent may have any.
ODD = b"4 0 1 0 tmpfs 0:99 /odd\xff\"\\ \xc3\xa9\n"

programs, command, directory = sys.argv[1:]


def promtool(*arguments, data=None):
    done = subprocess.run([f"{programs}/promtool", *arguments], input=data, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode()


def prom(snapshot):
    return subprocess.run([command, "--from", "-", "prom"], input=snapshot, timeout=60,
                          stdout=subprocess.PIPE, check=True).stdout


def grown(snapshot, kB):
    """The snapshot, with so many kB more in the ghost and in one cache, and less that is free."""
    def add(pattern, more, text):
        text, found = re.subn(pattern, lambda m: m[1] + b"%d" % (int(m[2]) + more) + m[3], text,
                              count=1, flags=re.M)
        assert found == 1, pattern
        return text
    text = add(rb"^(Ghost: )(\d+)( kB)$", kB, snapshot)
    text = add(rb"^(Free: )(\d+)( kB)$", -2 * kB, text)
    text = add(rb"^(SlabUnreclaimable: )(\d+)( kB)$", kB, text)
    return add(rb"^()(\d+)( \d+ \d+ 2048 2048 .* " + CACHE.encode() + rb"\S*)$", kB, text)


def publish(machine, text):
    path = f"{directory}/{machine}/memtriage.prom"
    with open(path + ".new", "wb") as file:
        file.write(text)
    os.rename(path + ".new", path)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.read().decode()


class Server:
    """Prometheus' HTTP API."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, path, **parameters):
        """(data, None), or (None, why not); OSError while there is no answer"""
        try:
            answer = json.loads(get(f"{self.url}/api/v1/{path}?" + urllib.parse.urlencode(parameters)))
        except urllib.error.HTTPError as error:
            # it is there, and not ready yet
            if error.code == 503:
                raise
            return None, error.read().decode()
        return answer["data"], None

    def query(self, expression):
        data, why = self.ask("query", query=expression)
        assert data is not None, why
        return data["result"]

    def firing(self):
        return {(a["labels"]["alertname"], a["labels"].get("instance"),
                 a["labels"].get("cache") or a["labels"].get("kind"))
                for a in self.ask("alerts")[0]["alerts"] if a["state"] == "firing"}


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def start(stack, name, *arguments):
    log = stack.enter_context(open(f"{directory}/{name}.log", "wb"))
    # pylint: disable=subprocess-popen-preexec-fn
    process = subprocess.Popen(arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                               preexec_fn=die_with_parent)

    def stop():
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    stack.callback(stop)
    return process


def wait_for(what, minutes, each=lambda: None):
    """Until what() is true, with each() once a minute; whether it became true."""
    end = time.monotonic() + minutes * MINUTE
    while time.monotonic() < end:
        begin = time.monotonic()
        each()
        with contextlib.suppress(OSError):
            if what():
                return True
        time.sleep(max(0, MINUTE - (time.monotonic() - begin)))
    return False


def sped_up(text):
    """Rules whose minutes are short."""
    return re.sub(r"\b(\d+)m\b", lambda m: f"{int(int(m[1]) * MINUTE * 1000)}ms", text)


def bring_up(stack, machines):
    """The server and the exporters' addresses, when all of them answer."""
    ports = {machine: free_port() for machine in machines}
    for machine, port in ports.items():
        start(stack, machine, f"{programs}/prometheus-node-exporter",
              f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults",
              "--collector.textfile", f"--collector.textfile.directory={directory}/{machine}")
    with open(RULES, encoding="utf-8") as file:
        rules = sped_up(file.read())
    with open(f"{directory}/rules.yml", "w", encoding="utf-8") as file:
        file.write(rules)
    targets = "".join(f"""
      - targets: ["127.0.0.1:{port}"]
        labels: {{instance: {machine}}}""" for machine, port in ports.items())
    with open(f"{directory}/prometheus.yml", "w", encoding="utf-8") as file:
        file.write(f"""global:
  scrape_interval: {int(MINUTE * 1000)}ms
  scrape_timeout: {int(MINUTE * 1000)}ms
  evaluation_interval: {int(MINUTE * 1000)}ms
rule_files: [{directory}/rules.yml]
scrape_configs:
  - job_name: node
    static_configs:{targets}
""")
    server = Server(free_port())
    start(stack, "prometheus", f"{programs}/prometheus", f"--config.file={directory}/prometheus.yml",
          f"--storage.tsdb.path={directory}/data", "--web.listen-address=" + server.url[7:],
          "--log.level=warn")
    return server, {machine: f"http://127.0.0.1:{port}/metrics" for machine, port in ports.items()}


def series_of(text):
    """name and labels -> value, of the lines that are ours."""
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines() if line.startswith("memtriage_")}


def expressions(dashboard):
    """All that a dashboard asks, with the variables as Grafana would fill them in."""
    asked = [(panel["title"], target["expr"])
             for panel in dashboard["panels"] for target in panel["targets"]]
    asked += [(note["name"], note["expr"]) for note in dashboard["annotations"]["list"]]
    return [(title, re.sub(r"\$\w+", ".*", expression)) for title, expression in asked]


def check_dashboard(server):
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    bad = []
    asked = expressions(dashboard)
    for title, expression in asked:
        data, why = server.ask("query", query=expression)
        if why:
            bad.append(f"{title}: {expression}: {why}")
        elif not data["result"]:
            bad.append(f"{title}: {expression}: nothing")
        elif any(value["value"][1] == "NaN" for value in data["result"]):
            bad.append(f"{title}: {expression}: not a number")
    result(asked and not bad, f"each of the dashboard's {len(asked)} queries finds something", *bad)

    bad = []
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        metric, label = re.fullmatch(r"label_values\((.*), (\w+)\)", variable["query"]["query"]).groups()
        values, why = server.ask(f"label/{label}/values", **{"match[]": re.sub(r"\$\w+", ".*", metric)})
        if not values:
            bad.append(f"{variable['name']}: {why or 'no values'}")
    shown = {name for _, expression in asked for name in re.findall(r"memtriage_\w+", expression)}
    there = set(name for name in server.ask("label/__name__/values")[0] if name.startswith("memtriage_"))
    bad += [f"no panel shows {name}" for name in there - shown]
    boxes = [panel["gridPos"] for panel in dashboard["panels"]]
    bad += [f"panels {a} and {b} overlap" for i, a in enumerate(boxes) for b in boxes[:i]
            if a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and
            a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]]
    bad += [f"panel {box} is too wide" for box in boxes if box["x"] + box["w"] > 24]
    if len({panel["id"] for panel in dashboard["panels"]}) != len(boxes):
        bad.append("panels of one id")
    result(not bad, "the dashboard shows every metric, each panel has a place, variables have values", *bad)


def check_live(snapshot):
    machines = ("growing", "steady")
    for machine in machines:
        os.makedirs(f"{directory}/{machine}")
        publish(machine, prom(snapshot))
    kB = 0

    def grow():
        nonlocal kB
        kB += STEP
        publish("growing", prom(grown(snapshot, kB)))
        # a file that stays is a machine that stopped writing
        os.utime(f"{directory}/steady/memtriage.prom")

    with contextlib.ExitStack() as stack:
        server, pages = bring_up(stack, machines)
        up = wait_for(lambda: len(server.query("up == 1")) == 2, PATIENCE)
        result(up, "Prometheus scrapes two machines by way of node_exporter",
               *(open(f"{directory}/{name}.log", encoding="utf-8").read() for name in
                 (*machines, "prometheus")))
        if not up:
            return
        written = series_of(prom(snapshot).decode())
        page = get(pages["steady"])
        # the exporter sorts labels and has a notation of its own for numbers
        served = series_of(page)
        result(served == written and "node_textfile_scrape_error 0" in page,
               f"node_exporter serves each of the {len(written)} series that were written",
               *sorted(set(served.items()) ^ set(written.items())))

        wanted = {("MemtriageGhostGrowing", "growing", None), ("MemtriageSlabGrowing", "growing", CACHE)}
        begin = time.monotonic()
        fired = wait_for(lambda: wanted <= server.firing(), PATIENCE, grow)
        result(fired, "the alerts on a ghost and on a cache that grow are firing after "
               f"{(time.monotonic() - begin) / MINUTE:.0f} minutes of growth", server.firing())
        others = {a for a in server.firing() if a[0].endswith("Growing")} - wanted
        result(not others, "nothing else is told to grow", others)
        result(("MemtriageLeak", "steady", None) in server.firing(),
               "evidence of a leak in the verdict is firing", server.firing())
        ghost, = server.query('memtriage_ledger_bytes{account="Ghost", instance="growing"}')
        books = server.query('sum by (instance) (memtriage_ledger_bytes{account!="Total"})'
                             ' - on (instance) memtriage_ledger_bytes{account="Total"}')
        result(0 <= kB - (int(ghost["value"][1]) // 1024 - ledger_kB(snapshot, "Ghost")) <= 5 * STEP and
               len(books) == 2 and all(float(book["value"][1]) == 0 for book in books),
               "Prometheus has the ghost's last figure, and books that balance", ghost, books)
        groups = server.ask("rules")[0]["groups"]
        sick = [rule for group in groups for rule in group["rules"] if rule["health"] != "ok"]
        result(groups and not sick, "every rule is evaluated without an error", sick)
        check_dashboard(server)
        gone = wait_for(lambda: not wanted & server.firing(), PATIENCE,
                        lambda: os.utime(f"{directory}/steady/memtriage.prom"))
        result(gone, "they end when the growth has ended", server.firing())


def ledger_kB(snapshot, account):
    return int(re.search(rb"^%s: (\d+) kB$" % account.encode(), snapshot, re.M)[1])


def main():
    with open(SNAPSHOT, "rb") as file:
        recorded = file.read()
    snapshot = recorded.replace(b"# memtriage status version", MODULES.encode() +
                                b"# memtriage status version", 1)
    status, said = promtool("check", "metrics", data=prom(snapshot))
    result(status == 0 and not said, "promtool finds nothing to say of the metrics", said)
    odd = recorded.replace(b"0 0 1 0 tmpfs 0:25 /dev/shm\n", ODD, 1)
    assert odd != recorded
    figures = prom(odd)
    status, said = promtool("check", "metrics", data=figures)
    result(status == 0 and not said and '{where="/odd?\\"\\\\ é"} 4096' in figures.decode(errors="replace"),
           "bytes that are not UTF-8 do not spoil the file", said, figures)
    status, said = promtool("check", "rules", RULES)
    result(status == 0, "promtool accepts the rules", said)
    tests_of_rules = os.path.join(TREE, "selftests/prometheus_rules.test.yml")
    with open(tests_of_rules, encoding="utf-8") as file:
        text = file.read()
    with open(f"{directory}/rules.test.yml", "w", encoding="utf-8") as file:
        file.write(text.replace("memtriage.rules.yml", RULES))
    status, said = promtool("test", "rules", f"{directory}/rules.test.yml")
    result(status == 0, "each alert fires when it should, and not otherwise", said)
    check_live(snapshot)
    return end()


sys.exit(main())
