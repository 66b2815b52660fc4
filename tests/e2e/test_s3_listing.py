"""ListObjects and ListObjectsV2 with boto3: order, prefixes, delimiters, pages."""

import pytest


@pytest.fixture
def filled(s3, bucket):
    for key in ["a", "b/1", "b/2", "b/c/3", "d", "e/4", "ü", "z z", "z+z"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    return bucket


def keys(answer):
    return [entry["Key"] for entry in answer.get("Contents", [])]


def prefixes(answer):
    return [entry["Prefix"] for entry in answer.get("CommonPrefixes", [])]


def test_keys_come_in_byte_order(s3, filled):
    listed = keys(s3.list_objects_v2(Bucket=filled))
    assert listed == sorted(listed, key=lambda key: key.encode())
    assert len(listed) == 9


def test_prefix_and_delimiter(s3, filled):
    answer = s3.list_objects_v2(Bucket=filled, Delimiter="/")
    assert keys(answer) == ["a", "d", "z z", "z+z", "ü"]
    assert prefixes(answer) == ["b/", "e/"]
    assert answer["KeyCount"] == 7
    answer = s3.list_objects_v2(Bucket=filled, Delimiter="/", Prefix="b/")
    assert keys(answer) == ["b/1", "b/2"] and prefixes(answer) == ["b/c/"]


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_v2_pages_join_to_the_whole(s3, filled, page):
    listed, common, token = [], [], {}
    while True:
        answer = s3.list_objects_v2(Bucket=filled, Delimiter="/", MaxKeys=page, **token)
        listed += keys(answer)
        common += prefixes(answer)
        assert answer["KeyCount"] <= page
        if not answer["IsTruncated"]:
            break
        token = {"ContinuationToken": answer["NextContinuationToken"]}
    assert listed == ["a", "d", "z z", "z+z", "ü"] and common == ["b/", "e/"]


@pytest.mark.parametrize("page", [1, 2, 100])
def test_v1_pages_join_to_the_whole(s3, filled, page):
    listed, marker = [], ""
    while True:
        answer = s3.list_objects(Bucket=filled, MaxKeys=page, Marker=marker)
        listed += keys(answer)
        if not answer["IsTruncated"]:
            break
        marker = listed[-1]
    assert listed == keys(s3.list_objects_v2(Bucket=filled))


def test_start_after(s3, filled):
    assert keys(s3.list_objects_v2(Bucket=filled, StartAfter="d")) == ["e/4", "z z", "z+z", "ü"]


def test_thousand_keys_are_a_page(s3, bucket):
    for number in range(1001):
        s3.put_object(Bucket=bucket, Key=f"{number:04}", Body=b"")
    answer = s3.list_objects_v2(Bucket=bucket)
    assert len(keys(answer)) == 1000 and answer["IsTruncated"]
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    assert sum(len(keys(page)) for page in pages) == 1001
