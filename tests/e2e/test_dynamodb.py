"""DynamoDB with boto3: tables, items, expressions, queries, indexes, batches."""

import decimal

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from conftest import CREDENTIALS, client


def code_of(error):
    return error.value.response["Error"]["Code"]


def message_of(error):
    return error.value.response["Error"]["Message"]


@pytest.fixture
def table(bodega, unique):
    """A table with a sort key, one global and one local index."""
    resource = boto3.resource("dynamodb", endpoint_url=bodega.http, **CREDENTIALS)
    made = resource.create_table(
        TableName=f"t-{unique}", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"},
                   {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"},
                              {"AttributeName": "sk", "AttributeType": "N"},
                              {"AttributeName": "colour", "AttributeType": "S"},
                              {"AttributeName": "size", "AttributeType": "N"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-colour", "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "colour", "KeyType": "HASH"},
                          {"AttributeName": "size", "KeyType": "RANGE"}]}],
        LocalSecondaryIndexes=[{
            "IndexName": "by-size", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                          {"AttributeName": "size", "KeyType": "RANGE"}]}])
    made.wait_until_exists()
    return made


def test_table_life(dynamodb, unique):
    name = f"life-{unique}"
    dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                          KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                          AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    dynamodb.get_waiter("table_exists").wait(TableName=name)
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["TableArn"] == f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert name in dynamodb.list_tables()["TableNames"]
    with pytest.raises(ClientError) as error:
        dynamodb.create_table(TableName=name, BillingMode="PAY_PER_REQUEST",
                              KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                              AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    assert code_of(error) == "ResourceInUseException"
    dynamodb.delete_table(TableName=name)
    dynamodb.get_waiter("table_not_exists").wait(TableName=name)
    with pytest.raises(ClientError) as error:
        dynamodb.describe_table(TableName=name)
    assert code_of(error) == "ResourceNotFoundException"
    assert message_of(error) == f"Requested resource not found: Table: {name} not found"


def test_accounts_and_regions_have_their_own_tables(bodega, table):
    for other in (client("dynamodb", bodega.http, region_name="eu-west-1"),
                  client("dynamodb", bodega.http, aws_access_key_id="111122223333")):
        assert table.name not in other.list_tables()["TableNames"]


def test_every_type_round_trips(table):
    item = {"pk": "a", "sk": decimal.Decimal("-1.50"), "s": "ü\n\"", "b": b"\x00\xff",
            "n": decimal.Decimal("12345678901234567890123456789012345678"),
            "t": True, "f": False, "nothing": None, "list": ["a", decimal.Decimal(1), [None]],
            "map": {"x": {"y": "z"}}, "ss": {"a", "b"}, "ns": {decimal.Decimal("1"), decimal.Decimal("2.5")},
            "bs": {b"1", b"2"}, "empty": "", "empty_list": [], "empty_map": {}}
    table.put_item(Item=item)
    got = table.get_item(Key={"pk": "a", "sk": decimal.Decimal("-1.5")})["Item"]
    assert got["b"].value == b"\x00\xff"
    got["b"] = got["b"].value
    got["bs"] = {value.value for value in got["bs"]}
    assert got == item


def test_missing_item_has_no_item(table):
    assert "Item" not in table.get_item(Key={"pk": "none", "sk": 1})


def test_update_expressions(table):
    key = {"pk": "u", "sk": 1}
    table.put_item(Item={**key, "n": 1, "l": ["a"], "m": {"x": 1}, "gone": 1, "set": {"a", "b"}})
    answer = table.update_item(
        Key=key, ReturnValues="ALL_NEW",
        UpdateExpression="SET n = n + :two, l = list_append(l, :l), #m.y = if_not_exists(#m.y, :two) "
                         "REMOVE gone ADD visits :two DELETE #set :a",
        ExpressionAttributeNames={"#m": "m", "#set": "set"},
        ExpressionAttributeValues={":two": 2, ":l": ["b"], ":a": {"a"}})
    assert answer["Attributes"] == {**key, "n": 3, "l": ["a", "b"], "m": {"x": 1, "y": 2},
                                    "visits": 2, "set": {"b"}}
    answer = table.update_item(Key=key, UpdateExpression="SET n = :n", ReturnValues="UPDATED_OLD",
                               ExpressionAttributeValues={":n": 9})
    assert answer["Attributes"] == {"n": 3}


def test_conditions(table):
    key = {"pk": "c", "sk": 1}
    table.put_item(Item={**key, "n": 1}, ConditionExpression="attribute_not_exists(pk)")
    with pytest.raises(ClientError) as error:
        table.put_item(Item=key, ConditionExpression="attribute_not_exists(pk)",
                       ReturnValuesOnConditionCheckFailure="ALL_OLD")
    assert code_of(error) == "ConditionalCheckFailedException"
    assert error.value.response["Item"]["n"] == {"N": "1"}
    with pytest.raises(ClientError):
        table.delete_item(Key=key, ConditionExpression=Attr("n").gt(1))
    old = table.delete_item(Key=key, ConditionExpression=Attr("n").between(1, 2),
                            ReturnValues="ALL_OLD")
    assert old["Attributes"]["n"] == 1


def test_errors_name_what_is_wrong(table, dynamodb):
    with pytest.raises(ClientError) as error:
        table.put_item(Item={"pk": "a"})
    assert message_of(error) == "One or more parameter values were invalid: Missing the key sk in the item"
    with pytest.raises(ClientError) as error:
        table.put_item(Item={"pk": "a", "sk": "text"})
    assert message_of(error) == ("One or more parameter values were invalid: "
                                 "Type mismatch for key sk expected: N actual: S")
    with pytest.raises(ClientError) as error:
        table.get_item(Key={"pk": "a"})
    assert message_of(error) == "The provided key element does not match the schema"
    with pytest.raises(ClientError) as error:
        table.scan(FilterExpression="a = = b")
    assert code_of(error) == "ValidationException"
    with pytest.raises(ClientError) as error:
        dynamodb.get_item(TableName="no-such-table", Key={"pk": {"S": "a"}})
    assert message_of(error) == "Requested resource not found"


@pytest.fixture
def filled(table):
    with table.batch_writer() as batch:
        for number in range(60):
            batch.put_item(Item={"pk": f"p{number % 2}", "sk": number, "size": 100 - number,
                                 "colour": "red" if number % 3 else "blue"})
    return table


def test_query_ranges_and_order(filled):
    def sks(**arguments):
        return [int(item["sk"]) for item in filled.query(**arguments)["Items"]]

    assert sks(KeyConditionExpression=Key("pk").eq("p0")) == list(range(0, 60, 2))
    assert sks(KeyConditionExpression=Key("pk").eq("p0") & Key("sk").between(10, 16)) == [10, 12, 14, 16]
    assert sks(KeyConditionExpression=Key("pk").eq("p1") & Key("sk").lt(6)) == [1, 3, 5]
    assert sks(KeyConditionExpression=Key("pk").eq("p1") & Key("sk").gte(55),
               ScanIndexForward=False) == [59, 57, 55]
    assert sks(KeyConditionExpression=Key("pk").eq("p0"), FilterExpression=Attr("size").lt(46)) == [56, 58]


@pytest.mark.parametrize("forward", [True, False])
def test_query_pages(filled, forward):
    collected, start = [], {}
    while True:
        answer = filled.query(KeyConditionExpression=Key("pk").eq("p0"), Limit=7,
                              ScanIndexForward=forward, **start)
        collected += [int(item["sk"]) for item in answer["Items"]]
        if "LastEvaluatedKey" not in answer:
            break
        start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}
    assert collected == sorted(range(0, 60, 2), reverse=not forward)


def test_indexes_follow_their_items(filled):
    blue = filled.query(IndexName="by-colour", KeyConditionExpression=Key("colour").eq("blue"))
    assert [int(item["size"]) for item in blue["Items"]] == sorted(100 - n for n in range(0, 60, 3))
    filled.update_item(Key={"pk": "p0", "sk": 0}, UpdateExpression="SET colour = :c",
                       ExpressionAttributeValues={":c": "green"})
    green = filled.query(IndexName="by-colour", KeyConditionExpression=Key("colour").eq("green"))
    assert [item["sk"] for item in green["Items"]] == [0]
    filled.update_item(Key={"pk": "p0", "sk": 0}, UpdateExpression="REMOVE colour")
    green = filled.query(IndexName="by-colour", KeyConditionExpression=Key("colour").eq("green"))
    assert green["Count"] == 0
    local = filled.query(IndexName="by-size", KeyConditionExpression=Key("pk").eq("p1"), Limit=2)
    assert [set(item) for item in local["Items"]] == [{"pk", "sk", "size"}] * 2
    assert [int(item["size"]) for item in local["Items"]] == [41, 43]


def test_scan_whole_filtered_and_parallel(filled):
    assert filled.scan()["Count"] == 60
    answer = filled.scan(FilterExpression=Attr("colour").eq("blue"), Select="COUNT")
    assert answer["Count"] == 20 and answer["ScannedCount"] == 60
    seen = []
    for segment in range(4):
        seen += [int(item["sk"]) for item in filled.scan(Segment=segment, TotalSegments=4)["Items"]]
    assert sorted(seen) == list(range(60))


def test_projection(filled):
    answer = filled.get_item(Key={"pk": "p0", "sk": 2}, ProjectionExpression="colour, #s",
                             ExpressionAttributeNames={"#s": "size"})
    assert answer["Item"] == {"colour": "red", "size": 98}


def test_batches(dynamodb, filled):
    answer = dynamodb.batch_get_item(RequestItems={filled.name: {"Keys": [
        {"pk": {"S": "p0"}, "sk": {"N": str(number)}} for number in (0, 2, 1)]}})
    assert sorted(item["sk"]["N"] for item in answer["Responses"][filled.name]) == ["0", "2"]
    assert answer["UnprocessedKeys"] == {}
    answer = dynamodb.batch_write_item(RequestItems={filled.name: [
        {"DeleteRequest": {"Key": {"pk": {"S": "p0"}, "sk": {"N": "0"}}}},
        {"PutRequest": {"Item": {"pk": {"S": "new"}, "sk": {"N": "1"}}}}]})
    assert answer["UnprocessedItems"] == {}
    assert filled.scan(Select="COUNT")["Count"] == 60


def test_concurrent_counters_lose_nothing(bodega, table):
    import concurrent.futures

    def count(_):
        mine = client("dynamodb", bodega.http)
        for _ in range(50):
            mine.update_item(TableName=table.name, Key={"pk": {"S": "n"}, "sk": {"N": "1"}},
                             UpdateExpression="ADD n :one",
                             ExpressionAttributeValues={":one": {"N": "1"}})

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(4)))
    assert table.get_item(Key={"pk": "n", "sk": 1})["Item"]["n"] == 200


def test_update_table_adds_an_index_over_what_is_there(dynamodb, filled):
    dynamodb.update_table(
        TableName=filled.name,
        AttributeDefinitions=[{"AttributeName": "size", "AttributeType": "N"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "late", "Projection": {"ProjectionType": "KEYS_ONLY"},
            "KeySchema": [{"AttributeName": "size", "KeyType": "HASH"}]}}])
    dynamodb.get_waiter("table_exists").wait(TableName=filled.name)
    found = filled.query(IndexName="late", KeyConditionExpression=Key("size").eq(41))
    assert [int(item["sk"]) for item in found["Items"]] == [59]
