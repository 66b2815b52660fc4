"""How script/bench measures: programs in pairs, load on its own core, and what both cores did
meanwhile, so that a row says by itself when it measured the load generator."""

import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field

from server import Server

MIB = 1024 * 1024
SERVER_CORE, LOAD_CORE = "0", "1"
# Above this share of its core a side is the one that the row waits for.
BUSY = 0.9

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def on_core(core, command):
    return ["taskset", "-c", core, *command]


def pin(pid, core):
    """Moves a running program with all its threads; threads it starts later stay there too."""
    subprocess.run(["taskset", "-a", "-cp", core, str(pid)], check=True, capture_output=True)


def cpu_seconds(pid):
    """What all threads of a process used so far."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def written_bytes(pid):
    """What a process wrote to files so far (sockets take their bytes by another way)."""
    with open(f"/proc/{pid}/io") as io:
        return int(re.search(r"wchar: (\d+)", io.read())[1])


def http(method, url, body=None, headers=None):
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Options:
    """What the command line asked for. `binaries` are one or two paths: the second is compared to."""
    binaries: list
    runs: int
    seconds: int
    requests: int
    quick: bool
    folder: str = None


@dataclass
class Sample:
    """One run: its figure, and the shares of their cores that server and load generator used."""
    value: float
    server_cpu: float = None
    load_cpu: float = None


@dataclass
class Series:
    samples: list = field(default_factory=list)

    def median(self):
        return statistics.median(sample.value for sample in self.samples)

    def cpu(self):
        """"98 / 71": percent of the server's core and of the load generator's."""
        if not self.samples or self.samples[0].server_cpu is None:
            return ""
        server = statistics.median(sample.server_cpu for sample in self.samples)
        load = statistics.median(sample.load_cpu for sample in self.samples)
        note = " (limited by the load generator)" if load > BUSY and server < BUSY else ""
        return f"{server:.0%} / {load:.0%}{note}"


def interleaved(runs, subjects, measure):
    """A Series for each subject. Runs alternate between the subjects, so that a slow minute of the
    machine is everybody's."""
    series = [Series() for _ in subjects]
    for run in range(runs):
        # Every other round the other way about: neither always runs behind the other.
        order = range(len(subjects)) if run % 2 == 0 else reversed(range(len(subjects)))
        for index in order:
            result = measure(subjects[index])
            series[index].samples.append(result if isinstance(result, Sample) else Sample(result))
    return series


def ratio(series):
    """The first over the second: the median of the rounds' own ratios."""
    first, second = series
    return statistics.median(a.value / b.value for a, b in zip(first.samples, second.samples))


class Table:
    """A Markdown table whose rows have a figure of each binary, with their ratio where there are two."""

    def __init__(self, options, title, unit, cpu=True, aims=True):
        self.options, self.cpu, self.aims = options, cpu, aims
        self.paired = len(options.binaries) > 1
        print(f"\n## {title}\n")
        cells = ["what", unit]
        if self.paired:
            cells += ["against", "ratio"]
        if cpu:
            cells += ["CPU of server / load"]
        if aims:
            cells += ["aim"]
        self.row(*cells)
        self.row(*["---"] * len(cells))

    @staticmethod
    def row(*cells):
        print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)

    def put(self, what, series, show=lambda value: f"{value:,.0f}", aim=""):
        cells = [what, show(series[0].median())]
        if self.paired:
            cells += [show(series[1].median()), f"{ratio(series):.2f}"]
        if self.cpu:
            cells += [series[0].cpu()]
        if self.aims:
            cells += [aim]
        self.row(*cells)

    def measure(self, what, subjects, measure, runs=None, **how):
        """Measures every subject in turns, prints the row and returns the first one's median."""
        series = interleaved(runs or self.options.runs, subjects, measure)
        self.put(what, series, **how)
        return series[0].median()


class Servers:
    """A server of each binary, on folders of their own, for a `with` statement."""

    def __init__(self, options, *flags):
        self.options, self.flags = options, flags

    def __enter__(self):
        self.scratch = tempfile.TemporaryDirectory(dir=self.options.folder)
        self.servers = []
        for number, binary in enumerate(self.options.binaries):
            data = os.path.join(self.scratch.name, str(number))
            self.servers.append(Server(*self.flags, data=data, binary=binary).start())
        return self.servers

    def __exit__(self, *_):
        for server in self.servers:
            server.stop()
        self.scratch.cleanup()


def watched(pid, command):
    """Runs a load generator on its core; returns what it printed, and a Sample without a figure."""
    def load_cpu():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    server_before, load_before, begun = cpu_seconds(pid), load_cpu(), time.perf_counter()
    done = subprocess.run(on_core(LOAD_CORE, command), capture_output=True, text=True, check=True)
    took = time.perf_counter() - begun
    return done.stdout, Sample(0, (cpu_seconds(pid) - server_before) / took,
                               (load_cpu() - load_before) / took)


# ---- wrk ----------------------------------------------------------------------------------------


def lua_string(text):
    return json.dumps(text)


# Each request is put together from pieces that were formatted once: formatting them anew, as wrk's
# documentation does it, costs the load generator more than the server needs to answer. KEY is a
# number below `keys`; FRESH a number that never comes again, so that a write always changes what
# is stored. Both have a fixed width, so the Content-Length holds.
REQUESTS_LUA = """
local method, path, body = %(method)s, %(path)s, %(body)s
local headers = {%(headers)s}
local pieces, kinds = {}, {}
init = function()
  headers["Host"] = wrk.headers["Host"]
  local rest = wrk.format(method, path, headers, body)
  while true do
    local from, to, kind = rest:find("@(%%u)@+")
    if not from then break end
    pieces[#pieces + 1] = rest:sub(1, from - 1)
    kinds[#kinds + 1] = kind
    rest = rest:sub(to + 1)
  end
  pieces[#pieces + 1] = rest
end
local count, keys, fresh = 0, %(keys)d, %(fresh)d
request = function()
  count = count + 1
  if #kinds == 0 then return pieces[1] end
  local key = string.format("%%08d", (count * 7919) %% keys)
  local parts = {pieces[1]}
  for i = 1, #kinds do
    parts[#parts + 1] = kinds[i] == "K" and key or string.format("%%016d", fresh + count)
    parts[#parts + 1] = pieces[i + 1]
  end
  return table.concat(parts)
end
"""
KEY, FRESH = "@K@@@@@@", "@F@@@@@@@@@@@@@@"


def key(number):
    """A key as it stands in the place of KEY."""
    return f"{number:08d}"


def requests_script(method, path, body="", headers=None, keys=1):
    return REQUESTS_LUA % {
        "method": lua_string(method), "path": lua_string(path),
        "body": lua_string(body) if body else "nil", "keys": keys,
        "headers": ", ".join(f"[{lua_string(name)}] = {lua_string(value)}"
                             for name, value in (headers or {}).items()),
        # Larger in each run than in all runs before it, and exact as a Lua number.
        "fresh": time.time_ns() // 1000}


def wrk(server, script, seconds, connections=16):
    """A Sample in requests a second; errors make the run void."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        said, sample = watched(server.pid, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s",
                                            file.name, server.http])
    if re.search(r"Non-2xx|Socket errors", said):
        raise RuntimeError(said)
    sample.value = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    sample.count = int(re.search(r"(\d+) requests in", said)[1])
    return sample


def wrk_writes(server, script, seconds, least_bytes, connections=16):
    """The same for writes, each of which must have reached the files with so many bytes: one that
    changes nothing commits nothing, and would be measured as a write that it is not."""
    before = written_bytes(server.pid)
    sample = wrk(server, script, seconds, connections)
    each = (written_bytes(server.pid) - before) / sample.count
    if each < least_bytes:
        sys.exit(f"script/bench: a write reached the files with {each:.0f} bytes, "
                 f"less than its {least_bytes}")
    return sample


# ---- redis-benchmark ----------------------------------------------------------------------------

# redis-benchmark's own tests write the same three bytes, members and scores again and again: after
# a while SADD, HSET and ZADD change nothing. Here values are random, and members are new.
# The placeholder becomes twelve digits below 100,000, drawn anew at each place.
RANDOM = "__rand_int__"
REDIS_COMMANDS = {
    "SET": ["SET", f"key:{RANDOM}", RANDOM],
    "GET": ["GET", f"key:{RANDOM}"],
    "INCR": ["INCR", f"counter:{RANDOM}"],
    "LPUSH": ["LPUSH", "list", RANDOM],
    "RPOP": ["RPOP", "list"],
    "SADD": ["SADD", f"set:{RANDOM}", RANDOM],
    "HSET": ["HSET", "hash", f"field:{RANDOM}", RANDOM],
    "ZADD": ["ZADD", "zset", RANDOM, f"member:{RANDOM}"],
}


def redis_benchmark(pid, port, name, requests, pipeline=1, connections=50):
    said, sample = watched(pid, ["redis-benchmark", "-p", str(port), "-n", str(requests), "-P",
                                 str(pipeline), "-c", str(connections), "-r", "100000", "--csv",
                                 *REDIS_COMMANDS[name]])
    sample.value = float(said.strip().split("\n")[-1].rsplit('","', 7)[1].strip('"'))
    return sample
