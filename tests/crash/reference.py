"""A folder with known contents that stay as they are: objects small and large, an upload of parts,
items and keys, partly in tables and partly in logs. Scenarios copy it, do something to it, and ask
what is still there."""

import hashlib
import json
import pathlib
import shutil

from load import try_to_start
from s3_writer import blobs_of, bytes_of
from wire import Fault, Gone, Http, Redis

BUCKET, TABLE = "quiet", "quiet"
SMALL, LARGE, PART = 3000, 150_000, 5 * 1024 * 1024
STARTS_THAT_FLUSH = 8  # a start that finds so many logs writes tables

RIGHT, ABSENT, WRONG, REFUSED = "right", "absent", "wrong", "refused"


class Reference:
    """`objects`: key -> [(seed, size), …]; `items` and `keys` are how many there are."""

    def __init__(self, folder, count):
        self.folder = pathlib.Path(folder)
        self.count = count
        self.objects = {}
        flags = ["--durability", "power"]
        server, said = try_to_start(*flags, data=self.folder)
        assert server, said
        Http(server.http_address, "s3").expect((200,), "PUT", f"/{BUCKET}")
        Http(server.http_address, "dynamodb").dynamodb(
            "CreateTable", TableName=TABLE, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "number", "AttributeType": "N"}],
            KeySchema=[{"AttributeName": "number", "KeyType": "HASH"}])
        self._fill(server, range(count // 2))
        self._upload(server)
        server.kill()
        for _ in range(STARTS_THAT_FLUSH + 1):
            server, said = try_to_start(*flags, data=self.folder)
            assert server, said
            server.kill()
        server, said = try_to_start(*flags, data=self.folder)
        assert server, said
        self._fill(server, range(count // 2, count))
        server.kill()

    def _fill(self, server, numbers):
        s3, dynamodb = Http(server.http_address, "s3"), Http(server.http_address, "dynamodb")
        redis = Redis(server.redis, 8)
        for number in numbers:
            key = f"object {number}"
            self.objects[key] = [(number, LARGE if number % 5 == 0 else SMALL)]
            s3.expect((200,), "PUT", f"/{BUCKET}/{key}", body=bytes_of(self.objects[key]))
            dynamodb.dynamodb("PutItem", TableName=TABLE, Item=self._item(number))
            redis.call("SET", f"key {number}", self._value(number))
        redis.close()

    def _upload(self, server):
        s3 = Http(server.http_address, "s3")
        key = "object of parts"
        self.objects[key] = [(1, PART), (2, 70_000)]
        upload = s3.xml("POST", f"/{BUCKET}/{key}", {"uploads": ""}).findtext("UploadId")
        listed = ""
        for number, part in enumerate(self.objects[key], 1):
            body = bytes_of([part])
            s3.expect((200,), "PUT", f"/{BUCKET}/{key}",
                      {"partNumber": number, "uploadId": upload}, body=body)
            listed += (f"<Part><PartNumber>{number}</PartNumber>"
                       f"<ETag>{hashlib.md5(body).hexdigest()}</ETag></Part>")
        s3.xml("POST", f"/{BUCKET}/{key}", {"uploadId": upload}, body=(
            f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>").encode())

    @staticmethod
    def _item(number):
        return {"number": {"N": str(number)}, "text": {"S": f"item {number} " + "i" * 700}}

    @staticmethod
    def _value(number):
        return f"value {number} " + "v" * 700

    def copy(self, place):
        return pathlib.Path(shutil.copytree(self.folder, place))

    def values(self):
        return len(self.objects) + 2 * self.count

    def blobs(self):
        return sum(blobs_of(parts) for parts in self.objects.values())

    def look(self, server):
        """name of each value -> RIGHT, ABSENT, WRONG or REFUSED (an error for this one alone)."""
        found = {}
        s3, dynamodb = Http(server.http_address, "s3"), Http(server.http_address, "dynamodb")
        for key, parts in self.objects.items():
            try:
                status, fields, body = s3.send("GET", f"/{BUCKET}/{key}")
            except Gone as error:  # it promised more than came
                found[f"S3 {key}"] = f"{WRONG}: the reply was cut short: {error}"
                continue
            found[f"S3 {key}"] = (
                REFUSED if status >= 500 else ABSENT if status == 404 else
                RIGHT if (status, body) == (200, bytes_of(parts)) else WRONG)
        for number in range(self.count):
            status, _, body = dynamodb.send(
                "POST", "/", headers={"X-Amz-Target": "DynamoDB_20120810.GetItem",
                                      "Content-Type": "application/x-amz-json-1.0"},
                body=json.dumps({"TableName": TABLE, "ConsistentRead": True,
                                 "Key": {"number": {"N": str(number)}}}).encode())
            answer = json.loads(body) if status == 200 else {}
            found[f"item {number}"] = (
                REFUSED if status >= 500 else
                ABSENT if "Item" not in answer else
                RIGHT if answer["Item"] == self._item(number) else WRONG)
        redis = Redis(server.redis, 8)
        for number in range(self.count):
            try:
                value = redis.call("GET", f"key {number}")
            except Fault:
                found[f"key {number}"] = REFUSED
                continue
            found[f"key {number}"] = (ABSENT if value is None else
                                      RIGHT if value.decode() == self._value(number) else WRONG)
        redis.close()
        return found

    def check(self, server):
        """All of it is right."""
        bad = {name: state for name, state in self.look(server).items() if state != RIGHT}
        assert not bad, f"{len(bad)} of {self.values()} values that nobody touched: {some(bad)}"
        return self.values()


def some(found):
    return dict(list(found.items())[:5])
