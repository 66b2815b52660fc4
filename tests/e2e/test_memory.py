"""What one request may cost in memory: a body of 16 MiB, whatever is in it, less than 100 MB."""

import base64
import gzip
import hashlib
import http.client
import json
import zlib

import pytest

from server import Server

BODY_BYTES = 16 * 1024 * 1024
MAX_GROWTH_BYTES = 100_000_000
TABLE = {"TableName": "shapes", "BillingMode": "PAY_PER_REQUEST",
         "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
         "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}
AUTHORIZATION = ("AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
                 "SignedHeaders=host, Signature=" + "0" * 64)


def filled(start, unit, end):
    """A body of BODY_BYTES: `unit` again and again between `start` and `end`."""
    count = (BODY_BYTES - len(start) - len(end)) // len(unit)
    return (start + (unit * count).rstrip(",") + end).encode()


def numbered(start, unit, end):
    """The same with a number in each unit, so that no two are the same."""
    width = len(unit % 0) + 5
    units = "".join(unit % number for number in range((BODY_BYTES - 1000) // width))
    return (start + units.rstrip(",") + end).encode()


def stored_gzip(body):
    """A gzip stream that is as long as what is in it."""
    compressor = zlib.compressobj(0, zlib.DEFLATED, 31)
    return compressor.compress(body) + compressor.flush()


ITEM = '{"TableName":"shapes","Item":{"pk":{"S":"a"},"x":'
PUT = '{"TableName":"shapes","Item":{"pk":{"S":"a"}},'
UNKNOWN = '{"TableName":"shapes","unknown":'
BATCH = '{"RequestItems":{"shapes":['


def batch_of_large_items():
    share = (BODY_BYTES - 4000) // 25 // len('{"L":[]},')
    return (BATCH + ",".join(
        '{"PutRequest":{"Item":{"pk":{"S":"%d"},"x":{"L":[' % number
        + ('{"L":[]},' * share).rstrip(",") + "]}}}}" for number in range(25)) + "]}}").encode()


DONE = None
NOT_JSON = ""  # an error without a message
# What it is, the operation, the body's maker, and the start of the error's message.
SHAPES = [
    ("tiny numbers", "PutItem", lambda: filled(UNKNOWN + "[", "0,", "]}"), "1 validation error"),
    ("tiny numbers, cut short", "PutItem", lambda: filled(UNKNOWN + "[", "0,", ""), NOT_JSON),
    ("a deep nest", "PutItem", lambda: filled("", "[", ""), NOT_JSON),
    ("empty arrays", "PutItem", lambda: filled(UNKNOWN + "[", "[],", "]}"), "1 validation error"),
    ("short strings", "PutItem", lambda: filled(UNKNOWN + "[", '"",', "]}"), "1 validation error"),
    ("short escapes", "PutItem", lambda: filled(UNKNOWN + "[", '"\\n",', "]}"), "1 validation error"),
    ("one long escaped string", "PutItem", lambda: filled(UNKNOWN + '"', "\\n", '"}'),
     "1 validation error"),
    ("many keys", "PutItem", lambda: filled(UNKNOWN + "{", '"":0,', "}}"), "1 validation error"),
    ("a list of numbers", "PutItem", lambda: filled(ITEM + '{"L":[', '{"N":"1"},', "]}}}"),
     "Item size has exceeded"),
    ("a list of lists", "PutItem", lambda: filled(ITEM + '{"L":[', '{"L":[]},', "]}}}"),
     "Item size has exceeded"),
    ("a set of strings", "PutItem", lambda: numbered(ITEM + '{"SS":[', '"%x",', "]}}}"),
     "Item size has exceeded"),
    ("a set with one string again and again", "PutItem",
     lambda: filled(ITEM + '{"SS":[', '"a",', "]}}}"), "One or more parameter values were invalid"),
    ("many attributes", "PutItem",
     lambda: numbered('{"TableName":"shapes","Item":{"pk":{"S":"a"},', '"%x":{"N":"1"},', "}}"),
     "Item size has exceeded"),
    ("a large string", "PutItem", lambda: filled(ITEM + '{"S":"', "x", '"}}}'),
     "Item size has exceeded"),
    ("many expression values", "PutItem", lambda: numbered(
        PUT + '"ConditionExpression":"a=:a","ExpressionAttributeValues":{', '":%x":{"S":""},',
        "}}"), "ExpressionAttributeNames and ExpressionAttributeValues have exceeded"),
    ("one large expression value", "PutItem", lambda: filled(
        PUT + '"ConditionExpression":"a=:a","ExpressionAttributeValues":{":a":{"L":[',
        '{"L":[]},', "]}}}"), "ExpressionAttributeValues contains invalid value: Supplied"),
    ("many updates", "UpdateItem", lambda: numbered(
        '{"TableName":"shapes","Key":{"pk":{"S":"a"}},"AttributeUpdates":{',
        '"%x":{"Value":{"S":""}},', "}}"), "Item size to update has exceeded"),
    ("many expectations", "PutItem", lambda: numbered(
        PUT + '"Expected":{', '"%x":{"Value":{"S":""}},', "}}"),
     "One or more parameter values were invalid: Expected may have 100000"),
    ("many operands", "PutItem", lambda: filled(
        PUT + '"Expected":{"a":{"ComparisonOperator":"IN","AttributeValueList":[', '{"S":"a"},',
        "]}}}"), "One or more parameter values were invalid: AttributeValueList may have 100000"),
    ("a long name in an error", "PutItem", lambda: filled('{"TableName":"', "x", '"}'),
     "1 validation error"),
    ("many writes", "BatchWriteItem", lambda: filled(BATCH, '{"PutRequest":{"Item":{}}},', "]}}"),
     "1 validation error"),
    ("a batch of large items", "BatchWriteItem", batch_of_large_items, DONE),
]


def ask(server, operation, body, **headers):
    connection = http.client.HTTPConnection(*server.http_address, timeout=60)
    connection.request("POST", "/", body, {
        "X-Amz-Target": f"DynamoDB_20120810.{operation}", "X-Amz-Date": "20260101T000000Z",
        "Content-Type": "application/x-amz-json-1.0", "Authorization": AUTHORIZATION, **headers})
    answer = connection.getresponse()
    document = json.loads(answer.read())
    connection.close()
    return answer.status, document.get("message", "")


def growth(server, operation, body, **headers):
    """By how much the server's high-water mark rose, the status and the message of its answer."""
    before = server.peak_rss_bytes()
    status, message = ask(server, operation, body, **headers)
    return server.peak_rss_bytes() - before, status, message


@pytest.fixture
def fresh():
    with Server("--threads", "1") as server:
        assert ask(server, "CreateTable", json.dumps(TABLE).encode())[0] == 200
        yield server


@pytest.mark.parametrize("operation, make, expected", [shape[1:] for shape in SHAPES],
                         ids=[shape[0] for shape in SHAPES])
def test_a_body_of_16_mib_takes_less_than_100_mb(fresh, operation, make, expected):
    body = make()
    assert 0.9 * BODY_BYTES < len(body) <= BODY_BYTES
    grown, status, message = growth(fresh, operation, body)
    if expected is DONE:
        assert status == 200
    else:
        assert status == 400 and message.startswith(expected)
    # The body itself has to be there: less than that would mean that it was not read.
    assert len(body) < grown < MAX_GROWTH_BYTES


@pytest.mark.parametrize("compress", [lambda body: gzip.compress(body, 1), stored_gzip],
                         ids=["small when sent", "as large when sent"])
def test_a_compressed_body_takes_no_more(fresh, compress):
    body = filled(UNKNOWN + "[", "0,", "]}")[:-64 * 1024].rstrip(b",") + b"]}"
    sent = compress(body)
    assert len(sent) <= BODY_BYTES
    grown, status, message = growth(fresh, "PutItem", sent, **{"Content-Encoding": "gzip"})
    assert status == 400 and message.startswith("1 validation error")
    assert len(body) < grown < MAX_GROWTH_BYTES


def test_xml_of_the_largest_size_takes_less_than_100_mb():
    body = b"<Delete>" + b"<a/>" * (2 * 1024 * 1024 - 1024) + b"</Delete>"
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    with Server("--threads", "1") as server:
        connection = http.client.HTTPConnection(*server.http_address, timeout=60)
        connection.request("PUT", "/shapes")
        made = connection.getresponse()
        made.read()
        assert made.status == 200
        before = server.peak_rss_bytes()
        connection.request("POST", "/shapes?delete", body, {"Content-MD5": digest})
        assert b"<Code>MalformedXML</Code>" in connection.getresponse().read()
        assert len(body) < server.peak_rss_bytes() - before < MAX_GROWTH_BYTES
