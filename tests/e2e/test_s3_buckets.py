"""S3 buckets with boto3: create, head, list, location, delete, versioning."""

import pytest
from botocore.exceptions import ClientError

from conftest import client


def code_of(error):
    return error.value.response["Error"]["Code"]


def test_create_head_list_delete(s3, unique):
    name = f"b-{unique}"
    s3.create_bucket(Bucket=name)
    s3.head_bucket(Bucket=name)
    assert name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    s3.delete_bucket(Bucket=name)
    with pytest.raises(ClientError) as error:
        s3.head_bucket(Bucket=name)
    assert code_of(error) == "404"
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=name)
    assert code_of(error) == "NoSuchBucket"


def test_regions(bodega, unique):
    name = f"b-{unique}"
    west = client("s3", bodega.http, region_name="eu-west-1")
    west.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert west.get_bucket_location(Bucket=name)["LocationConstraint"] == "eu-west-1"
    with pytest.raises(ClientError) as error:
        west.create_bucket(Bucket=name,
                           CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert code_of(error) == "BucketAlreadyOwnedByYou"


@pytest.mark.parametrize("name", ["Ab-cd", "a_b", "192.168.0.1", "a..b", "-ab", "xn--abc"])
def test_names_that_are_refused(bodega, name):
    lenient = client("s3", bodega.http)
    lenient.meta.events.unregister("before-parameter-build.s3",
                                   __import__("botocore.handlers").handlers.validate_bucket_name)
    with pytest.raises(ClientError) as error:
        lenient.create_bucket(Bucket=name)
    assert code_of(error) == "InvalidBucketName"


def test_a_bucket_of_another_account_is_taken(bodega, s3, bucket):
    other = client("s3", bodega.http, aws_access_key_id="111122223333")
    with pytest.raises(ClientError) as error:
        other.create_bucket(Bucket=bucket)
    assert code_of(error) == "BucketAlreadyExists"
    assert bucket not in [entry["Name"] for entry in other.list_buckets()["Buckets"]]


def test_a_bucket_with_objects_stays(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=b"x")
    with pytest.raises(ClientError) as error:
        s3.delete_bucket(Bucket=bucket)
    assert code_of(error) == "BucketNotEmpty"


def test_versions_are_kept_and_restored(s3, bucket):
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"null version")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=bucket, Key="k", Body=b"2")["VersionId"]
    assert first != second
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId=first)["Body"].read() == b"1"
    assert s3.get_object(Bucket=bucket, Key="k", VersionId="null")["Body"].read() == b"null version"

    marker = s3.delete_object(Bucket=bucket, Key="k")
    assert marker["DeleteMarker"]
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k")
    assert code_of(error) == "NoSuchKey"
    listing = s3.list_object_versions(Bucket=bucket)
    assert [entry["VersionId"] for entry in listing["Versions"]] == [second, first, "null"]
    assert [entry["IsLatest"] for entry in listing["DeleteMarkers"]] == [True]
    with pytest.raises(ClientError) as error:
        s3.get_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert code_of(error) == "MethodNotAllowed"

    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"2"
    s3.delete_object(Bucket=bucket, Key="k", VersionId=second)
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"1"


def test_suspended_versioning_replaces_the_null_version(s3, bucket):
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    kept = s3.put_object(Bucket=bucket, Key="k", Body=b"kept")["VersionId"]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    for body in (b"a", b"b"):
        s3.put_object(Bucket=bucket, Key="k", Body=body)
    versions = s3.list_object_versions(Bucket=bucket)["Versions"]
    assert [entry["VersionId"] for entry in versions] == ["null", kept]
    assert s3.get_object(Bucket=bucket, Key="k")["Body"].read() == b"b"
