"""The AWS CLI, as a person would type it."""

import json
import os


def test_s3_commands(aws, unique, tmp_path):
    bucket = f"cli-{unique}"
    aws("s3", "mb", f"s3://{bucket}")
    source = tmp_path / "hello.txt"
    source.write_text("hello from the command line\n")
    aws("s3", "cp", str(source), f"s3://{bucket}/dir/hello.txt")
    assert "hello.txt" in aws("s3", "ls", f"s3://{bucket}/dir/")
    aws("s3", "cp", f"s3://{bucket}/dir/hello.txt", str(tmp_path / "back.txt"))
    assert (tmp_path / "back.txt").read_text() == source.read_text()
    head = json.loads(aws("s3api", "head-object", "--bucket", bucket, "--key", "dir/hello.txt"))
    assert head["ContentType"] == "text/plain"
    assert bucket in aws("s3", "ls")
    aws("s3", "rb", f"s3://{bucket}", "--force")
    assert bucket not in aws("s3", "ls")


def test_s3_sync_and_large_files(aws, unique, tmp_path):
    bucket = f"cli-{unique}"
    aws("s3", "mb", f"s3://{bucket}")
    tree = tmp_path / "tree"
    (tree / "deep").mkdir(parents=True)
    (tree / "small").write_bytes(b"s")
    (tree / "deep" / "large").write_bytes(os.urandom(20 * 1024 * 1024))
    for name in ("small", "deep/large"):  # S3 knows whole seconds: a file of this second looks newer
        os.utime(tree / name, (1_700_000_000, 1_700_000_000))
    aws("s3", "sync", str(tree), f"s3://{bucket}/t")
    aws("s3", "sync", f"s3://{bucket}/t", str(tmp_path / "copy"))
    for name in ("small", "deep/large"):
        assert (tmp_path / "copy" / name).read_bytes() == (tree / name).read_bytes()
    assert aws("s3", "sync", str(tree), f"s3://{bucket}/t") == ""


def test_dynamodb_commands(aws, unique):
    table = f"cli-{unique}"
    aws("dynamodb", "create-table", "--table-name", table, "--billing-mode", "PAY_PER_REQUEST",
        "--attribute-definitions", "AttributeName=id,AttributeType=S",
        "--key-schema", "AttributeName=id,KeyType=HASH")
    aws("dynamodb", "wait", "table-exists", "--table-name", table)
    aws("dynamodb", "put-item", "--table-name", table, "--item",
        json.dumps({"id": {"S": "1"}, "name": {"S": "bodega"}}))
    got = json.loads(aws("dynamodb", "get-item", "--table-name", table, "--key",
                         json.dumps({"id": {"S": "1"}})))
    assert got["Item"]["name"] == {"S": "bodega"}
    found = json.loads(aws("dynamodb", "scan", "--table-name", table, "--filter-expression",
                           "begins_with(#n, :p)", "--expression-attribute-names", '{"#n": "name"}',
                           "--expression-attribute-values", '{":p": {"S": "bo"}}'))
    assert found["Count"] == 1
    aws("dynamodb", "delete-table", "--table-name", table)


def test_errors_reach_the_user(aws):
    done = aws("s3", "ls", "s3://no-such-bucket-anywhere", check=False)
    assert done.returncode != 0 and "NoSuchBucket" in done.stderr
