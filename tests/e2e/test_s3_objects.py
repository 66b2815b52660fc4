"""S3 objects with boto3: what goes in comes out, with its metadata, ranges and conditions."""

import base64
import datetime
import hashlib
import os

import pytest
import requests
from botocore.exceptions import ClientError

from conftest import client

SIZES = [0, 1, 4096, 65536, 65537, 1_000_000, 9_000_001]


def code_of(error):
    return error.value.response["Error"]["Code"]


def status_of(error):
    return error.value.response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize("size", SIZES)
def test_put_and_get_round_trip(s3, bucket, size):
    body = os.urandom(size)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body)
    assert put["ETag"] == f'"{hashlib.md5(body).hexdigest()}"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == body
    assert got["ContentLength"] == size
    assert got["ContentType"] == "binary/octet-stream"
    assert got["AcceptRanges"] == "bytes"


@pytest.mark.parametrize("key", ["a b", "a+b", "a%2Fb", "a//b", "/lead", "trail/", "./x", "a/../b",
                                 "snow☃man", "quote\"'<&>", "tilde~", "q?x=y&z", "#hash"])
def test_keys_are_bytes_not_paths(s3, bucket, key):
    s3.put_object(Bucket=bucket, Key=key, Body=key.encode())
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == key.encode()
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]


def test_metadata_and_system_headers_come_back(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x", Metadata={"Colour": "green", "n": "1"},
                  ContentType="text/plain; charset=utf-8", CacheControl="max-age=5",
                  ContentDisposition="inline", ContentLanguage="de", ContentEncoding="gzip",
                  Expires=datetime.datetime(2030, 1, 1, tzinfo=datetime.timezone.utc))
    head = s3.head_object(Bucket=bucket, Key="k")
    assert head["Metadata"] == {"colour": "green", "n": "1"}
    assert head["ContentType"] == "text/plain; charset=utf-8"
    assert head["CacheControl"] == "max-age=5"
    assert head["ContentDisposition"] == "inline"
    assert head["ContentLanguage"] == "de"
    assert head["ContentEncoding"] == "gzip"
    assert head["ExpiresString"] == "Tue, 01 Jan 2030 00:00:00 GMT"


@pytest.mark.parametrize("size", [10, 200_000])
@pytest.mark.parametrize("header, first, last", [
    ("bytes=0-3", 0, 3), ("bytes=4-", 4, None), ("bytes=-2", -2, None), ("bytes=5-999999999", 5, None)])
def test_ranges(s3, bucket, size, header, first, last):
    body = os.urandom(size)
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    got = s3.get_object(Bucket=bucket, Key="k", Range=header)
    expected = body[first:] if last is None else body[first:last + 1]
    assert got["Body"].read() == expected
    assert got["ResponseMetadata"]["HTTPStatusCode"] == 206
    start = size + first if first < 0 else first
    assert got["ContentRange"] == f"bytes {start}-{start + len(expected) - 1}/{size}"


def test_a_range_past_the_end_is_refused(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", Range="bytes=100-200")
    assert code_of(error) == "InvalidRange" and status_of(error) == 416
    assert error.value.response["Error"]["ActualObjectSize"] == "10"


def test_conditional_reads(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"x")["ETag"]
    s3.get_object(Bucket=bucket, Key="k", IfMatch=etag)
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=etag)
    assert status_of(error) == 304
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", IfMatch='"nothing"')
    assert code_of(error) == "PreconditionFailed" and status_of(error) == 412


def test_conditional_writes(s3, bucket):
    etag = s3.put_object(Bucket=bucket, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert code_of(error) == "PreconditionFailed"
    s3.put_object(Bucket=bucket, Key="k", Body=b"3", IfMatch=etag)
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"4", IfMatch=etag)
    assert code_of(error) == "PreconditionFailed"
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"3"


def test_missing_things_have_their_names(s3, bucket, unique):
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="nothing")
    assert code_of(error) == "NoSuchKey" and status_of(error) == 404
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=f"none-{unique}", Key="k")
    assert code_of(error) == "NoSuchBucket"
    with pytest.raises(ClientError) as error:
        s3.head_object(Bucket=bucket, Key="nothing")
    assert code_of(error) == "404"


def test_delete_is_idempotent_and_batched(s3, bucket):
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_object(Bucket=bucket, Key="a")
    answer = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": key} for key in ["b", "c", "never"]]})
    assert sorted(entry["Key"] for entry in answer["Deleted"]) == ["b", "c", "never"]
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


@pytest.mark.parametrize("size", [5, 300_000])
def test_copy(s3, bucket, size):
    body = os.urandom(size)
    s3.put_object(Bucket=bucket, Key="from ü", Body=body, Metadata={"a": "1"})
    s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "from ü"})
    s3.delete_object(Bucket=bucket, Key="from ü")
    got = s3.get_object(Bucket=bucket, Key="to")
    assert got["Body"].read() == body and got["Metadata"] == {"a": "1"}
    s3.copy_object(Bucket=bucket, Key="to", CopySource={"Bucket": bucket, "Key": "to"},
                   MetadataDirective="REPLACE", Metadata={"b": "2"})
    got = s3.get_object(Bucket=bucket, Key="to")
    assert got["Body"].read() == body and got["Metadata"] == {"b": "2"}


ALGORITHMS = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_checksums_in_headers(s3, bucket, algorithm):
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumAlgorithm=algorithm)
    head = s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    name = f"Checksum{algorithm}"
    assert head[name] == put[name]
    assert head["ChecksumType"] == "FULL_OBJECT"
    assert name not in s3.head_object(Bucket=bucket, Key="k")


def test_a_wrong_checksum_stores_nothing(s3, bucket):
    wrong = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ChecksumSHA256=wrong)
    assert code_of(error) == "BadDigest"
    wrong = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    with pytest.raises(ClientError) as error:
        s3.put_object(Bucket=bucket, Key="k", Body=b"hello", ContentMD5=wrong)
    assert code_of(error) == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_streaming_trailer_bodies(bodega, bucket, s3):
    """What the JavaScript SDK sends over plain HTTP: chunked transfer around aws-chunked."""
    framed = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"
    headers = {"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
               "x-amz-trailer": "x-amz-checksum-crc32", "Content-Encoding": "aws-chunked",
               "x-amz-decoded-content-length": "5"}
    answer = requests.put(f"{bodega.http}/{bucket}/k", headers=headers,
                          data=iter([framed[:9], framed[9:]]), timeout=10)
    assert answer.status_code == 200, answer.text
    got = s3.get_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello"
    assert got["ChecksumCRC32"] == "NhCmhg=="
    assert "ContentEncoding" not in got
    headers["x-amz-decoded-content-length"] = "6"
    answer = requests.put(f"{bodega.http}/{bucket}/k2", headers=headers, data=framed, timeout=10)
    assert answer.status_code == 400 and "IncompleteBody" in answer.text


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_presigned_urls(bodega, bucket, signature):
    """boto3 makes links with the old signature ("s3") unless it is told otherwise."""
    s3 = client("s3", bodega.http, config={"signature_version": signature})
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "p q"})
    assert requests.put(url, data=b"presigned", timeout=10).status_code == 200
    url = s3.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": "p q", "ResponseContentType": "text/x"})
    answer = requests.get(url, timeout=10)
    assert answer.content == b"presigned"
    assert answer.headers["Content-Type"] == "text/x"


@pytest.mark.parametrize("signature", ["s3", "s3v4"])
def test_presigned_urls_carry_metadata(bodega, bucket, signature):
    """The old signature moves metadata into the link, the new one asks for it in headers."""
    s3 = client("s3", bodega.http, config={"signature_version": signature})
    url = s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": "k", "Metadata": {"colour": "blue"}})
    headers = {} if "x-amz-meta-colour=blue" in url else {"x-amz-meta-colour": "blue"}
    assert requests.put(url, data=b"presigned", headers=headers, timeout=10).status_code == 200
    assert s3.head_object(Bucket=bucket, Key="k")["Metadata"] == {"colour": "blue"}


@pytest.mark.parametrize("host", ["{b}.s3.localhost", "{b}.localhost",
                                  "{b}.s3.localhost.localstack.cloud", "{b}.s3.amazonaws.com",
                                  "{b}.s3.eu-west-1.amazonaws.com"])
def test_virtual_hosts(bodega, s3, bucket, host):
    s3.put_object(Bucket=bucket, Key="dir/k", Body=b"vhost")
    port = bodega.http.rpartition(":")[2]
    answer = requests.get(f"{bodega.http}/dir/k", timeout=10,
                          headers={"Host": f"{host.format(b=bucket)}:{port}"})
    assert answer.content == b"vhost"


def test_every_reply_has_its_ids(bodega, bucket):
    answer = requests.get(f"{bodega.http}/{bucket}/nothing", timeout=10)
    assert answer.headers["x-amz-request-id"] in answer.text
    assert answer.headers["x-amz-id-2"] in answer.text
    assert answer.headers["Server"] == "AmazonS3"
    assert answer.headers["Content-Type"] == "application/xml"


def test_an_operation_that_is_not_there_says_so(s3, bucket):
    with pytest.raises(ClientError) as error:
        s3.put_bucket_accelerate_configuration(Bucket=bucket,
                                               AccelerateConfiguration={"Status": "Enabled"})
    assert code_of(error) == "NotImplemented" and status_of(error) == 501
