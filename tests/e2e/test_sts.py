"""STS: who calls, sessions and their credentials at the other services, with and without
verification."""

import base64
import datetime
import json
import time

import botocore
import botocore.exceptions
import pytest

from conftest import client
from server import Server

ROLE = {"RoleArn": "arn:aws:iam::444455556666:role/Admin", "RoleSessionName": "me"}
SESSION_ARN = "arn:aws:sts::444455556666:assumed-role/Admin/me"


def as_session(name, endpoint, credentials, **changed):
    return client(name, endpoint, aws_access_key_id=credentials["AccessKeyId"],
                  aws_secret_access_key=credentials["SecretAccessKey"],
                  **{"aws_session_token": credentials["SessionToken"], **changed})


def web_token(expires_s):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    claims = {"iss": "https://issuer.example", "sub": "somebody", "aud": "app", "exp": expires_s}
    return f"{part({'alg': 'RS256'})}.{part(claims)}.{part('signature')}"


def code_of(call, *arguments, **parameters):
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        call(*arguments, **parameters)
    return caught.value.response["Error"]["Code"]


def test_who_calls(bodega, sts):
    got = sts.get_caller_identity()
    assert (got["Account"], got["Arn"]) == ("000000000000", "arn:aws:iam::000000000000:root")
    other = client("sts", bodega.http, aws_access_key_id="111122223333").get_caller_identity()
    assert (other["Account"], other["UserId"]) == ("111122223333", "111122223333")


def test_a_session_of_a_role_is_in_the_roles_account(bodega, sts):
    before = datetime.datetime.now(datetime.timezone.utc)
    made = sts.assume_role(**ROLE, DurationSeconds=900)
    left_s = (made["Credentials"]["Expiration"] - before).total_seconds()
    assert 898 <= left_s <= 902
    assert made["AssumedRoleUser"]["Arn"] == SESSION_ARN
    who = as_session("sts", bodega.http, made["Credentials"]).get_caller_identity()
    assert (who["Account"], who["Arn"]) == ("444455556666", SESSION_ARN)
    assert who["UserId"] == made["AssumedRoleUser"]["AssumedRoleId"]
    table = {"TableName": "sessions", "BillingMode": "PAY_PER_REQUEST",
             "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]}
    arn = as_session("dynamodb", bodega.http, made["Credentials"]).create_table(
        **table)["TableDescription"]["TableArn"]
    assert arn == "arn:aws:dynamodb:us-east-1:444455556666:table/sessions"
    key = as_session("kms", bodega.http, made["Credentials"]).create_key()["KeyMetadata"]
    assert key["AWSAccountId"] == "444455556666"
    direct = client("kms", bodega.http, aws_access_key_id="444455556666")
    assert direct.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Arn"] == key["Arn"]
    assert sts.get_access_key_info(
        AccessKeyId=made["Credentials"]["AccessKeyId"])["Account"] == "444455556666"


def test_a_web_identity_needs_no_key(bodega):
    unsigned = client("sts", bodega.http, config={"signature_version": botocore.UNSIGNED})
    made = unsigned.assume_role_with_web_identity(
        **ROLE, WebIdentityToken=web_token(int(time.time()) + 60))
    assert made["SubjectFromWebIdentityToken"] == "somebody"
    assert as_session("sts", bodega.http, made["Credentials"]).get_caller_identity()[
        "Arn"] == SESSION_ARN
    assert code_of(unsigned.assume_role_with_web_identity, **ROLE,
                   WebIdentityToken=web_token(int(time.time()) - 60)) == "ExpiredTokenException"
    assert code_of(unsigned.assume_role_with_web_identity, **ROLE,
                   WebIdentityToken="no.token.this") == "InvalidIdentityToken"


def test_errors_have_their_codes(sts):
    assert code_of(sts.assume_role, **{**ROLE, "RoleSessionName": "a:b"}) == "ValidationError"
    assert code_of(sts.assume_role, **ROLE, Policy="{") == "MalformedPolicyDocument"
    with pytest.raises(sts.exceptions.InvalidAuthorizationMessageException):
        sts.decode_authorization_message(EncodedMessage="made up")
    assert code_of(sts.assume_role_with_saml, RoleArn=ROLE["RoleArn"], SAMLAssertion="aaaa",
                   PrincipalArn="arn:aws:iam::444455556666:saml-provider/p") == "NotImplemented"


def test_the_command_line(aws):
    who = json.loads(aws("sts", "get-caller-identity"))
    assert who["Arn"] == "arn:aws:iam::000000000000:root"
    made = json.loads(aws("sts", "assume-role", "--role-arn", ROLE["RoleArn"],
                          "--role-session-name", "me"))
    assert made["Credentials"]["AccessKeyId"].startswith("ASIA")


@pytest.fixture
def keys(tmp_path):
    path = tmp_path / "credentials"
    path.write_text("[default]\naws_access_key_id = AKIDONE\naws_secret_access_key = one\n"
                    "aws_account_id = 111122223333\n")
    path.chmod(0o600)
    return str(path)


@pytest.mark.skipif("config.getoption('--endpoint')", reason="starts its own servers")
def test_sessions_are_verified_and_survive_a_kill(tmp_path, keys):
    flags = ("--auth", "verify", "--credentials", keys)
    known = {"aws_access_key_id": "AKIDONE", "aws_secret_access_key": "one"}
    with Server(*flags, data=tmp_path / "data") as server:
        assert code_of(client("sts", server.http).get_caller_identity) == "InvalidClientTokenId"
        sts = client("sts", server.http, **known)
        assert code_of(sts.assume_role, **ROLE) == "AccessDenied"  # of another account
        unsigned = client("sts", server.http, config={"signature_version": botocore.UNSIGNED})
        assert code_of(unsigned.assume_role_with_web_identity, **ROLE,
                       WebIdentityToken=web_token(int(time.time()) + 60)) == "IDPCommunicationError"
        own_role = {**ROLE, "RoleArn": "arn:aws:iam::111122223333:role/Admin"}
        made = sts.assume_role(**own_role)["Credentials"]
        own = sts.get_session_token()["Credentials"]
        server.kill()
    with Server(*flags, data=tmp_path / "data") as server:
        who = as_session("sts", server.http, made).get_caller_identity()
        assert who["Arn"] == "arn:aws:sts::111122223333:assumed-role/Admin/me"
        assert as_session("sts", server.http, own).get_caller_identity()[
            "Account"] == "111122223333"
        as_session("kms", server.http, made).create_key()
        as_session("s3", server.http, made).create_bucket(Bucket="of-a-session")
        as_session("dynamodb", server.http, made).list_tables()
        wrong = {"aws_secret_access_key": "x" * 40}
        changed = {"aws_session_token": "x" + made["SessionToken"][1:]}
        absent = {"aws_session_token": None}
        session = dict(made)

        def code(name, call, change):
            plain = {"aws_access_key_id": session["AccessKeyId"],
                     "aws_secret_access_key": session["SecretAccessKey"],
                     "aws_session_token": session["SessionToken"], **change}
            return code_of(getattr(client(name, server.http, **plain), call))

        assert code("sts", "get_caller_identity", wrong) == "SignatureDoesNotMatch"
        assert code("sts", "get_caller_identity", changed) == "InvalidClientTokenId"
        assert code("sts", "get_caller_identity", absent) == "InvalidClientTokenId"
        assert code("kms", "list_keys", wrong) == "InvalidSignatureException"
        assert code("kms", "list_keys", changed) == "UnrecognizedClientException"
        assert code("dynamodb", "list_tables", changed) == "UnrecognizedClientException"
        assert code("s3", "list_buckets", wrong) == "SignatureDoesNotMatch"
        assert code("s3", "list_buckets", changed) == "InvalidToken"
