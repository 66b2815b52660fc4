"""The thinnest clients that do: HTTP with a stand-in signature, and RESP. A client that hides
retries would hide what this test is about."""

import http.client
import json
import socket
import xml.etree.ElementTree as xml
from urllib.parse import quote, urlencode

TIMEOUT_S = 20


class Gone(Exception):
    """The server went away before its whole answer came. The request may have happened or not."""


class Refused(Exception):
    """The server answered with something that this test never expects."""


class Fault(Refused):
    """The server answered that its storage failed. Whether the request happened is not known."""


class Http:
    """One connection. `service` is "s3" or "dynamodb"."""

    def __init__(self, address, service):
        self.connection = http.client.HTTPConnection(*address, timeout=TIMEOUT_S)
        self.address = address
        self.authorization = (
            f"AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/{service}/aws4_request, "
            "SignedHeaders=host, Signature=" + "0" * 64)

    def send(self, method, path, query=None, headers=None, body=b""):
        target = quote(path) + ("?" + urlencode(query) if query else "")
        fields = {"Authorization": self.authorization, "x-amz-date": "20260101T000000Z",
                  "x-amz-content-sha256": "UNSIGNED-PAYLOAD", **(headers or {})}
        try:
            self.connection.request(method, target, body=body, headers=fields)
            reply = self.connection.getresponse()
            return reply.status, reply.headers, reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise Gone(str(error)) from error

    def expect(self, statuses, method, path, query=None, headers=None, body=b""):
        status, fields, answer = self.send(method, path, query, headers, body)
        if status not in statuses:
            raise (Fault if status >= 500 else Refused)(
                f"{method} {path} {query or ''}: {status} {answer[:300]!r}")
        return fields, answer

    def xml(self, method, path, query=None, headers=None, body=b""):
        """The answer's root, with the namespace taken off every name."""
        _, answer = self.expect((200,), method, path, query, headers, body)
        root = xml.fromstring(answer)
        for element in root.iter():
            element.tag = element.tag.rpartition("}")[2]
        return root

    def dynamodb(self, operation, **parameters):
        _, answer = self.expect(
            (200,), "POST", "/",
            headers={"X-Amz-Target": f"DynamoDB_20120810.{operation}",
                     "Content-Type": "application/x-amz-json-1.0"},
            body=json.dumps(parameters).encode())
        return json.loads(answer)


class Redis:
    """One connection to one database."""

    def __init__(self, address, database):
        self.socket = socket.create_connection(address, timeout=TIMEOUT_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.call("SELECT", database)

    def send(self, *commands):
        request = b""
        for command in commands:
            parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
            request += b"*%d\r\n" % len(parts)
            request += b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
        try:
            self.socket.sendall(request)
        except OSError as error:
            raise Gone(str(error)) from error

    def receive(self):
        try:
            line = self.stream.readline()
            if not line.endswith(b"\r\n"):
                raise Gone("the connection ended")
            kind, rest = line[:1], line[1:-2]
            if kind == b"-":
                faulty = rest.startswith((b"MISCONF", b"EXECABORT", b"OOM"))
                raise (Fault if faulty else Refused)(rest.decode())
            if kind == b"+":
                return rest.decode()
            if kind == b":":
                return int(rest)
            length = int(rest)
            if kind == b"$":
                if length < 0:
                    return None
                data = self.stream.read(length + 2)
                if len(data) != length + 2:
                    raise Gone("the connection ended")
                return data[:-2]
            assert kind == b"*", line
            return None if length < 0 else [self.receive() for _ in range(length)]
        except OSError as error:
            raise Gone(str(error)) from error

    def call(self, *command):
        self.send(command)
        return self.receive()

    def close(self):
        self.stream.close()
        self.socket.close()
