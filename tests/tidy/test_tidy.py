"""Holds the house to its plan: which layer and which room may include which, how large rooms, files and
functions may be, what may not stand in a header, and that nothing dead or foreign is left behind.
Reads text only."""

import collections
import pathlib
import re
import subprocess

import pytest

from cpp import functions, functions_without_body

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Layer folder -> the layer folders it may include, besides itself. Arrows run strictly down.
FLOOR = {"engines/base"}
ARROWS = {
    "engines/base": set(),
    "engines/kv": FLOOR,
    "engines/blob": FLOOR,
    "engines/journal": FLOOR | {"engines/kv"},
    "engines/object": FLOOR | {"engines/kv", "engines/blob", "engines/journal"},
    "engines/table": FLOOR | {"engines/kv", "engines/journal"},
    "engines/keyspace": FLOOR | {"engines/kv"},
    "engines/vault": FLOOR | {"engines/kv"},
    "engines/identity": FLOOR | {"engines/kv"},
    "engines/world": FLOOR | {"engines/kv", "engines/blob", "engines/journal", "engines/object",
                              "engines/table", "engines/keyspace", "engines/vault",
                              "engines/identity"},
    "protocol/observe": FLOOR,
    "protocol/http": FLOOR | {"protocol/observe"},
    "protocol/json": FLOOR,
    "protocol/xml": FLOOR,
    "protocol/aws": FLOOR | {"protocol/observe", "protocol/http", "protocol/json", "protocol/xml"},
    "protocol/s3": FLOOR | {"protocol/observe", "protocol/http", "protocol/xml", "protocol/aws",
                            "engines/object"},
    "protocol/dynamodb": FLOOR | {"protocol/observe", "protocol/http", "protocol/json",
                                  "protocol/aws", "engines/table"},
    "protocol/kms": FLOOR | {"protocol/http", "protocol/json", "protocol/aws", "engines/vault"},
    "protocol/sts": FLOOR | {"protocol/http", "protocol/json", "protocol/xml", "protocol/aws",
                             "engines/identity"},
    "protocol/redis": FLOOR | {"protocol/observe", "engines/keyspace"},
}

# The rooms of a layer, from the lowest floor up; "." is the layer's own folder. A room may include those
# of the floors below it; rooms of one floor do not know each other. A layer that is not listed has no
# rooms.
FLOORS = {
    "engines/base": ["process", "."],
    "engines/keyspace": ["structures", "storage", "."],
    "protocol/aws": ["signature", ".", "shape", "front"],
    "protocol/s3": ["wire", "body", ".", "buckets objects"],
    "protocol/dynamodb": ["wire", "expression", ".", "items tables"],
    "protocol/redis": ["wire", "rdb", ".", "acl replication", "instance", "admin cluster connections scripts streams values"],
    "server": ["net", "control jobs seed tls", "command http init redis", "."],
}

# A header with its source counts as one. A room is opened for several files, and split before it has 25.
MIN_ROOM_FILES = 2
MAX_ROOM_FILES = 24
MAX_FILE_LINES = 800
MAX_HEADER_LINES = 400
MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 70

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


def room_of(name):
    """The room within the layer: "." for the layer's own folder."""
    return name[len(layer_of(name)) + 1:].rpartition("/")[0] or "."


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


def test_arrows_between_rooms_run_down():
    def rule(path):
        name = name_of(path)
        floors = [floor.split() for floor in FLOORS.get(layer_of(name), ["."])]
        mine = [number for number, rooms in enumerate(floors) if room_of(name) in rooms]
        if not mine:
            return ["stands in a room that FLOORS does not list"]
        allowed = {room for rooms in floors[:mine[0]] for room in rooms} | {room_of(name)}
        return [f"includes {included}" for included in includes(path)
                if layer_of(included) == layer_of(name) and room_of(included) not in allowed]

    assert complaints(rule, PRODUCT) == []


def test_rooms_have_a_readable_size():
    rooms = collections.defaultdict(set)
    for path in PRODUCT:
        rooms[path.parent].add(path.stem)
    for layer, floors in FLOORS.items():
        for room in " ".join(floors).split():
            assert rooms[(ROOT / layer / room).resolve()], f"{layer}/{room} has no files"
    assert [f"{name_of(room)}: {len(files)} files" for room, files in sorted(rooms.items())
            if len(files) > MAX_ROOM_FILES
            or (len(files) < MIN_ROOM_FILES and room_of(name_of(room) + "/") != ".")] == []


def test_the_map_names_every_room():
    page = (ROOT / "docs" / "architecture.md").read_text()
    map_of_the_house = page[page.index("## The rooms"):page.index("## The arrows")]
    rooms = {room for floors in FLOORS.values() for room in " ".join(floors).split() if room != "."}
    assert [room for room in sorted(rooms | {layer.split("/")[-1] for layer in ARROWS})
            if not re.search(rf"(^|[ /]){room}/", map_of_the_house, re.MULTILINE)] == []


def test_a_header_has_its_source_or_says_where_the_bodies_are():
    """A header that declares functions has a source of its name, or names sources of its layer where they
    are. A source without a header says at its beginning what it is."""
    present = {(layer_of(name_of(path)), path.name) for path in PRODUCT}

    def rule(path):
        text = path.read_text()
        twin = path.with_suffix(".cc" if path.suffix == ".h" else ".h")
        if twin.exists():
            return []
        if path.suffix == ".cc":
            return [] if text.startswith("// ") else ["has no header and does not say what it is"]
        named = re.findall(r"\b([a-z0-9_]+\.cc)\b", text)
        gone = [f"names {source}, which its layer does not have" for source in named
                if (layer_of(name_of(path)), source) not in present]
        return gone + [f"line {line}: no {twin.name}, and it does not say where the body is"
                       for line, _ in functions_without_body(text)[:1] if not named]

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


def test_functions_have_a_readable_size():
    def rule(path):
        return [f"line {one.first}: a function of {one.last - one.first + 1} lines, more than "
                f"{MAX_FUNCTION_LINES}" for one in functions(path.read_text())
                if one.last - one.first + 1 > MAX_FUNCTION_LINES]

    assert complaints(rule, PRODUCT) == []


def test_every_function_is_counted():
    text = """
    namespace a {
    constexpr Row kRows[] = {{"x", [] { return 1; }}};
    template <class T> struct S final : public B<T> {
      S(int a,
        int b)
          : a_{a}, b_(b) {}
      bool ok() const { return a_ < 1 && "}"[0] != '}'; }  // {
      void later(std::function<void(int)> f) const;
      std::function<void(int)> field GUARDED_BY(mutex_);
      virtual int pure() = 0;
      int a_ = f(3), b_{4};
    };
    #define M { (
    auto g(int a) -> int {
      if (a) { return 1'000; }
      return 2;
    }
    }
    """
    assert [(one.first, one.last) for one in functions(text)] == [(5, 7), (8, 8), (15, 18)]
    assert [line for line, _ in functions_without_body(text)] == [9]


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


def test_enums_of_headers_are_classes():
    def rule(path):
        return [f"line {number}: an enum that is no class"
                for number, line in enumerate(path.read_text().split("\n"), 1)
                if re.match(r"\s*enum (?!class )", line)]

    assert complaints(rule, [path for path in PRODUCT if path.suffix == ".h"]) == []


@pytest.mark.parametrize("pattern, why", [
    (r"\bk[A-Z][A-Za-z0-9]*_", "a constant with an underscore; kMaxKeyBytes is the style"),
    (r"\bTODO\b(?!: )", "a TODO without its reason"),
    (r"/(home|root|work)/", "a path of some machine"),
    (r"\busing namespace std\b", "using namespace std"),
])
def test_nothing_is_left_behind(pattern, why):
    def rule(path):
        return [f"line {number}: {why}" for number, line in enumerate(path.read_text().split("\n"), 1)
                if re.search(pattern, line)]

    assert complaints(rule, PRODUCT) == []
