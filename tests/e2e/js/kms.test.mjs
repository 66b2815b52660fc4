// KMS with the JavaScript SDK.
import assert from "node:assert/strict";
import { createVerify } from "node:crypto";
import { test } from "node:test";

import {
  CreateKeyCommand, DecryptCommand, DescribeKeyCommand, EncryptCommand, GenerateDataKeyCommand,
  GetPublicKeyCommand, KMSClient, NotFoundException, SignCommand,
} from "@aws-sdk/client-kms";

const client = new KMSClient({
  endpoint: process.env.BODEGA_HTTP,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
  maxAttempts: 1,
});

async function createKey(parameters = {}) {
  return (await client.send(new CreateKeyCommand(parameters))).KeyMetadata;
}

test("Encrypt and Decrypt: the context has to be the same", async () => {
  const { KeyId, Arn, CreationDate } = await createKey();
  assert.ok(Math.abs(CreationDate - Date.now()) < 60_000);
  const EncryptionContext = { colour: "green" };
  const sealed = await client.send(new EncryptCommand({
    KeyId, Plaintext: Buffer.from("secret"), EncryptionContext }));
  const opened = await client.send(new DecryptCommand({
    CiphertextBlob: sealed.CiphertextBlob, EncryptionContext }));
  assert.equal(Buffer.from(opened.Plaintext).toString(), "secret");
  assert.equal(opened.KeyId, Arn);
  await assert.rejects(client.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob })),
    { name: "InvalidCiphertextException" });
});

test("GenerateDataKey: the encrypted key is the plain one", async () => {
  const { KeyId } = await createKey();
  const made = await client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }));
  const opened = await client.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
  assert.deepEqual(opened.Plaintext, made.Plaintext);
});

test("Sign: Node verifies the signature with the public key", async () => {
  const { KeyId } = await createKey({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY" });
  const { Signature } = await client.send(new SignCommand({
    KeyId, Message: Buffer.from("message"), SigningAlgorithm: "ECDSA_SHA_256" }));
  const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId }));
  const key = { key: Buffer.from(PublicKey), format: "der", type: "spki" };
  assert.ok(createVerify("sha256").update("message").verify(key, Signature));
  assert.ok(!createVerify("sha256").update("another").verify(key, Signature));
});

test("DescribeKey: a key that is not there has the error's class", async () => {
  await assert.rejects(client.send(new DescribeKeyCommand({ KeyId: "alias/none" })),
    (error) => error instanceof NotFoundException);
});
