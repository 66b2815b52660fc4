"""Multipart uploads with boto3, by hand and through its transfer manager."""

import hashlib
import io
import os

import boto3.s3.transfer
import pytest
from botocore.exceptions import ClientError

MIB = 1024 * 1024


def code_of(error):
    return error.value.response["Error"]["Code"]


def upload_parts(s3, bucket, key, bodies, **create):
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key, **create)["UploadId"]
    parts = []
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": answer["ETag"]})
    return upload, parts


def test_parts_become_one_object(s3, bucket):
    bodies = [os.urandom(5 * MIB), os.urandom(5 * MIB + 1), b"the end"]
    upload, parts = upload_parts(s3, bucket, "k", bodies, Metadata={"m": "1"},
                                 ContentType="text/plain")
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)["Parts"]
    assert [part["Size"] for part in listed] == [len(body) for body in bodies]
    assert [entry["Key"] for entry in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["k"]
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload,
                                        MultipartUpload={"Parts": parts})
    digests = b"".join(hashlib.md5(body).digest() for body in bodies)
    assert done["ETag"] == f'"{hashlib.md5(digests).hexdigest()}-3"'
    got = s3.get_object(Bucket=bucket, Key="k")
    assert got["Body"].read() == b"".join(bodies)
    assert got["Metadata"] == {"m": "1"} and got["ContentType"] == "text/plain"
    whole = b"".join(bodies)
    edge = 5 * MIB
    got = s3.get_object(Bucket=bucket, Key="k", Range=f"bytes={edge - 3}-{edge + 3}")
    assert got["Body"].read() == whole[edge - 3:edge + 4]
    part = s3.get_object(Bucket=bucket, Key="k", PartNumber=2)
    assert part["Body"].read() == bodies[1] and part["PartsCount"] == 3
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_abort_leaves_nothing(s3, bucket):
    upload, _ = upload_parts(s3, bucket, "k", [b"x"])
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    with pytest.raises(ClientError) as error:
        s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1, Body=b"y")
    assert code_of(error) == "NoSuchUpload"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_complete_checks_its_parts(s3, bucket):
    upload, parts = upload_parts(s3, bucket, "k", [b"small", b"small too"])

    def complete(parts):
        with pytest.raises(ClientError) as error:
            s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload,
                                         MultipartUpload={"Parts": parts})
        return code_of(error)

    assert complete(parts) == "EntityTooSmall"
    assert complete(parts[::-1]) == "InvalidPartOrder"
    assert complete([{"PartNumber": 1, "ETag": '"0"'}]) == "InvalidPart"
    assert complete([{"PartNumber": 7, "ETag": parts[0]["ETag"]}]) == "InvalidPart"


def test_copy_part(s3, bucket):
    body = os.urandom(6 * MIB)
    s3.put_object(Bucket=bucket, Key="source", Body=body)
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
    source = {"Bucket": bucket, "Key": "source"}
    first = s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=1,
                                CopySource=source)
    second = s3.upload_part_copy(Bucket=bucket, Key="k", UploadId=upload, PartNumber=2,
                                 CopySource=source, CopySourceRange="bytes=10-19")
    parts = [{"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]}
             for number, part in enumerate([first, second], 1)]
    s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload,
                                 MultipartUpload={"Parts": parts})
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == body + body[10:20]


@pytest.mark.parametrize("algorithm, kind", [("CRC32", "COMPOSITE"), ("CRC32", "FULL_OBJECT"),
                                             ("SHA256", "COMPOSITE")])
def test_checksums_of_parts_and_whole(s3, bucket, algorithm, kind):
    bodies = [os.urandom(5 * MIB), b"end"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm=algorithm,
                                        ChecksumType=kind)["UploadId"]
    parts = []
    name = f"Checksum{algorithm}"
    for number, body in enumerate(bodies, 1):
        answer = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=number,
                                Body=body, ChecksumAlgorithm=algorithm)
        parts.append({"PartNumber": number, "ETag": answer["ETag"], name: answer[name]})
    done = s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload,
                                        MultipartUpload={"Parts": parts})
    assert done["ChecksumType"] == kind
    assert done[name].endswith("-2") == (kind == "COMPOSITE")
    if kind == "FULL_OBJECT":
        s3.put_object(Bucket=bucket, Key="same", Body=b"".join(bodies), ChecksumAlgorithm=algorithm)
        same = s3.head_object(Bucket=bucket, Key="same", ChecksumMode="ENABLED")
        assert done[name] == same[name]


def test_the_transfer_manager(s3, bucket):
    body = os.urandom(20 * MIB + 17)
    config = boto3.s3.transfer.TransferConfig(multipart_threshold=6 * MIB,
                                              multipart_chunksize=6 * MIB, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(body), bucket, "k", Config=config)
    out = io.BytesIO()
    s3.download_fileobj(bucket, "k", out, Config=config)
    assert out.getvalue() == body
    assert s3.head_object(Bucket=bucket, Key="k")["ETag"].endswith('-4"')
