// The table of operations, held against the published service model; routing; addressing.
#include "protocol/s3/operations.h"

#include <algorithm>
#include <set>

#include "protocol/s3/wire/address.h"
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"
#include "tests/protocol/s3/model_operations.h"

using namespace bodega;
using namespace bodega::s3;
using namespace bodega::s3::test;

namespace {

std::string_view wire_name(std::string_view name) {
  for (const auto& [old_name, new_name] : kSameOnTheWire) {
    if (old_name == name) return new_name;
  }
  return name;
}

}  // namespace

TEST_CASE("operations: every operation of the service model has exactly one row") {
  std::multiset<std::string_view> rows;
  for (const Operation* row : all_operations()) rows.insert(row->name);
  for (const std::string_view name : kModelOperations) {
    INFO(name);
    CHECK(rows.count(wire_name(name)) == 1);
  }
  for (const std::string_view name : rows) {
    INFO(name);
    CHECK(std::find(kModelOperations.begin(), kModelOperations.end(), name) !=
          kModelOperations.end());
  }
}

TEST_CASE("operations: what the issue of the first house asks for is there") {
  std::string missing;
  std::set<std::string_view> there;
  for (const Operation* row : all_operations()) {
    if (row->implemented()) {
      there.insert(row->name);
    } else {
      missing.append(row->name).append(" ");
    }
  }
  WARN("answered with 501: " << missing);
  for (const auto* name : {"CreateBucket",
                           "HeadBucket",
                           "DeleteBucket",
                           "ListBuckets",
                           "GetBucketLocation",
                           "PutObject",
                           "GetObject",
                           "HeadObject",
                           "DeleteObject",
                           "DeleteObjects",
                           "CopyObject",
                           "GetObjectAttributes",
                           "ListObjects",
                           "ListObjectsV2",
                           "ListObjectVersions",
                           "PutBucketVersioning",
                           "GetBucketVersioning",
                           "CreateMultipartUpload",
                           "UploadPart",
                           "UploadPartCopy",
                           "ListParts",
                           "ListMultipartUploads",
                           "CompleteMultipartUpload",
                           "AbortMultipartUpload"}) {
    INFO(name);
    CHECK(there.count(name) == 1);
  }
}

TEST_CASE("operations: one that is not implemented answers 501 under its own name") {
  World world;
  world.run("PUT", "/bucket");
  for (const Operation* row : all_operations()) {
    if (row->implemented() || !row->request_header.empty() || row->query.empty()) continue;
    std::string target = row->level == Level::kService  ? "/"
                         : row->level == Level::kBucket ? "/bucket"
                                                        : "/bucket/key";
    target.append("?").append(row->query);
    if (!row->second_query.empty()) target.append("&").append(row->second_query);
    const auto answer = world.run(row->method, target, "x");
    INFO(row->name);
    CHECK(answer.status == 501);
    CHECK(answer.operation == row->name);
    CHECK(answer.code == "NotImplemented");
  }
}

TEST_CASE("routing: query parameters that are no sub-resources change nothing") {
  World world;
  world.run("PUT", "/bucket?x-id=CreateBucket");
  CHECK(world.run("PUT", "/bucket/key?x-id=PutObject&x-amz-user-agent=a", "x").operation ==
        "PutObject");
  CHECK(world.run("GET", "/bucket/key?unknown=1").status == 200);
  CHECK(world.run("GET", "/bucket/?versioning=").operation == "GetBucketVersioning");
  CHECK(world.run("GET", "/bucket/").operation == "ListObjects");
}

TEST_CASE("routing: a sub-resource where there is none is refused, never taken for the object") {
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/key", "x");
  CHECK(world.run("PUT", "/bucket/key?versioning", "x").status == 405);
  CHECK(world.run("DELETE", "/bucket?location").at("ResourceType") == "LOCATION");
  CHECK(world.run("POST", "/bucket?policy").at("ResourceType") == "BUCKETPOLICY");
  CHECK(world.run("HEAD", "/bucket/key?tagging").status == 405);
  CHECK(world.run("DELETE", "/bucket/key?uploads").status == 405);
  CHECK(world.run("GET", "/bucket/key").body == "x");
  CHECK(world.run("GET", "/bucket/key?uploads").at("Code") == "InvalidRequest");
  const auto strange = world.run("PATCH", "/bucket");
  CHECK(strange.status == 405);
  CHECK(strange.at("Method") == "PATCH");
  CHECK(world.run("POST", "/").at("ResourceType") == "SERVICE");
}

TEST_CASE("routing: two sub-resources are a conflict, named in order") {
  World world;
  const auto answer = world.run("GET", "/bucket?versioning&acl");
  CHECK(answer.at("Message") == "Conflicting query string parameters: acl, versioning");
  CHECK(answer.at("ArgumentName") == "ResourceType");
  CHECK(answer.at("ArgumentValue") == "acl");
  CHECK(world.run("GET", "/bucket?versionId=null").at("Message") ==
        "This operation does not accept a version-id.");
}

TEST_CASE("configurations: a bucket nobody configured answers as on the service") {
  World world;
  world.run("PUT", "/bucket");
  CHECK(world.run("GET", "/bucket?cors").at("Code") == "NoSuchCORSConfiguration");
  CHECK(world.run("GET", "/bucket?policy").status == 404);
  CHECK(world.run("GET", "/bucket?lifecycle").at("BucketName") == "bucket");
  CHECK(world.run("GET", "/bucket?publicAccessBlock").at("BlockPublicAcls") == "true");
  CHECK(world.run("GET", "/bucket?encryption")
            .at("Rule/ApplyServerSideEncryptionByDefault/SSEAlgorithm") == "AES256");
  CHECK(world.run("GET", "/bucket?metrics").at("IsTruncated") == "false");
  CHECK(world.run("GET", "/bucket?metrics&id=x").at("Code") == "NoSuchConfiguration");
  CHECK(world.run("DELETE", "/bucket?policy").status == 204);
  CHECK(world.run("GET", "/none?policy").at("Code") == "NoSuchBucket");
  CHECK(world.run("PUT", "/bucket?policy", "{}").status == 501);
}

TEST_CASE("PostObject: a form is not implemented, any other POST to a bucket is nothing") {
  World world;
  world.run("PUT", "/bucket");
  CHECK(world.run("POST", "/bucket", "x", {{"Content-Type", "multipart/form-data; boundary=b"}})
            .status == 501);
  const auto other = world.run("POST", "/bucket", "x");
  CHECK(other.status == 412);
  CHECK(other.at("Condition") == "Bucket POST must be of the enclosure-type multipart/form-data");
}

TEST_CASE("routing: a CORS preflight is forbidden while no CORS is configured") {
  World world;
  world.run("PUT", "/bucket");
  const auto answer = world.run("OPTIONS", "/bucket/key", "",
                                {{"Origin", "http://a"}, {"Access-Control-Request-Method", "PUT"}});
  CHECK(answer.status == 403);
  CHECK(answer.at("Code") == "AccessForbidden");
  CHECK(answer.at("Method") == "PUT");
  CHECK(answer.at("ResourceType") == "BUCKET");
  CHECK(world.run("OPTIONS", "/none", "", {{"Origin", "http://a"}}).at("Message") ==
        "CORSResponse: Bucket not found");
  CHECK(world.run("OPTIONS", "/bucket/key").status == 400);
}

TEST_CASE("addressing: buckets in hosts of every form") {
  const Addressing addressing({"s3.example.test", "bodega"});
  const auto bucket = [&](const char* host) { return addressing.bucket_of_host(host); };
  CHECK(bucket("b.s3.amazonaws.com") == "b");
  CHECK(bucket("b.s3.us-west-2.amazonaws.com") == "b");
  CHECK(bucket("b.s3-us-west-2.amazonaws.com") == "b");
  CHECK(bucket("b.s3.dualstack.us-west-2.amazonaws.com") == "b");
  CHECK(bucket("b.s3-accelerate.amazonaws.com") == "b");
  CHECK(bucket("b.s3-accelerate.dualstack.amazonaws.com") == "b");
  CHECK(bucket("b.c.d.s3.amazonaws.com:443") == "b.c.d");
  CHECK(bucket("b.s3.cn-north-1.amazonaws.com.cn") == "b");
  CHECK(bucket("B.localhost:4566") == "b");
  CHECK(bucket("b.s3.localhost:4566") == "b");
  CHECK(bucket("b.s3.us-east-1.localhost") == "b");
  CHECK(bucket("b.s3.localhost.localstack.cloud:4566") == "b");
  CHECK(bucket("b.s3.eu-west-1.localhost.localstack.cloud") == "b");
  CHECK(bucket("b.s3.example.test") == "b");
  CHECK(bucket("b.bodega:4566") == "b");
}

TEST_CASE("addressing: hosts that name no bucket mean path style") {
  const Addressing addressing({"s3.example.test"});
  for (const auto* host :
       {"", "localhost", "localhost:4566", "s3.localhost", "127.0.0.1:4566", "[::1]:4566",
        "s3.amazonaws.com", "s3.us-west-2.amazonaws.com", "s3-us-west-2.amazonaws.com",
        "s3.dualstack.us-west-2.amazonaws.com", "localhost.localstack.cloud:4566",
        "s3.localhost.localstack.cloud", "s3.example.test:80", "minio:9000", "a.b.c.d",
        "dynamodb.us-east-1.amazonaws.com"}) {
    INFO(host);
    CHECK(addressing.bucket_of_host(host).empty());
  }
}

TEST_CASE("addressing: virtual-host style serves keys from the root of the path") {
  World world;
  CHECK(world.run("PUT", "/", "", {{"Host", "vbucket.s3.localhost:4566"}}).status == 200);
  CHECK(world.run("PUT", "/a/b", "x", {{"Host", "vbucket.localhost:4566"}}).status == 200);
  CHECK(world.run("GET", "/vbucket/a/b").body == "x");
  CHECK(world.run("GET", "//double", "", {{"Host", "vbucket.localhost"}}).at("Key") == "/double");
}
