"""One client of Redis with a database of its own, and what it knows about it: strings, hashes,
lists, sets, sorted sets, streams with a group, and transactions, alone and pipelined."""

import random

from wire import Fault, Gone, Redis

KEYS_PER_TYPE = 4
MOST_PIPELINED = 12


def number(text):
    return float(text)


# A stream is a flat dictionary, as states are copied: ("entry", number) -> its value, and
# ("pending", number) -> the consumer; "last", "added" and, with a group, "delivered". Ids are
# "number-0", and numbers only rise.

def entries_of(stream):
    return sorted(key[1] for key in stream if key[0] == "entry")


def trim(stream, most):
    for number in entries_of(stream)[:-most]:
        del stream["entry", number]


def number_of(id):
    return int(id.split("-")[0])


def xadd(state, arguments):
    key, id, value = arguments[0], arguments[-3], arguments[-1]
    stream = state.setdefault(key, {"last": 0, "added": 0})
    stream["last"] = number_of(id)
    stream["added"] += 1
    stream["entry", number_of(id)] = value
    if arguments[1] == "MAXLEN":
        trim(stream, int(arguments[2]))


def xdel(state, arguments):
    for id in arguments[1:]:
        state.get(arguments[0], {}).pop(("entry", number_of(id)), None)


def xgroup(state, arguments):
    state.setdefault(arguments[1], {"last": 0, "added": 0})["delivered"] = 0


def xreadgroup(state, arguments):
    consumer, count, stream = arguments[2], int(arguments[4]), state[arguments[6]]
    new = [number for number in entries_of(stream) if number > stream["delivered"]][:count]
    for number in new:
        stream["pending", number] = consumer
        stream["delivered"] = number


def xack(state, arguments):
    for id in arguments[2:]:
        state.get(arguments[0], {}).pop(("pending", number_of(id)), None)


STREAM_COMMANDS = {"XADD": xadd, "XDEL": xdel, "XGROUP": xgroup, "XREADGROUP": xreadgroup, "XACK": xack}


# Each command on a plain dictionary of key -> value, as Redis would do it. Keys carry their type in
# their names, so that no command meets a key of another type.

def apply(state, command):
    name, arguments = command[0], command[1:]
    key = arguments[0] if arguments else None
    if name == "SET":
        state[key] = arguments[1]
    elif name == "APPEND":
        state[key] = state.get(key, "") + arguments[1]
    elif name == "INCRBY":
        state[key] = str(int(state.get(key, "0")) + int(arguments[1]))
    elif name in ("DEL", "UNLINK"):
        for each in arguments:
            state.pop(each, None)
    elif name == "HSET":
        state.setdefault(key, {}).update(zip(arguments[1::2], arguments[2::2]))
    elif name == "HDEL":
        for field in arguments[1:]:
            state.get(key, {}).pop(field, None)
    elif name == "RPUSH":
        state.setdefault(key, []).extend(arguments[1:])
    elif name == "LPUSH":
        for value in arguments[1:]:
            state.setdefault(key, []).insert(0, value)
    elif name in ("LPOP", "RPOP"):
        if state.get(key):
            state[key].pop(0 if name == "LPOP" else -1)
    elif name == "LSET":
        state[key][int(arguments[1])] = arguments[2]
    elif name == "LTRIM":
        if key in state:
            state[key] = state[key][int(arguments[1]):int(arguments[2]) + 1]
    elif name == "SADD":
        state.setdefault(key, set()).update(arguments[1:])
    elif name == "SREM":
        state.get(key, set()).difference_update(arguments[1:])
    elif name == "ZADD":
        state.setdefault(key, {}).update(
            {member: number(score) for score, member in zip(arguments[1::2], arguments[2::2])})
    elif name == "ZREM":
        for member in arguments[1:]:
            state.get(key, {}).pop(member, None)
    elif name == "ZINCRBY":
        scores = state.setdefault(key, {})
        scores[arguments[2]] = scores.get(arguments[2], 0.0) + number(arguments[1])
    elif name == "RENAME":
        state[arguments[1]] = state.pop(key)
    elif name in STREAM_COMMANDS:
        STREAM_COMMANDS[name](state, arguments)
    else:
        raise AssertionError(f"unknown command {name}")
    for each in [each for each, value in state.items() if value in ({}, [], set())]:
        del state[each]


def copy_of(state):
    return {key: type(value)(value) for key, value in state.items()}


class RedisWriter:
    def __init__(self, name, seed, database, endpoint=""):
        self.name = f"redis-{name}"
        self.random = random.Random(seed)
        self.database = database
        self.endpoint = endpoint
        self.state = {}
        # The states that the unanswered commands go through, in order; a transaction is one step.
        self.pending = []
        self.last = []  # what was sent last, for a person who reads of a failure
        self.done = 0
        self.checked = 0
        self.last_id = 0

    def connect(self, server):
        self.client = Redis(server.redis_named(self.endpoint), self.database)

    def step(self):
        steps = [self._transaction() if self.random.random() < 0.15 else [self._command()]
                 for _ in range(self.random.choice([1, 1, self.random.randint(2, MOST_PIPELINED)]))]
        state, self.pending, sent, answers = copy_of(self.state), [], [], []
        for step in steps:
            for command in step:
                self._fit(state, command)
                apply(state, command)
            self.pending.append(copy_of(state))
            sent += step if len(step) == 1 else [("MULTI",), *step, ("EXEC",)]
            answers.append(1 if len(step) == 1 else len(step) + 2)
        self.last = [[" ".join(command)[:60] for command in step] for step in steps]
        self.client.send(*sent)
        refused = []
        for number, count in enumerate(answers):
            try:
                if self._receive(count):
                    refused.append(number)
            except Gone:
                if refused:  # what had no answer may be there as well as what was refused
                    self._settle_refused(steps, [*refused, *range(number, len(steps))])
                raise
            if not refused:
                self.state = self.pending.pop(0)
                self.done += 1
        if refused:
            self._settle_refused(steps, refused)
            raise Fault(f"{len(refused)} of {len(steps)} steps were refused")

    def _receive(self, count):
        """Whether one of the answers was that storage failed."""
        refused = False
        for _ in range(count):
            try:
                self.client.receive()
            except Fault:
                refused = True
        return refused

    def _settle_refused(self, steps, refused):
        """The states that may be true when storage failed in the middle of a pipeline: what was
        answered well behind the first refusal is there, and of what was refused a run of steps."""
        done = len(steps) - len(self.pending)
        states = []
        for first in range(len(refused) + 1):
            for last in range(first, len(refused) + 1):
                state = copy_of(self.state)
                try:
                    for number in range(done, len(steps)):
                        if number not in refused or number in refused[first:last]:
                            for command in steps[number]:
                                apply(state, command)
                except (KeyError, IndexError):
                    continue  # it leans on a command that is left out here
                if state not in states:
                    states.append(state)
        # The state before is not possible any more where something was answered well.
        self.state, self.pending = states[0], states[1:]

    def _fit(self, state, command):
        """A command that needs its key to be there is replaced by one that makes it so."""
        if command[0] in ("LSET", "RENAME") and command[1] not in state:
            command[:] = (["RPUSH", command[1], "first"] if command[0] == "LSET" else
                          ["SET", command[1], "1"])
        if command[0] == "XREADGROUP" and "delivered" not in state.get(command[7], {}):
            command[:] = ["XGROUP", "CREATE", command[7], "g", "0", "MKSTREAM"]

    def _transaction(self):
        return [self._command() for _ in range(self.random.randint(2, 4))]

    def _command(self):
        pick = self.random.choice
        name = lambda kind: f"{kind}:{self.random.randrange(KEYS_PER_TYPE)}"
        word = lambda: f"w{self.random.randrange(40)}"
        text = lambda: "v" * pick([1, 30, 30, 2000, 20_000]) + str(self.random.random())
        score = lambda: str(self.random.randrange(-1000, 1000) / 4)
        return list(pick([
            lambda: ("SET", name("string"), text()),
            lambda: ("APPEND", name("text"), word()),
            lambda: ("SET", name("text"), text()),
            lambda: ("INCRBY", name("count"), str(self.random.randrange(-9, 99))),
            lambda: ("HSET", name("hash"), word(), text(), word(), word()),
            lambda: ("HSET", name("hash"), word(), word()),
            lambda: ("HDEL", name("hash"), word(), word(), word()),
            lambda: ("RPUSH", name("list"), text(), word()),
            lambda: ("LPUSH", name("list"), word(), word(), word()),
            lambda: ("LPOP", name("list")),
            lambda: ("RPOP", name("list")),
            lambda: ("LSET", name("list"), "0", word()),
            lambda: ("LTRIM", name("list"), "0", "40"),
            lambda: ("SADD", name("set"), word(), word()),
            lambda: ("SREM", name("set"), word(), word()),
            lambda: ("ZADD", name("zset"), score(), word(), score(), word()),
            lambda: ("ZREM", name("zset"), word()),
            lambda: ("ZINCRBY", name("zset"), score(), word()),
            lambda: ("DEL", name("hash"), name("string")),
            lambda: ("UNLINK", name("list"), name("zset"), name("set")),
            lambda: ("RENAME", "string:0", "string:1"),
            lambda: ("XADD", name("stream"), self._next_id(), "f", text()),
            lambda: ("XADD", name("stream"), self._next_id(), "f", word()),
            lambda: ("XADD", name("stream"), "MAXLEN", "30", self._next_id(), "f", word()),
            lambda: ("XDEL", name("stream"), self._some_id(), self._some_id()),
            lambda: ("XREADGROUP", "GROUP", "g", word(), "COUNT", "3", "STREAMS", name("stream"), ">"),
            lambda: ("XACK", name("stream"), "g", self._some_id(), self._some_id()),
            lambda: ("UNLINK", "stream:0"),
        ])())

    def _next_id(self):
        self.last_id += 1
        return f"{self.last_id}-0"

    def _some_id(self):
        return f"{self.random.randint(max(0, self.last_id - 60), self.last_id)}-0"

    def check(self, server):
        self.connect(server)
        actual = self._read_all()
        for candidate in [self.state, *self.pending]:
            if actual == candidate:
                self.state, self.pending = candidate, []
                self.checked += len(candidate)
                return
        differing = lambda candidate: {
            key: (str(actual.get(key))[:200], str(candidate.get(key))[:200])
            for key in set(actual) | set(candidate) if actual.get(key) != candidate.get(key)}
        candidates = [self.state, *self.pending]
        nearest = min(range(len(candidates)), key=lambda number: len(differing(candidates[number])))
        raise AssertionError(
            f"{self.name}: neither the state before nor one of {len(self.pending)} after; number "
            f"{nearest} is the nearest and differs in (there, expected): "
            f"{differing(candidates[nearest])}; the last steps were {self.last}"[:1500])

    def _read_all(self):
        read = lambda *command: [value.decode() for value in self.client.call(*command)]
        pairs = lambda values: dict(zip(values[::2], values[1::2]))
        state = {}
        for key in read("KEYS", "*"):
            kind = self.client.call("TYPE", key)
            if kind == "string":
                state[key] = self.client.call("GET", key).decode()
            elif kind == "hash":
                state[key] = pairs(read("HGETALL", key))
            elif kind == "list":
                state[key] = read("LRANGE", key, 0, -1)
            elif kind == "set":
                state[key] = set(read("SMEMBERS", key))
            elif kind == "stream":
                state[key] = self._read_stream(key)
            else:
                assert kind == "zset", (key, kind)
                state[key] = {member: number(score) for member, score in
                              pairs(read("ZRANGE", key, 0, -1, "WITHSCORES")).items()}
        return state

    def _read_stream(self, key):
        pairs = lambda values: {name.decode(): value for name, value in zip(values[::2], values[1::2])}
        number = lambda id: number_of(id.decode())
        info = pairs(self.client.call("XINFO", "STREAM", key))
        stream = {"last": number(info["last-generated-id"]), "added": info["entries-added"]}
        for id, fields in self.client.call("XRANGE", key, "-", "+"):
            stream["entry", number(id)] = fields[1].decode()
        for group in self.client.call("XINFO", "GROUPS", key):
            stream["delivered"] = number(pairs(group)["last-delivered-id"])
            for id, consumer, *_ in self.client.call("XPENDING", key, "g", "-", "+", 10_000):
                stream["pending", number(id)] = consumer.decode()
        return stream
