"""redis-cli: in a terminal, as a person types, and its modes that read the whole keyspace."""

import os
import pty
import re
import select
import subprocess
import termios
import time

import pytest

WAIT_S = 15
CTRL_C, TAB = "\x03", "\t"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """redis-cli in a terminal of its own; what it draws is read without colours and cursor moves."""

    def __init__(self, command, home):
        self.child, self.master = pty.fork()
        if self.child == 0:
            termios.tcsetwinsize(0, (50, 200))
            os.execvpe(command[0], command, {**os.environ, "TERM": "xterm", "HOME": str(home)})
        self.drawn = ""
        self.read = 0

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, text):
        """Waits until the text is drawn, behind what an earlier call has waited for."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            found = self.drawn.find(text, self.read)
            if found >= 0:
                self.read = found + len(text)
                return
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.drawn = ESCAPES.sub("", self.drawn + os.read(self.master, 65536).decode())
                except OSError:
                    break
        pytest.fail(f"{text!r} is not drawn behind {self.drawn[:self.read]!r}: {self.drawn[self.read:]!r}")

    def say(self, line, *answers, prompt="[11]> "):
        """What is typed before the prompt is there would be thrown away."""
        self.type(f"{line}\r")
        for answer in answers:
            self.until(f"{answer}\r\n")
        self.until(prompt)

    def close(self):
        os.close(self.master)
        os.waitpid(self.child, 0)


@pytest.fixture
def command(bodega):
    return ["redis-cli", "-h", bodega.redis[0], "-p", str(bodega.redis[1]), "-n", "11"]


@pytest.fixture
def redis_cli(command):
    def run(*arguments, stdin=""):
        done = subprocess.run([*command, *arguments], input=stdin, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{arguments}: {done.stdout} {done.stderr}"
        return done.stdout
    run("FLUSHDB")
    return run


@pytest.fixture
def terminal(command, redis_cli, tmp_path):
    opened = Terminal(command, tmp_path)
    opened.until("[11]> ")
    yield opened
    opened.close()


def test_typing(terminal):
    terminal.say("SET greeting 'hello world'", "OK")
    terminal.say("GET greeting", '"hello world"')
    terminal.say("INCR n", "(integer) 1")
    terminal.say("RPUSH list a b", "(integer) 2")
    terminal.say("LRANGE list 0 -1", '1) "a"', '2) "b"')
    terminal.say("GET list", "(error) WRONGTYPE Operation against a key holding the wrong kind of value")
    terminal.say("GET none", "(nil)")
    terminal.say("SELECT 3", "OK", prompt="[3]> ")
    terminal.say("SELECT 11", "OK")
    terminal.say("MULTI", "OK", prompt="(TX)> ")
    terminal.say("INCR n", "QUEUED", prompt="(TX)> ")
    terminal.say("EXEC", "1) (integer) 2")
    terminal.say("HELLO 3", '1# "server" => "redis"')
    terminal.say("HSET h f v", "(integer) 1")
    terminal.say("HGETALL h", '1# "f" => "v"')


def test_completion_and_hints(terminal):
    terminal.type("zrangebysc" + TAB)
    terminal.until("ZRANGEBYSCORE")
    terminal.type(" ")
    terminal.until("key min max [WITHSCORES] [LIMIT offset count]")
    terminal.type(CTRL_C)


def test_subscribing(terminal, redis_cli):
    terminal.type("SUBSCRIBE news\r")
    terminal.until('1) "subscribe"')
    terminal.until("(integer) 1")
    redis_cli("PUBLISH", "news", "hello")
    for part in ('1) "message"', '2) "news"', '3) "hello"'):
        terminal.until(part)


def test_monitoring(terminal, redis_cli):
    terminal.type("MONITOR\r")
    terminal.until("OK\r\n")
    redis_cli("SET", "seen", "1")
    terminal.until('"SET" "seen" "1"')


def test_largest_keys(redis_cli):
    lines = [f"SET s:{n} {n}" for n in range(300)] + ["SET s:big " + "x" * 5000, "RPUSH l:small 1"]
    for n in range(60):
        lines += [f"RPUSH l:big {n}", f"HSET h:big f{n} {n}", f"SADD t:big {n}", f"ZADD z:big {n} m{n}"]
    redis_cli(stdin="\n".join(lines) + "\n")
    big = redis_cli("--bigkeys")
    assert "Sampled 306 keys" in big
    for largest in ("s:big.* 5000 bytes", "l:big.* 60 items", "h:big.* 60 fields", "t:big.* 60 members",
                    "z:big.* 60 members"):
        assert re.search(f"Biggest +[a-z]+ found '.{largest}", big), f"{largest}: {big}"
    assert re.search("Biggest string found '.s:big.* has [0-9]+ bytes", redis_cli("--memkeys"))
    assert sorted(redis_cli("--scan", "--pattern", "*:big").split()) == \
        ["h:big", "l:big", "s:big", "t:big", "z:big"]


def test_loading_in_bulk(redis_cli):
    requests = "".join(f"*3\r\n$3\r\nSET\r\n${len(str(n)) + 1}\r\nk{n}\r\n$1\r\nv\r\n" for n in range(5000))
    assert "errors: 0, replies: 5000" in redis_cli("--pipe", stdin=requests)
    assert redis_cli("DBSIZE") == "5000\n"


def test_ways_to_print(redis_cli):
    redis_cli("RPUSH", "list", "a", "b c")
    assert redis_cli("--csv", "LRANGE", "list", "0", "-1") == '"a","b c"\n'
    assert redis_cli("--json", "LRANGE", "list", "0", "-1") == '["a","b c"]\n'
    assert redis_cli("-x", "SET", "from-stdin", stdin="text\n") == "OK\n"
    assert redis_cli("--raw", "GET", "from-stdin") == "text\n\n"
    assert redis_cli("-3", "--no-raw", "CONFIG", "GET", "databases") == '1# "databases" => "16"\n'


def test_a_script_of_a_file(redis_cli, tmp_path):
    script = tmp_path / "add.lua"
    script.write_text("return redis.call('INCRBY', KEYS[1], ARGV[1])")
    assert redis_cli("--eval", str(script), "n", ",", "42") == "42\n"
