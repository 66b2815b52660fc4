"""The parts of script/bench that speak HTTP: start, s3, dynamodb."""

import hashlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from measure import (FRESH, KEY, LOAD_CORE, MIB, SERVER_CORE, Sample, Series, Servers, Table,
                     free_port, http, interleaved, key, on_core, pin, requests_script, wrk,
                     wrk_writes)
from server import Server

# ---- start --------------------------------------------------------------------------------------


def first_answer_ms(binary, folder):
    """From exec to the first HTTP answer, polling the port without a pause."""
    port = free_port()
    begun = time.perf_counter()
    process = subprocess.Popen([binary, "--http", f"127.0.0.1:{port}", "--redis", "127.0.0.1:0",
                                "--data", folder], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    try:
        while time.perf_counter() - begun < 10:
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                    connection.sendall(b"GET /_bodega/health HTTP/1.1\r\nHost: x\r\n\r\n")
                    if connection.recv(100).startswith(b"HTTP/1.1 200"):
                        return (time.perf_counter() - begun) * 1000
            except OSError:
                pass
        raise RuntimeError("no answer in ten seconds")
    finally:
        process.terminate()
        process.wait(20)


def bench_start(options):
    table = Table(options, "Start", "median", cpu=False)

    def fresh(binary):
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            return first_answer_ms(binary, os.path.join(folder, "data"))

    table.measure("start to first answer, new folder, ms", options.binaries, fresh,
                  runs=options.runs * 3, aim="50")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        def again(binary):
            number = str(options.binaries.index(binary))
            return first_answer_ms(binary, os.path.join(folder, number))

        for binary in options.binaries:
            again(binary)
        table.measure("start to first answer, folder that exists, ms", options.binaries, again,
                      runs=options.runs * 3, aim="50")

    def idle_rss(binary):
        with Server(binary=binary) as server:
            http("GET", f"{server.http}/_bodega/health")
            time.sleep(0.5)
            return server.rss_bytes() / 1e6

    table.measure("idle memory (RSS), MB", options.binaries, idle_rss, show="{:.1f}".format,
                  aim="30")


# ---- S3 -----------------------------------------------------------------------------------------

UNSIGNED = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
SMALL_OBJECTS = 1000


def make_small_objects(server):
    http("PUT", f"{server.http}/bench")
    for number in range(SMALL_OBJECTS):
        http("PUT", f"{server.http}/bench/{key(number)}", b"x" * 4096)


def put_small(server, seconds, connections=16):
    """4 KiB, 16 bytes of them new in each request, for one of a thousand keys."""
    body = FRESH + "x" * (4096 - len(FRESH))
    script = requests_script("PUT", f"/bench/{KEY}", body, UNSIGNED, keys=SMALL_OBJECTS)
    return wrk_writes(server, script, seconds, len(body), connections)


def transfer_seconds(server, method, path, body=None):
    """One request on a raw socket from the load core's process; returns seconds."""
    helper = (
        "import socket,sys,time,mmap,os\n"
        "host,port,method,path,source=sys.argv[1:6]\n"
        "s=socket.create_connection((host,int(port)))\n"
        "data=open(source,'rb') if source!='-' else None\n"
        "size=os.path.getsize(source) if data else 0\n"
        "b=time.perf_counter()\n"
        "s.sendall(f'{method} {path} HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: {size}\\r\\n"
        "x-amz-content-sha256: UNSIGNED-PAYLOAD\\r\\nConnection: close\\r\\n\\r\\n'.encode())\n"
        "if data: s.sendfile(data)\n"
        "buf=bytearray(1<<20); first=b''; total=0\n"
        "while True:\n"
        "  n=s.recv_into(buf)\n"
        "  if not n: break\n"
        "  if not total: first=bytes(buf[:12])\n"
        "  total+=n\n"
        "assert first.startswith(b'HTTP/1.1 200'), first\n"
        "print(time.perf_counter()-b)\n")
    host, port = server.http_address
    done = subprocess.run(on_core(LOAD_CORE, [sys.executable, "-c", helper, host, str(port), method,
                                              path, body or "-"]),
                          capture_output=True, text=True, check=True)
    return float(done.stdout)


def md5_rate():
    block = os.urandom(16 * MIB)
    begun = time.perf_counter()
    for _ in range(8):
        hashlib.md5(block).digest()
    return 8 * len(block) / (time.perf_counter() - begun)


def small_objects(options):
    table = Table(options, "S3, objects of 4 KiB, unsigned, 16 connections, server on one core",
                  "requests/s")
    with Servers(options, "--threads", "1") as servers:
        for server in servers:
            make_small_objects(server)
            pin(server.pid, SERVER_CORE)
        get = requests_script("GET", f"/bench/{KEY}", keys=SMALL_OBJECTS)
        table.measure("GET, one of 1,000 objects", servers,
                      lambda server: wrk(server, get, options.seconds))
        table.measure("PUT, new bytes over one of 1,000 objects", servers,
                      lambda server: put_small(server, options.seconds))


def bench_s3(options):
    small_objects(options)
    table = Table(options, "S3, large objects, one after the other, both cores", "GB/s", cpu=False)
    with Servers(options) as servers, tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for server in servers:
            http("PUT", f"{server.http}/bench")
        source = os.path.join(folder, "64MiB")
        with open(source, "wb") as file:
            for _ in range(64):
                file.write(os.urandom(MIB))

        def rate(method, path, body=None):
            return lambda server: 64 * MIB / transfer_seconds(server, method, path, body) / 1e9

        two = "{:.2f}".format
        md5 = statistics.median(md5_rate() for _ in range(options.runs)) / 1e9
        put = interleaved(options.runs * 3, servers, rate("PUT", "/bench/large", source))
        table.put("PUT 64 MiB", put, show=two)
        shares = [Series([Sample(sample.value / md5) for sample in one.samples]) for one in put]
        table.put(f"the same over one core's MD5, {md5:.2f} in the same run", shares, show=two,
                  aim="0.8")
        table.measure("GET 64 MiB", servers, rate("GET", "/bench/large"), runs=options.runs * 3,
                      show=two, aim="1.5")

        def peak_mb(server):
            return server.peak_rss_bytes() / 1e6

        one = "{:.1f}".format
        table.measure("peak memory (RSS) so far, MB", servers, peak_mb, runs=1, show=one, aim="64")
        source = os.path.join(folder, "2GiB")
        with open(source, "wb") as file:
            file.truncate(2048 * MIB)
        for server in servers:
            transfer_seconds(server, "PUT", "/bench/huge", source)
            transfer_seconds(server, "GET", "/bench/huge")
        table.measure("peak memory (RSS) after a 2 GiB PUT and GET, MB", servers, peak_mb, runs=1,
                      show=one, aim="64")


# ---- DynamoDB -----------------------------------------------------------------------------------

AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
                 "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64)
KEYED_ITEMS = 10_000


def dynamodb_headers(operation):
    return {"X-Amz-Target": f"DynamoDB_20120810.{operation}", "X-Amz-Date": "20260101T000000Z",
            "Content-Type": "application/x-amz-json-1.0", "Authorization": AUTHORIZATION}


def dynamodb(server, operation, document):
    return json.loads(http("POST", server.http, json.dumps(document).encode(),
                           dynamodb_headers(operation)))


def fill_partition(server, partition, count):
    for start in range(0, count, 25):
        dynamodb(server, "BatchWriteItem", {"RequestItems": {"bench": [
            {"PutRequest": {"Item": {"pk": {"S": partition}, "sk": {"N": str(number)},
                                     "data": {"S": "x" * 100}}}}
            for number in range(start, min(start + 25, count))]}})


def make_table(server, items=KEYED_ITEMS):
    dynamodb(server, "CreateTable", {
        "TableName": "bench", "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                      {"AttributeName": "sk", "KeyType": "RANGE"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"},
                                 {"AttributeName": "sk", "AttributeType": "N"}]})
    fill_partition(server, "keyed", items)


PUT_ITEM = ('{"TableName":"bench","Item":{"pk":{"S":"keyed"},"sk":{"N":"' + KEY + '"},'
            '"data":{"S":"' + FRESH + "y" * (100 - len(FRESH)) + '"}}}')
GET_ITEM = '{"TableName":"bench","Key":{"pk":{"S":"keyed"},"sk":{"N":"' + KEY + '"}}}'


def put_item(server, seconds, connections=16):
    """100 bytes, 16 of them new in each request, over one of ten thousand items."""
    script = requests_script("POST", "/", PUT_ITEM, dynamodb_headers("PutItem"), keys=KEYED_ITEMS)
    return wrk_writes(server, script, seconds, 100, connections)


def bench_dynamodb(options):
    large = 100_000 if options.quick else 1_000_000
    table = Table(options, "DynamoDB, items of 100 bytes, 16 connections, server on one core",
                  "requests/s")
    with Servers(options, "--threads", "1") as servers:
        for server in servers:
            make_table(server)
            fill_partition(server, "small", 100)
            fill_partition(server, "large", large)
            pin(server.pid, SERVER_CORE)
        table.measure("PutItem, changed item over one of 10,000", servers,
                      lambda server: put_item(server, options.seconds), aim="25,000")
        get = requests_script("POST", "/", GET_ITEM, dynamodb_headers("GetItem"), keys=KEYED_ITEMS)
        table.measure("GetItem, one of 10,000", servers,
                      lambda server: wrk(server, get, options.seconds), aim="40,000")
        found = {}
        for partition, count in (("small", 100), ("large", large)):
            # From anywhere in the partition, with ten items left behind every start.
            query = requests_script("POST", "/", json.dumps({
                "TableName": "bench", "Limit": 10, "KeyConditionExpression": "pk = :p AND sk > :s",
                "ExpressionAttributeValues": {":p": {"S": partition}, ":s": {"N": KEY}}}),
                dynamodb_headers("Query"), keys=count - 11)
            found[partition] = interleaved(options.runs, servers,
                                           lambda server: wrk(server, query, options.seconds))
            table.put(f"Query Limit 10 in a partition of {count:,} items", found[partition])
        shares = [Series([Sample(a.value / b.value) for a, b in zip(big.samples, small.samples)])
                  for big, small in zip(found["large"], found["small"])]
        table.put("the same, large over small", shares, show="{:.2f}".format, aim="1")
