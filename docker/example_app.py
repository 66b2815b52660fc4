"""The example service of compose.yaml: uses S3, DynamoDB and Redis through their ordinary clients."""

import os

import boto3
import redis
from botocore.config import Config

# Inside compose the host name is "bodega": path style keeps bucket names out of it.
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
s3.create_bucket(Bucket="photos")
s3.put_object(Bucket="photos", Key="cat.txt", Body=b"meow")

dynamodb = boto3.resource("dynamodb")
if "visits" not in [table.name for table in dynamodb.tables.all()]:
    dynamodb.create_table(
        TableName="visits", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "page", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "page", "AttributeType": "S"}]).wait_until_exists()
visits = dynamodb.Table("visits").update_item(
    Key={"page": "home"}, UpdateExpression="ADD hits :one", ExpressionAttributeValues={":one": 1},
    ReturnValues="UPDATED_NEW")["Attributes"]["hits"]

cache = redis.Redis.from_url(os.environ["REDIS_URL"])
cache.set("greeting", "hello", ex=60)

print(s3.get_object(Bucket="photos", Key="cat.txt")["Body"].read().decode(), visits,
      cache.get("greeting").decode())
