"""One client of DynamoDB with a partition of its own, and what it knows about it: puts, updates,
deletes, batches and transactions on a table with a global index."""

import random

from wire import Fault, Http

TABLE = "crash"
INDEX = "by-group"
ITEMS_PER_WRITER = 25
GROUPS = 4


def make_table(address):
    Http(address, "dynamodb").dynamodb(
        "CreateTable", TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "writer", "AttributeType": "S"},
                              {"AttributeName": "number", "AttributeType": "N"},
                              {"AttributeName": "group", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "writer", "KeyType": "HASH"},
                   {"AttributeName": "number", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[{
            "IndexName": INDEX, "Projection": {"ProjectionType": "ALL"},
            "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"},
                          {"AttributeName": "number", "KeyType": "RANGE"}]}])


def walk(client, operation, **parameters):
    """All items of a Query or Scan, page by page."""
    items = []
    while True:
        page = client.dynamodb(operation, TableName=TABLE, **parameters)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return items
        parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def check_index(server):
    """Every item that has the index's key is in the index as it is in the table, and no other."""
    client = Http(server.http_address, "dynamodb")
    canonical = lambda items: sorted((repr(sorted(item.items())) for item in items))
    table = canonical(item for item in walk(client, "Scan") if "group" in item)
    index = canonical(walk(client, "Scan", IndexName=INDEX))
    assert table == index, f"table and index differ: {set(table) ^ set(index)}"
    return len(table)


class DynamoWriter:
    def __init__(self, name, seed):
        self.name = f"dynamodb-{name}"
        self.random = random.Random(seed)
        self.items = {}      # number -> item
        self.pending = {}    # number -> the item (or None) that the answer would have made true
        self.together = True  # whether all of `pending` happens or none of it
        self.done = 0
        self.checked = 0

    def connect(self, server):
        self.client = Http(server.http_address, "dynamodb")

    def step(self):
        operation = self.random.choices(
            [self._put, self._update, self._delete, self._batch, self._transact],
            weights=[30, 30, 10, 8, 10])[0]
        operation()
        for number, item in self.pending.items():
            self._settle(number, item)
        self.pending = {}
        self.done += 1

    def _settle(self, number, item):
        if item is None:
            self.items.pop(number, None)
        else:
            self.items[number] = item

    def _number(self):
        return self.random.randrange(ITEMS_PER_WRITER)

    def _key(self, number):
        return {"writer": {"S": self.name}, "number": {"N": str(number)}}

    def _item(self, number):
        item = {**self._key(number), "count": {"N": str(self.random.randrange(1000))},
                "text": {"S": "x" * self.random.choice([3, 300, 20_000])}}
        if self.random.random() < 0.7:
            item["group"] = {"S": f"group {self.random.randrange(GROUPS)}"}
        return item

    def _put(self):
        number = self._number()
        self.pending, self.together = {number: self._item(number)}, True
        self.client.dynamodb("PutItem", TableName=TABLE, Item=self.pending[number])

    def _update(self):
        number = self._number()
        after = dict(self.items.get(number) or self._key(number))
        group = {"S": f"group {self.random.randrange(GROUPS)}"}
        after["group"] = group
        after["count"] = {"N": str(int(after.get("count", {"N": "0"})["N"]) + 1)}
        self.pending, self.together = {number: after}, True
        self.client.dynamodb(
            "UpdateItem", TableName=TABLE, Key=self._key(number),
            UpdateExpression="SET #g = :g ADD #c :one",
            ExpressionAttributeNames={"#g": "group", "#c": "count"},
            ExpressionAttributeValues={":g": group, ":one": {"N": "1"}})

    def _delete(self):
        number = self._number()
        self.pending, self.together = {number: None}, True
        self.client.dynamodb("DeleteItem", TableName=TABLE, Key=self._key(number))

    def _batch(self):
        self.pending, self.together = self._several(), False
        requests = [{"PutRequest": {"Item": item}} if item else
                    {"DeleteRequest": {"Key": self._key(number)}}
                    for number, item in self.pending.items()]
        answer = self.client.dynamodb("BatchWriteItem", RequestItems={TABLE: requests})
        if answer.get("UnprocessedItems"):
            raise Fault(f"BatchWriteItem left {len(answer['UnprocessedItems'][TABLE])} undone")

    def _transact(self):
        self.pending, self.together = self._several(), True
        self.client.dynamodb("TransactWriteItems", TransactItems=[
            {"Put": {"TableName": TABLE, "Item": item}} if item else
            {"Delete": {"TableName": TABLE, "Key": self._key(number)}}
            for number, item in self.pending.items()])

    def _several(self):
        numbers = self.random.sample(range(ITEMS_PER_WRITER), 5)
        return {number: self._item(number) if self.random.random() < 0.7 else None
                for number in numbers}

    def check(self, server):
        self.connect(server)
        actual = {int(item["number"]["N"]): item for item in walk(
            self.client, "Query", ConsistentRead=True, KeyConditionExpression="writer = :w",
            ExpressionAttributeValues={":w": {"S": self.name}})}
        # Those that differ from before show whether the unanswered change happened.
        changed = {number for number, item in self.pending.items()
                   if self.items.get(number) != item}
        happened = {number for number in changed if actual.get(number) == self.pending[number]}
        if self.together:
            assert happened in (set(), changed), f"{self.name}: half a change: {happened}"
        for number in happened:
            self._settle(number, self.pending[number])
        self.pending = {}
        differing = [(actual.get(n), self.items.get(n)) for n in range(ITEMS_PER_WRITER)
                     if actual.get(n) != self.items.get(n)]
        assert not differing, f"{self.name}: items differ (there, expected): {differing}"[:2000]
        self.checked += ITEMS_PER_WRITER
