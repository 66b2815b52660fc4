"""What is not there: other AWS services answer 501 by name in their clients' protocols, and everything
that clients asked for in vain is said once in the log and listed."""

import botocore.exceptions
import pytest
import redis as redis_py
import requests

from conftest import client
from server import Server

# Name for boto3, an operation, its parameters, and the service and operation in the message.
CALLS = [
    ("sqs", "create_queue", {"QueueName": "q"}, "SQS, so CreateQueue"),
    ("sns", "publish", {"TopicArn": "arn:aws:sns:us-east-1:0:t", "Message": "m" * 100_000},
     "SNS, so Publish"),
    ("iam", "list_users", {}, "IAM, so ListUsers"),
    ("ec2", "describe_vpcs", {}, "EC2, so DescribeVpcs"),
    ("lambda", "list_functions", {}, "Lambda, so GET /2015-03-31/functions"),
    ("secretsmanager", "get_secret_value", {"SecretId": "s"}, "Secrets Manager, so GetSecretValue"),
    ("ssm", "get_parameter", {"Name": "n"}, "SSM, so GetParameter"),
    ("cloudformation", "list_stacks", {}, "CloudFormation, so ListStacks"),
    ("kinesis", "list_streams", {}, "Kinesis, so ListStreams"),
    ("events", "list_rules", {}, "EventBridge, so ListRules"),
    ("route53", "list_hosted_zones", {}, "Route 53, so GET /2013-04-01/hostedzone"),
    ("cloudfront", "list_distributions", {}, "CloudFront, so GET /2020-05-31/distribution"),
    ("logs", "describe_log_groups", {}, "CloudWatch Logs, so DescribeLogGroups"),
    ("cloudwatch", "list_metrics", {}, "CloudWatch, so ListMetrics"),
    ("arc-region-switch", "list_plans", {}, "ARC Region switch, so ListPlans"),
    ("ses", "list_identities", {}, "SES, so ListIdentities"),
    ("sesv2", "list_email_identities", {}, "SES, so POST /v2/email"),
    ("stepfunctions", "list_state_machines", {}, "SFN, so ListStateMachines"),
    ("apigateway", "get_rest_apis", {}, "API Gateway, so GET /restapis"),
    ("rds", "describe_db_instances", {}, "RDS, so DescribeDBInstances"),
    ("elasticache", "describe_cache_clusters", {}, "ElastiCache, so DescribeCacheClusters"),
    ("polly", "describe_voices", {}, "Polly, so GET /v1/voices"),
]

# What redis-py tries with each new connection, and goes on without: listed, but not in the log.
PROBE = "CLIENT MAINT_NOTIFICATIONS"


def refusal(call, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(**parameters)
    return caught.value.response


def missing(server):
    return {(kind["service"], kind["operation"]): kind
            for kind in requests.get(f"{server.http}/_bodega/missing").json()["missing"]
            if kind["operation"] != PROBE}


@pytest.mark.parametrize("name, operation, parameters, said", CALLS, ids=[c[0] for c in CALLS])
def test_a_service_that_is_not_here_says_so_by_name(bodega, name, operation, parameters, said):
    response = refusal(getattr(client(name, bodega.http), operation), **parameters)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert response["Error"]["Code"] == "NotImplemented"
    assert response["Error"]["Message"].startswith(f"Bodega has no {said} was not carried out.")


def test_older_clients_and_plain_links_of_query_services(bodega):
    answer = requests.post(f"{bodega.http}/", data={"Action": "SendMessage", "Version": "2012-11-05"},
                           headers={"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260102/"
                                    "us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0"})
    assert answer.status_code == 501
    assert "<Code>NotImplemented</Code><Message>Bodega has no SQS, so SendMessage" in answer.text
    answer = requests.get(f"{bodega.http}/000000000000/q?Action=ReceiveMessage&Version=2012-11-05")
    assert answer.status_code == 501 and "SQS, so ReceiveMessage" in answer.text


def test_s3_control_is_no_bucket(bodega):
    # Its client puts the account's id before the host, which leads nowhere without such a name.
    answer = requests.get(f"{bodega.http}/v20180820/tags/arn%3Aaws%3As3%3A%3A%3Ab",
                          headers={"x-amz-account-id": "000000000000"})
    assert answer.status_code == 501
    assert "<Code>NotImplemented</Code><Message>Bodega has no S3 Control, so" in answer.text


def test_a_service_that_is_not_switched_on_says_so_by_name():
    with Server("--services", "s3,kms") as server:
        response = refusal(client("dynamodb", server.http).list_tables)
        assert response["ResponseMetadata"]["HTTPStatusCode"] == 501
        assert response["Error"]["Message"] == (
            "Bodega has no dynamodb, so ListTables was not carried out. It has s3, kms.")
        response = refusal(client("sts", server.http).get_caller_identity)
        assert response["Error"]["Message"].startswith("Bodega has no sts, so GetCallerIdentity was")
        assert client("s3", server.http).list_buckets()["Buckets"] == []
        assert ("dynamodb", "ListTables") in missing(server)
    with Server("--services", "dynamodb") as server:
        response = refusal(client("s3", server.http).list_buckets)
        assert response["Error"]["Code"] == "NotImplemented"
        assert response["Error"]["Message"].startswith("Bodega has no s3, so GET was not carried out.")


def test_every_kind_is_said_once_and_counted():
    with Server() as server:
        s3, dynamodb = client("s3", server.http), client("dynamodb", server.http)
        s3.create_bucket(Bucket="bkt")
        cors = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
        for _ in range(3):
            refusal(s3.put_bucket_cors, Bucket="bkt", CORSConfiguration=cors)
        refusal(s3.put_object, Bucket="bkt", Key="k", ServerSideEncryption="aws:kms")
        refusal(dynamodb.create_global_table, GlobalTableName="tbl",
                ReplicationGroup=[{"RegionName": "us-east-1"}])
        refusal(client("kms", server.http).create_key, Origin="EXTERNAL")
        refusal(client("sqs", server.http).create_queue, QueueName="q")
        redis = redis_py.Redis(*server.redis)
        for _ in range(2):
            with pytest.raises(redis_py.ResponseError):
                redis.execute_command("NOSUCH", "a secret")
        with pytest.raises(redis_py.ResponseError):
            redis.execute_command("CONFIG", "NOSUCH")
        kinds = missing(server)
        metrics = requests.get(f"{server.http}/_bodega/metrics").text
        server.stop()
        log = server.stderr()
    cors = kinds["s3", "PutBucketCors"]
    assert cors["count"] == 3
    assert cors["message"] == "The operation PutBucketCors is not implemented"
    assert cors["first"] <= cors["last"]
    kms = kinds["s3", "PutObject: the header x-amz-server-side-encryption"]
    assert kms["message"] == "Encryption with KMS keys is not implemented"
    assert kinds["dynamodb", "CreateGlobalTable"]["count"] == 1
    assert kinds["sqs", "CreateQueue"]["count"] == 1
    assert kinds["redis", "NOSUCH"]["count"] == 2
    assert kinds["redis", "CONFIG NOSUCH"]["message"] == "unknown subcommand CONFIG NOSUCH"
    assert kinds["kms", "CreateKey: Keys with the Origin EXTERNAL"]["count"] == 1
    assert len(kinds) == 7
    assert "bodega_missing_requests 11" in metrics
    assert log.count("not implemented: ") == 7
    for service, operation in kinds:
        line = f"not implemented: {service} {operation}; see /_bodega/missing"
        assert log.count(line) == 1
    assert "secret" not in log


def test_what_went_well_is_not_missing(bodega, s3, bucket):
    before = missing(bodega)
    s3.put_object(Bucket=bucket, Key="k", Body=b"v")
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="none")
    assert missing(bodega) == before


def test_the_debug_log_has_redis_commands_and_no_secret():
    with Server("--log-level", "debug", "--redis-password", "open-sesame") as server:
        redis = redis_py.Redis(*server.redis, password="open-sesame")
        redis.set("greeting", "hello world")
        with pytest.raises(redis_py.ResponseError):
            redis.lpush("greeting", "x")
        redis.config_set("requirepass", "open-again")
        with redis.pipeline() as pipe:
            pipe.incr("counter").execute()
        server.stop()
        log = server.stderr()
    assert ' debug SET "greeting" "hello world" redis.set ' in log
    assert ' debug LPUSH "greeting" "x" redis.lpush WRONGTYPE ' in log
    assert ' debug INCRBY "counter" "1" redis.incrby ' in log
    assert ' debug CONFIG "SET" "requirepass" "(redacted)" redis.config|set ' in log
    assert "open-" not in log.replace("open-files", "")
