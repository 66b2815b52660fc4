// STS with the JavaScript SDK.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient,
} from "@aws-sdk/client-sts";

function clientWith(credentials) {
  return new STSClient({
    endpoint: process.env.BODEGA_HTTP, region: "us-east-1", credentials, maxAttempts: 1 });
}
const client = clientWith({ accessKeyId: "111122223333", secretAccessKey: "test" });

test("AssumeRole: the credentials are those of the role's session", async () => {
  const made = await client.send(new AssumeRoleCommand({
    RoleArn: "arn:aws:iam::444455556666:role/Admin", RoleSessionName: "me" }));
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = made.Credentials;
  assert.ok(Expiration > new Date());
  const session = clientWith({
    accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });
  const who = await session.send(new GetCallerIdentityCommand({}));
  assert.equal(who.Arn, "arn:aws:sts::444455556666:assumed-role/Admin/me");
  assert.equal(who.UserId, made.AssumedRoleUser.AssumedRoleId);
  await assert.rejects(session.send(new GetSessionTokenCommand({})), { name: "AccessDenied" });
});

test("GetCallerIdentity: an account of twelve digits is its own key", async () => {
  assert.equal((await client.send(new GetCallerIdentityCommand({}))).Account, "111122223333");
});

test("AssumeRole: a session name that does not fit is a validation error", async () => {
  await assert.rejects(client.send(new AssumeRoleCommand({
    RoleArn: "arn:aws:iam::444455556666:role/Admin", RoleSessionName: "a:b" })),
  { name: "ValidationError" });
});
