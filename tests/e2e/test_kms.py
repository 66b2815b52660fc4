"""KMS with boto3; its cryptography against the Python package cryptography, which knows nothing of
Bodega; the AWS Encryption SDK; and what a kill leaves."""

import base64
import hashlib
import json
import os
import pathlib
import stat

import aws_encryption_sdk
import botocore.exceptions
import pytest
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from conftest import client
from server import Server

CONTEXT = {"purpose": "test", "äöü": "ß"}


@pytest.fixture
def key(kms):
    return kms.create_key(Description="a key")["KeyMetadata"]


def create(kms, spec, usage):
    return kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]


def public_key(kms, key_id):
    return serialization.load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])


def test_encrypt_and_decrypt(kms, key):
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext=CONTEXT)
    assert blob["KeyId"] == key["Arn"]
    got = kms.decrypt(CiphertextBlob=blob["CiphertextBlob"],
                      EncryptionContext=dict(reversed(CONTEXT.items())))
    assert (got["Plaintext"], got["KeyId"]) == (b"secret", key["Arn"])
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=blob["CiphertextBlob"])


def test_errors_have_their_classes(kms, key):
    with pytest.raises(kms.exceptions.NotFoundException) as caught:
        kms.describe_key(KeyId="11111111-2222-3333-4444-555555555555")
    assert caught.value.response["message"] == (
        "Key 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555' "
        "does not exist")
    kms.disable_key(KeyId=key["KeyId"])
    with pytest.raises(kms.exceptions.DisabledException):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="us-west-2")
    assert caught.value.response["Error"]["Code"] == "NotImplementedException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_data_key_is_a_key_of_the_sdk_too(kms, key):
    made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
    sealed = AESGCM(made["Plaintext"]).encrypt(b"n" * 12, b"data", None)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"]
    assert AESGCM(opened).decrypt(b"n" * 12, sealed, None) == b"data"


@pytest.mark.parametrize("spec, algorithm, scheme", [
    ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", padding.PKCS1v15()),
    ("RSA_3072", "RSASSA_PSS_SHA_384", padding.PSS(padding.MGF1(hashes.SHA384()), 48)),
    ("ECC_NIST_P256", "ECDSA_SHA_256", None),
    ("ECC_NIST_P384", "ECDSA_SHA_384", None),
    ("ECC_NIST_P521", "ECDSA_SHA_512", None),
    ("ECC_SECG_P256K1", "ECDSA_SHA_256", None),
])
def test_signatures_are_verified_by_another_library(kms, spec, algorithm, scheme):
    key_id = create(kms, spec, "SIGN_VERIFY")
    chosen = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}[algorithm[-3:]]()
    signature = kms.sign(KeyId=key_id, Message=b"message", SigningAlgorithm=algorithm)["Signature"]
    key = public_key(kms, key_id)
    how = (scheme, chosen) if scheme else (ec.ECDSA(chosen),)
    key.verify(signature, b"message", *how)
    with pytest.raises(InvalidSignature):
        key.verify(signature, b"another", *how)
    digest = hashlib.new(f"sha{algorithm[-3:]}", b"message").digest()
    assert kms.verify(KeyId=key_id, Message=digest, MessageType="DIGEST", Signature=signature,
                      SigningAlgorithm=algorithm)["SignatureValid"] is True
    with pytest.raises(kms.exceptions.KMSInvalidSignatureException):
        kms.verify(KeyId=key_id, Message=b"another", Signature=signature,
                   SigningAlgorithm=algorithm)


@pytest.mark.parametrize("algorithm, chosen", [("RSAES_OAEP_SHA_1", hashes.SHA1()),
                                               ("RSAES_OAEP_SHA_256", hashes.SHA256())])
def test_what_another_library_encrypted_is_decrypted(kms, algorithm, chosen):
    key_id = create(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    sealed = public_key(kms, key_id).encrypt(
        b"secret", padding.OAEP(padding.MGF1(chosen), chosen, None))
    assert kms.decrypt(KeyId=key_id, CiphertextBlob=sealed,
                       EncryptionAlgorithm=algorithm)["Plaintext"] == b"secret"


def test_a_data_key_pair_is_one_of_another_library(kms, key):
    made = kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P384")
    private = serialization.load_der_private_key(
        kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])["Plaintext"], None)
    public = serialization.load_der_public_key(made["PublicKey"])
    assert private.public_key().public_numbers() == public.public_numbers()


def test_a_shared_secret_is_the_other_sides(kms):
    key_id = create(kms, "ECC_NIST_P256", "KEY_AGREEMENT")
    mine = ec.generate_private_key(ec.SECP256R1())
    der = mine.public_key().public_bytes(serialization.Encoding.DER,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)
    derived = kms.derive_shared_secret(KeyId=key_id, KeyAgreementAlgorithm="ECDH", PublicKey=der)
    assert derived["SharedSecret"] == mine.exchange(ec.ECDH(), public_key(kms, key_id))


def test_a_code_is_of_its_key_and_message(kms):
    key_id = create(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    other = create(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    mac = kms.generate_mac(KeyId=key_id, Message=b"m", MacAlgorithm="HMAC_SHA_256")["Mac"]
    assert len(mac) == 32
    kms.verify_mac(KeyId=key_id, Message=b"m", MacAlgorithm="HMAC_SHA_256", Mac=mac)
    for wrong in ({"KeyId": key_id, "Message": b"M"}, {"KeyId": other, "Message": b"m"}):
        with pytest.raises(kms.exceptions.KMSInvalidMacException):
            kms.verify_mac(**wrong, MacAlgorithm="HMAC_SHA_256", Mac=mac)


def test_aliases_grants_tags_policies_and_pages(kms, key, unique):
    name = f"alias/{unique}"
    kms.create_alias(AliasName=name, TargetKeyId=key["KeyId"])
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == key["Arn"]
    with pytest.raises(kms.exceptions.AlreadyExistsException):
        kms.create_alias(AliasName=name, TargetKeyId=key["KeyId"])
    pages = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 1})
    assert name in [alias["AliasName"] for page in pages for alias in page["Aliases"]]
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert key["KeyId"] in [one["KeyId"] for page in pages for one in page["Keys"]]
    grant = kms.create_grant(KeyId=key["KeyId"], Operations=["Decrypt"],
                             GranteePrincipal="arn:aws:iam::000000000000:role/reader")
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"][0]["GrantId"] == grant["GrantId"]
    kms.retire_grant(GrantToken=grant["GrantToken"])
    assert kms.list_grants(KeyId=key["KeyId"])["Grants"] == []
    kms.tag_resource(KeyId=key["KeyId"], Tags=[{"TagKey": "a", "TagValue": "b"}])
    assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    assert policy["Statement"][0]["Principal"]["AWS"] == "arn:aws:iam::000000000000:root"


def test_rotation_keeps_what_was_encrypted(kms, key):
    old = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"old")["CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key["KeyId"])
    new = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"new")["CiphertextBlob"]
    opened = [kms.decrypt(CiphertextBlob=blob) for blob in (old, new)]
    assert [one["Plaintext"] for one in opened] == [b"old", b"new"]
    assert opened[0]["KeyMaterialId"] != opened[1]["KeyMaterialId"]
    assert len(kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]) == 1


def test_accounts_and_regions_have_keys_of_their_own(bodega, key):
    for other in (client("kms", bodega.http, region_name="eu-central-1"),
                  client("kms", bodega.http, aws_access_key_id="111122223333")):
        assert key["KeyId"] not in [one["KeyId"] for one in other.list_keys()["Keys"]]
        with pytest.raises(other.exceptions.NotFoundException):
            other.describe_key(KeyId=key["KeyId"])


@pytest.fixture
def sdk_environment(bodega, monkeypatch):
    """The Encryption SDK makes its clients itself."""
    for name, value in {"AWS_ENDPOINT_URL_KMS": bodega.http, "AWS_ACCESS_KEY_ID": "test",
                        "AWS_SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(name, value)


def test_the_encryption_sdk_makes_the_round_trip(kms, key, sdk_environment):
    other = kms.create_key()["KeyMetadata"]["Arn"]
    sdk = aws_encryption_sdk.EncryptionSDKClient()
    both = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key["Arn"], other])
    plaintext = os.urandom(100_000)
    sealed, _ = sdk.encrypt(source=plaintext, key_provider=both, encryption_context=CONTEXT)
    assert plaintext not in sealed
    for arn in (key["Arn"], other):
        one = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=[arn])
        opened, header = sdk.decrypt(source=sealed, key_provider=one)
        assert opened == plaintext
        assert CONTEXT.items() <= header.encryption_context.items()
    third = aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(
        key_ids=[kms.create_key()["KeyMetadata"]["Arn"]])
    with pytest.raises(AWSEncryptionSDKClientError):
        sdk.decrypt(source=sealed, key_provider=third)


def test_the_command_line(aws, unique, tmp_path):
    made = json.loads(aws("kms", "create-key", "--description", "from the command line"))
    key_id = made["KeyMetadata"]["KeyId"]
    aws("kms", "create-alias", "--alias-name", f"alias/{unique}", "--target-key-id", key_id)
    plain = tmp_path / "plain"
    plain.write_bytes(b"from the command line")
    sealed = json.loads(aws("kms", "encrypt", "--key-id", f"alias/{unique}",
                            "--plaintext", f"fileb://{plain}"))["CiphertextBlob"]
    blob = tmp_path / "blob"
    blob.write_bytes(base64.b64decode(sealed))
    opened = json.loads(aws("kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}"))["Plaintext"]
    assert base64.b64decode(opened) == b"from the command line"
    done = aws("kms", "describe-key", "--key-id", "alias/none", check=False)
    assert done.returncode != 0 and "NotFoundException" in done.stderr


@pytest.mark.skipif("config.getoption('--endpoint')", reason="starts its own servers")
def test_keys_survive_a_kill_and_the_root_key_stands_in_its_file_alone(tmp_path):
    data = tmp_path / "data"
    with Server(data=data) as server:
        kms = client("kms", server.http)
        key_id = kms.create_key()["KeyMetadata"]["KeyId"]
        signing = create(kms, "ECC_NIST_P256", "SIGN_VERIFY")
        blob = kms.encrypt(KeyId=key_id, Plaintext=b"secret")["CiphertextBlob"]
        public = kms.get_public_key(KeyId=signing)["PublicKey"]
        server.kill()
    with Server(data=data) as server:
        kms = client("kms", server.http)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
        assert kms.get_public_key(KeyId=signing)["PublicKey"] == public
        server.stop()
    root = data / "root.key"
    assert stat.S_IMODE(root.stat().st_mode) == 0o600 and root.stat().st_size == 32
    secret = root.read_bytes()
    found = [path for path in pathlib.Path(data).rglob("*")
             if path.is_file() and secret in path.read_bytes()]
    assert found == [root]
    root.rename(tmp_path / "root.key")
    with pytest.raises(RuntimeError, match="root.key is missing"):
        Server(data=data).start()
    (tmp_path / "root.key").rename(root)
    with Server(data=data) as server:
        assert client("kms", server.http).decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"
