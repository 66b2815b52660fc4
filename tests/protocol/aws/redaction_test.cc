// What a log line shows of a query.
#include "protocol/aws/redaction.h"

#include "tests/catch.h"

using bodega::aws::loggable_query;

TEST_CASE("redaction: signatures and tokens are not logged, all else is, as sent") {
  CHECK(loggable_query("X-Amz-Credential=AKID%2F20260101&X-Amz-Signature=0123&list-type=2") ==
        "X-Amz-Credential=AKID%2F20260101&X-Amz-Signature=(redacted)&list-type=2");
  CHECK(loggable_query("X-Amz-Security-Token=t%3D&Expires=1") ==
        "X-Amz-Security-Token=(redacted)&Expires=1");
  CHECK(loggable_query("AWSAccessKeyId=AKID&Signature=a%2Bb&x-amz-security-token=t") ==
        "AWSAccessKeyId=AKID&Signature=(redacted)&x-amz-security-token=(redacted)");
  CHECK(loggable_query("prefix=Signature&&a&signature") == "prefix=Signature&&a&signature");
  CHECK(loggable_query("").empty());
}

TEST_CASE("redaction: a name counts as a service decodes it") {
  CHECK(loggable_query("X-Amz-Signatur%65=0123") == "X-Amz-Signatur%65=(redacted)");
  CHECK(loggable_query("%58-Amz-Security-Token=secret=more") ==
        "%58-Amz-Security-Token=(redacted)");
}
