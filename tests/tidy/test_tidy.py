"""Holds the house to its plan: which layer may include which, how large files and functions may be,
what may not stand in a header, and that nothing dead or foreign is left behind. Reads text only."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Layer folder -> the layer folders it may include, besides itself. Arrows run strictly down.
FLOOR = {"engines/base"}
ARROWS = {
    "engines/base": set(),
    "engines/kv": FLOOR,
    "engines/blob": FLOOR,
    "engines/object": FLOOR | {"engines/kv", "engines/blob"},
    "engines/table": FLOOR | {"engines/kv"},
    "engines/keyspace": FLOOR | {"engines/kv"},
    "engines/world": FLOOR | {"engines/kv", "engines/blob", "engines/object", "engines/table",
                              "engines/keyspace"},
    "protocol/http": FLOOR,
    "protocol/json": FLOOR,
    "protocol/xml": FLOOR,
    "protocol/aws": FLOOR | {"protocol/http"},
    "protocol/s3": FLOOR | {"protocol/http", "protocol/xml", "protocol/aws", "engines/object"},
    "protocol/dynamodb": FLOOR | {"protocol/http", "protocol/json", "protocol/aws",
                                  "engines/table"},
    "protocol/redis": FLOOR | {"engines/keyspace"},
}

MAX_FILE_LINES = 800
MAX_HEADER_LINES = 400
MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 120

BANNED_IN_HEADERS = [r"<boost/asio", r"<boost/beast", r"<rocksdb/", r"<nlohmann/json\.hpp>"]
ROCKSDB_FILES = "engines/kv/rocks_"
# What only server/ knows: sockets, threads, coroutines and the time of day.
SERVER_ONLY = [r"#include <boost/asio", r"#include <boost/beast", r"std::j?thread\b(?!::id)",
               r"#include <sys/socket\.h>", r"#include <coroutine>"]
CLOCK_CALLS = r"\b(system_clock::now|gettimeofday|std::time\(|::time\(nullptr\))"


def sources(*suffixes):
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    return [ROOT / name for name in listed if name.endswith(suffixes) and (ROOT / name).exists()]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def layer_of(name):
    parts = name.split("/")
    return "server" if parts[0] == "server" else "/".join(parts[:2])


PRODUCT = [path for path in sources(".h", ".cc")
           if name_of(path).split("/")[0] in ("server", "protocol", "engines")]


def complaints(rule, paths):
    return [f"{name_of(path)}: {text}" for path in paths for text in rule(path)]


def includes(path):
    return re.findall(r'^#include [<"]([^>"]+)[>"]', path.read_text(), re.MULTILINE)


def test_there_is_something_to_read():
    assert len(PRODUCT) > 50


def test_arrows_run_down():
    def rule(path):
        layer = layer_of(name_of(path))
        if layer == "server":
            return []
        allowed = ARROWS[layer] | {layer}
        return [f"includes {included}" for included in includes(path)
                if included.split("/")[0] in ("server", "protocol", "engines", "tests")
                and layer_of(included) not in allowed]

    assert complaints(rule, PRODUCT) == []


def test_headers_stay_light():
    def rule(path):
        name = name_of(path)
        found = []
        for banned in BANNED_IN_HEADERS:
            if path.suffix == ".h" and not name.startswith(("server/", ROCKSDB_FILES)) \
                    and re.search(rf"#include {banned}", path.read_text()):
                found.append(f"a header includes {banned}")
        if "#pragma once" not in path.read_text() and path.suffix == ".h":
            found.append("no #pragma once")
        return found

    assert complaints(rule, PRODUCT) == []


def test_rocksdb_is_known_to_one_place():
    users = {name_of(path) for path in PRODUCT if "<rocksdb/" in path.read_text()}
    assert users and all(name.startswith(ROCKSDB_FILES) for name in users)
    includers = [name_of(path) for path in PRODUCT
                 if any(included.startswith(ROCKSDB_FILES) for included in includes(path))]
    assert all(name.startswith(ROCKSDB_FILES) for name in includers)


def test_sockets_threads_and_the_time_of_day_are_the_servers():
    def rule(path):
        name = name_of(path)
        if name.startswith("server/") or name == "engines/base/clock.cc":
            return []
        text = path.read_text()
        found = [f"has {banned}" for banned in SERVER_ONLY if re.search(banned, text)]
        if re.search(CLOCK_CALLS, text):
            found.append("reads the system's time")
        return found

    assert complaints(rule, PRODUCT) == []


def test_files_have_a_readable_size():
    def rule(path):
        lines = path.read_text().count("\n")
        limit = MAX_HEADER_LINES if path.suffix == ".h" else MAX_FILE_LINES
        return [f"{lines} lines, more than {limit}"] if lines > limit else []

    assert complaints(rule, PRODUCT + sources(".py")) == []


def test_lines_have_a_readable_width():
    def rule(path):
        return [f"line {number} has {len(line)} columns"
                for number, line in enumerate(path.read_text().split("\n"), 1)
                if len(line) > MAX_COLUMNS and "http" not in line and '"' not in line]

    assert complaints(rule, PRODUCT) == []


def function_lengths(text):
    """(first line, lines) of each function body: a line that starts in column 0 and ends in '{', up to
    the '}' in column 0. Namespaces, types and tables do not count."""
    start = None
    for number, line in enumerate(text.split("\n"), 1):
        if start is None and re.match(r"^[A-Za-z].*\{$", line) and "(" in line \
                and not re.match(r"^(namespace|class|struct|enum|union|constexpr|const|static const|extern)\b",
                                 line):
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number - start + 1
            start = None


def test_functions_have_a_readable_size():
    def rule(path):
        return [f"line {start}: a function of {length} lines, more than {MAX_FUNCTION_LINES}"
                for start, length in function_lengths(path.read_text()) if length > MAX_FUNCTION_LINES]

    assert complaints(rule, PRODUCT) == []


def test_every_header_says_what_it_is():
    def rule(path):
        first = path.read_text().split("\n", 1)[0]
        return [] if first.startswith("// ") else ["does not begin with a sentence"]

    assert complaints(rule, [path for path in PRODUCT if path.suffix == ".h"]) == []


def test_no_boolean_parameters_in_public_headers():
    """A call with a bare true or false among its arguments tells the reader nothing. A value that is a
    Boolean on the wire, and a setter's only argument, are what they say."""
    def rule(path):
        return [f"line {number}: a Boolean parameter; make it an enum"
                for number, line in enumerate(path.read_text().split("\n"), 1)
                if re.search(r"(,\s*bool\s+(?!value)\w+\s*(,|\)|=)|\(bool\s+\w+\s*,)", line)
                and not line.lstrip().startswith("//")]

    assert complaints(rule, [path for path in PRODUCT if path.suffix == ".h"
                             and not name_of(path).startswith("server/")]) == []


@pytest.mark.parametrize("pattern, why", [
    (r"\bTODO\b(?!: )", "a TODO without its reason"),
    (r"/(home|root|work)/", "a path of some machine"),
    (r"\busing namespace std\b", "using namespace std"),
])
def test_nothing_is_left_behind(pattern, why):
    def rule(path):
        return [f"line {number}: {why}" for number, line in enumerate(path.read_text().split("\n"), 1)
                if re.search(pattern, line)]

    assert complaints(rule, PRODUCT) == []
