// DynamoDB with the JavaScript SDK, plain and through the document client.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, test } from "node:test";

import {
  ConditionalCheckFailedException, CreateTableCommand, DynamoDBClient, GetItemCommand,
  PutItemCommand, ResourceNotFoundException, waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import {
  DynamoDBDocumentClient, GetCommand, paginateQuery, PutCommand, UpdateCommand,
} from "@aws-sdk/lib-dynamodb";

const client = new DynamoDBClient({
  endpoint: process.env.BODEGA_HTTP,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});
const documents = DynamoDBDocumentClient.from(client);
const TableName = `js-${randomUUID()}`;

before(async () => {
  await client.send(new CreateTableCommand({
    TableName, BillingMode: "PAY_PER_REQUEST",
    KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }, { AttributeName: "sk", KeyType: "RANGE" }],
    AttributeDefinitions: [{ AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "N" }],
  }));
  await waitUntilTableExists({ client, maxWaitTime: 60 }, { TableName });
});

test("PutItem and GetItem: typed values", async () => {
  const Item = { pk: { S: "a" }, sk: { N: "1" }, b: { B: new Uint8Array([0, 255]) },
    ns: { NS: ["1", "2"] }, m: { M: { x: { BOOL: true }, y: { NULL: true } } } };
  await client.send(new PutItemCommand({ TableName, Item }));
  const got = await client.send(new GetItemCommand({
    TableName, Key: { pk: Item.pk, sk: Item.sk } }));
  got.Item.ns.NS.sort();
  assert.deepEqual(got.Item, Item);
});

test("document client: put, update, get", async () => {
  await documents.send(new PutCommand({ TableName, Item: { pk: "d", sk: 1, list: [1, "two", null] } }));
  const updated = await documents.send(new UpdateCommand({
    TableName, Key: { pk: "d", sk: 1 }, UpdateExpression: "SET #c = if_not_exists(#c, :zero) + :one",
    ExpressionAttributeNames: { "#c": "count" }, ExpressionAttributeValues: { ":zero": 0, ":one": 1 },
    ReturnValues: "UPDATED_NEW" }));
  assert.deepEqual(updated.Attributes, { count: 1 });
  const got = await documents.send(new GetCommand({ TableName, Key: { pk: "d", sk: 1 } }));
  assert.deepEqual(got.Item, { pk: "d", sk: 1, list: [1, "two", null], count: 1 });
});

test("query pages through the paginator", async () => {
  for (let sk = 0; sk < 25; sk += 1) {
    await documents.send(new PutCommand({ TableName, Item: { pk: "q", sk } }));
  }
  const seen = [];
  for await (const page of paginateQuery({ client: documents, pageSize: 4 }, {
    TableName, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": "q" } })) {
    seen.push(...page.Items.map((item) => item.sk));
  }
  assert.deepEqual(seen, [...Array(25).keys()]);
});

test("errors are the SDK's own classes", async () => {
  await assert.rejects(documents.send(new PutCommand({
    TableName, Item: { pk: "q", sk: 0 }, ConditionExpression: "attribute_not_exists(pk)" })),
  ConditionalCheckFailedException);
  await assert.rejects(documents.send(new GetCommand({ TableName: "nothing", Key: { pk: "a" } })),
    ResourceNotFoundException);
});
