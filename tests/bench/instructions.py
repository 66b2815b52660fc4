"""The part of script/bench that counts: instructions of the server per request, under callgrind.
Unlike a time, a count says the same on a busy machine; it sees the program and its libraries, not
the kernel. Counters are cleared behind the start and a warm-up, so that only requests are counted.
"""

import contextlib
import glob
import hashlib
import hmac
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.parse

from http_parts import GET_ITEM, PUT_ITEM, dynamodb_headers, make_table
from measure import FRESH, KEY, Table, interleaved, key
from server import Server

KEYS = 100
ACCESS_KEY, SECRET_KEY = "AKIDBENCH", "bench-secret"
CREDENTIALS = f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"


# ---- SigV4 --------------------------------------------------------------------------------------


def signature(method, path, query, headers, payload, when):
    """Of a request to S3, by AWS's description of Signature Version 4. `query` is canonical."""
    names = sorted(headers)
    canonical = "\n".join([method, urllib.parse.quote(path), query,
                           *(f"{name}:{headers[name]}" for name in names), "", ";".join(names),
                           payload])
    scope = scope_of(when)
    text = "\n".join(["AWS4-HMAC-SHA256", when, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    secret = ("AWS4" + SECRET_KEY).encode()
    for part in [*scope.split("/"), text]:
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    return secret.hex()


def scope_of(when):
    return f"{when[:8]}/us-east-1/s3/aws4_request"


def now():
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def signed(method, path, host, body=b""):
    """The headers of a signed request, as SDKs send them."""
    when, payload = now(), hashlib.sha256(body).hexdigest()
    headers = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": when}
    proof = signature(method, path, "", headers, payload, when)
    headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope_of(when)}, "
                                f"SignedHeaders={';'.join(sorted(headers))}, Signature={proof}")
    return headers


def presigned(method, path, host):
    when = now()
    query = urllib.parse.urlencode(sorted({
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{ACCESS_KEY}/{scope_of(when)}",
        "X-Amz-Date": when, "X-Amz-Expires": "3600", "X-Amz-SignedHeaders": "host"}.items()),
        quote_via=urllib.parse.quote, safe="")
    proof = signature(method, path, query, {"host": host}, "UNSIGNED-PAYLOAD", when)
    return f"{path}?{query}&X-Amz-Signature={proof}"


# ---- requests -----------------------------------------------------------------------------------


def filled(text, number):
    """`text` with KEY and FRESH in their places."""
    return text.replace(KEY, key(number % KEYS)).replace(FRESH, f"{number:016d}")


def http_request(method, target, headers, body=b""):
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if body or method in ("PUT", "POST"):
        head += f"content-length: {len(body)}\r\n"
    return f"{method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def object_body(number):
    return filled(FRESH + "x" * (4096 - len(FRESH)), number).encode()


def plain_get(host, number):
    return http_request("GET", filled(f"/bench/{KEY}", number), {"host": host})


def signed_get(host, number):
    path = filled(f"/bench/{KEY}", number)
    return http_request("GET", path, signed("GET", path, host))


def presigned_get(host, number):
    return http_request("GET", presigned("GET", filled(f"/bench/{KEY}", number), host), {"host": host})


def plain_put(host, number):
    headers = {"host": host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    return http_request("PUT", filled(f"/bench/{KEY}", number), headers, object_body(number))


def signed_put(host, number):
    path, body = filled(f"/bench/{KEY}", number), object_body(number)
    return http_request("PUT", path, signed("PUT", path, host, body), body)


def item_request(operation, text):
    def request(host, number):
        return http_request("POST", "/", {"Host": host, **dynamodb_headers(operation)},
                            filled(text, number).encode())

    return request


def command(*words):
    def request(_, number):
        parts = [filled(word, number).encode() for word in words]
        return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)

    return request


# What is counted, in the order of the table: where it goes, and what makes the request.
HTTP, REDIS = "http", "redis"
WITHOUT_AUTH = [
    ("GET 4 KiB, unsigned", HTTP, plain_get),
    ("GET 4 KiB, signed, --auth off", HTTP, signed_get),
    ("GET 4 KiB, presigned, --auth off", HTTP, presigned_get),
    ("PUT 4 KiB, new bytes, unsigned", HTTP, plain_put),
    ("PUT 4 KiB, new bytes, signed, --auth off", HTTP, signed_put),
    ("GetItem, 100 bytes", HTTP, item_request("GetItem", GET_ITEM)),
    ("PutItem, 100 bytes, changed", HTTP, item_request("PutItem", PUT_ITEM)),
    ("SET, 16 bytes, changed", REDIS, command("SET", f"key:{KEY}", FRESH)),
    ("GET, 16 bytes", REDIS, command("GET", f"key:{KEY}")),
]
WITH_AUTH = [
    ("GET 4 KiB, signed, --auth verify", HTTP, signed_get),
    ("GET 4 KiB, presigned, --auth verify", HTTP, presigned_get),
    ("PUT 4 KiB, new bytes, signed, --auth verify", HTTP, signed_put),
]


# ---- counting -----------------------------------------------------------------------------------


class Counted:
    """A server under callgrind, with a connection to each of its doors."""

    def __init__(self, binary, folder, *flags):
        self.out = os.path.join(folder, "callgrind")
        self.server = Server("--threads", "1", *flags, data=os.path.join(folder, "data"),
                             binary=binary, under=["valgrind", "-q", "--tool=callgrind",
                                                   f"--callgrind-out-file={self.out}"])
        self.server.start()
        self.host = "{}:{}".format(*self.server.http_address)
        self.doors = {HTTP: socket.create_connection(self.server.http_address),
                      REDIS: socket.create_connection(self.server.redis)}
        for door in self.doors.values():
            door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def control(self, order):
        subprocess.run(["callgrind_control", order, str(self.server.pid)], check=True,
                       capture_output=True, timeout=60)

    def total(self):
        """What was counted since it was last cleared, in all threads."""
        self.control("--dump")
        newest = max(glob.glob(self.out + ".*"), key=lambda name: int(name.rsplit(".", 1)[1]))
        with open(newest) as file:
            return int(re.search(r"^totals: (\d+)", file.read(), re.MULTILINE)[1])

    def ask(self, door, request):
        """One request and its whole answer, which must be a good one."""
        connection = self.doors[door]
        connection.sendall(request)
        answer = connection.recv(65536)
        if door == REDIS:
            good, whole = answer[:1] in (b"+", b"$"), lambda: answer.endswith(b"\r\n")
        else:
            good = answer.startswith(b"HTTP/1.1 200")
            length = int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", answer)[1])
            whole = lambda: len(answer) >= answer.index(b"\r\n\r\n") + 4 + length  # noqa: E731
        while not whole():
            answer += connection.recv(65536)
        if not good:
            raise RuntimeError(answer[:500].decode(errors="replace"))

    def instructions(self, door, make, count):
        requests = [make(self.host, number) for number in range(KEYS + count)]
        for request in requests[:KEYS]:  # every key is there, every page was seen
            self.ask(door, request)
        self.control("--zero")
        for request in requests[KEYS:]:
            self.ask(door, request)
        return self.total() / count

    def stop(self):
        for door in self.doors.values():
            door.close()
        self.server.stop()


@contextlib.contextmanager
def counted(options, *flags):
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        credentials = os.path.join(folder, "credentials")
        with open(os.open(credentials, os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
            file.write(CREDENTIALS)
        flags = [credentials if flag == "CREDENTIALS" else flag for flag in flags]
        subjects = []
        for number, binary in enumerate(options.binaries):
            own = os.path.join(folder, str(number))
            os.mkdir(own)
            subjects.append(Counted(binary, own, *flags))
        try:
            yield subjects
        finally:
            for subject in subjects:
                subject.stop()


def make_bucket(subject):
    request = http_request("PUT", "/bench", signed("PUT", "/bench", subject.host))
    subject.ask(HTTP, request)
    for number in range(KEYS):
        subject.ask(HTTP, signed_put(subject.host, number))


def bench_instructions(options):
    table = Table(options, "Instructions of the server per request (callgrind; without the kernel)",
                  "instructions", cpu=False, aims=False)
    count = 200 if options.quick else 1000
    for rows, flags in ((WITHOUT_AUTH, []),
                        (WITH_AUTH, ["--auth", "verify", "--credentials", "CREDENTIALS"])):
        with counted(options, *flags) as subjects:
            for subject in subjects:
                make_bucket(subject)
                if not flags:
                    make_table(subject.server, KEYS)
            for what, door, make in rows:
                table.put(what, interleaved(1, subjects, lambda subject: subject.instructions(
                    door, make, count)))
