// Buckets over the wire: create, head, delete, list, location.
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega::s3::test;

namespace {

std::string configuration(const std::string& constraint) {
  return "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
         "<LocationConstraint>" +
         constraint + "</LocationConstraint></CreateBucketConfiguration>";
}

}  // namespace

TEST_CASE("CreateBucket: answers with its location, and the bucket is there") {
  World world;
  const auto created = world.run("PUT", "/bucket-a");
  CHECK(created.status == 200);
  CHECK(created.header("location") == "/bucket-a");
  CHECK(created.operation == "CreateBucket");
  const auto head = world.run("HEAD", "/bucket-a");
  CHECK(head.status == 200);
  CHECK(head.header("x-amz-bucket-region") == "us-east-1");
  CHECK(world.run("HEAD", "/bucket-b").status == 404);
}

TEST_CASE("CreateBucket: again by its owner is fine in us-east-1 and a conflict elsewhere") {
  World world;
  CHECK(world.run("PUT", "/mine").status == 200);
  CHECK(world.run("PUT", "/mine").status == 200);
  const auto far = [&] {
    return world.run("PUT", "/far", configuration("eu-west-1"), {claim("me", "eu-west-1")});
  };
  CHECK(far().status == 200);
  const auto again = far();
  CHECK(again.status == 409);
  CHECK(again.at("Code") == "BucketAlreadyOwnedByYou");
  CHECK(again.at("BucketName") == "far");
}

TEST_CASE("CreateBucket: a name that another account has is taken") {
  World world;
  world.run("PUT", "/taken", "", {claim("111111111111")});
  const auto answer = world.run("PUT", "/taken", "", {claim("222222222222")});
  CHECK(answer.status == 409);
  CHECK(answer.at("Code") == "BucketAlreadyExists");
}

TEST_CASE("CreateBucket: names follow the naming rules") {
  World world;
  for (const auto* name :
       {"ab", "Upper-case", "under_score", "-dash", "dash-", "a..b", "192.168.5.4", "xn--abc",
        "sthree-abc", "abc-s3alias", "abc--ol-s3", "abc--x-s3"}) {
    INFO(name);
    const auto answer = world.run("PUT", std::string("/") + name);
    CHECK(answer.status == 400);
    CHECK(answer.at("Code") == "InvalidBucketName");
  }
  CHECK(world.run("PUT", "/" + std::string(64, 'a')).status == 400);
  CHECK(world.run("PUT", "/" + std::string(63, 'a')).status == 200);
  CHECK(world.run("PUT", "/my.bucket-1").status == 200);
}

TEST_CASE("CreateBucket: the location constraint has to fit the endpoint's region") {
  World world;
  CHECK(world.run("PUT", "/euro", configuration("eu-central-1")).status == 200);
  CHECK(world.run("PUT", "/b-1", configuration("us-east-1")).at("Code") ==
        "InvalidLocationConstraint");
  CHECK(world.run("PUT", "/b-2", configuration("mars-1")).at("LocationConstraint") == "mars-1");
  CHECK(world.run("PUT", "/b-3", "", {claim("me", "eu-west-1")}).at("Code") ==
        "IllegalLocationConstraintException");
  CHECK(
      world.run("PUT", "/b-4", configuration("us-west-2"), {claim("me", "eu-west-1")}).at("Code") ==
      "IllegalLocationConstraintException");
  CHECK(world.run("PUT", "/b-5", "<Create", {}).at("Code") == "MalformedXML");
}

TEST_CASE("GetBucketLocation: a bare root element, empty for us-east-1") {
  World world;
  world.run("PUT", "/near");
  world.run("PUT", "/far", configuration("EU"));
  CHECK(world.run("GET", "/near?location").xml().root().name() == "LocationConstraint");
  CHECK(world.run("GET", "/near?location").xml().root().text().empty());
  CHECK(world.run("GET", "/far?location").xml().root().text() == "EU");
}

TEST_CASE("DeleteBucket: an empty one goes, one with objects stays") {
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/key", "x");
  const auto refused = world.run("DELETE", "/bucket");
  CHECK(refused.status == 409);
  CHECK(refused.at("Code") == "BucketNotEmpty");
  world.run("DELETE", "/bucket/key");
  CHECK(world.run("DELETE", "/bucket").status == 204);
  const auto gone = world.run("DELETE", "/bucket");
  CHECK(gone.status == 404);
  CHECK(gone.at("BucketName") == "bucket");
}

TEST_CASE("DeleteBucket: versions and markers keep a bucket alive, open uploads do not") {
  World world;
  world.run("PUT", "/bucket");
  const std::string enable =
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  world.run("PUT", "/bucket?versioning", enable, {content_md5(enable)});
  world.run("DELETE", "/bucket/key");
  const auto refused = world.run("DELETE", "/bucket");
  CHECK(refused.status == 409);
  CHECK(refused.at("Message").ends_with("You must delete all versions in the bucket."));
  world.run("PUT", "/other");
  world.run("POST", "/other/key?uploads");
  CHECK(world.run("DELETE", "/other").status == 204);
}

TEST_CASE("ListBuckets: one account's, by name, with paging and prefix") {
  World world;
  for (const auto* name : {"c-3", "a-1", "b-2"}) {
    world.run("PUT", std::string("/") + name, "", {claim("111111111111")});
  }
  world.run("PUT", "/others", "", {claim("222222222222")});
  const auto all = world.run("GET", "/", "", {claim("111111111111")});
  const auto names = [](const Answer& answer) {
    std::vector<std::string> out;
    const auto document = answer.xml();
    for (const auto& bucket : document.root().child("Buckets").children("Bucket")) {
      out.push_back(bucket.child("Name").text());
    }
    return out;
  };
  CHECK(names(all) == std::vector<std::string>{"a-1", "b-2", "c-3"});
  CHECK(all.at("Owner/ID").size() == 64);
  CHECK(all.at("Buckets/Bucket/CreationDate") == "2026-01-02T03:04:05.000Z");
  const auto first = world.run("GET", "/?max-buckets=2", "", {claim("111111111111")});
  CHECK(names(first) == std::vector<std::string>{"a-1", "b-2"});
  const auto rest =
      world.run("GET", "/?max-buckets=2&continuation-token=" + first.at("ContinuationToken"), "",
                {claim("111111111111")});
  CHECK(names(rest) == std::vector<std::string>{"c-3"});
  CHECK(names(world.run("GET", "/?prefix=b", "", {claim("111111111111")})) ==
        std::vector<std::string>{"b-2"});
  CHECK(world.run("GET", "/?max-buckets=0").at("Code") == "InvalidArgument");
  CHECK(world.run("GET", "/?continuation-token=%25").at("Code") == "InvalidArgument");
}

TEST_CASE("CreateBucket: again with tags is a conflict, and changes none") {
  World world;
  const std::string tagged =
      "<CreateBucketConfiguration><Tags><Tag><Key>k</Key><Value>v</Value></Tag></Tags>"
      "</CreateBucketConfiguration>";
  CHECK(world.run("PUT", "/bucket", tagged).status == 200);
  CHECK(world.run("PUT", "/bucket", tagged).at("Code") == "BucketAlreadyOwnedByYou");
  CHECK(world.run("PUT", "/bucket").status == 200);
  CHECK(world.run("GET", "/bucket?tagging").at("TagSet/Tag/Value") == "v");
}

TEST_CASE("ListBuckets: bucket-region has to be a region") {
  World world;
  world.run("PUT", "/near");
  CHECK(world.run("GET", "/?bucket-region=us-east-1").at("Buckets/Bucket/Name") == "near");
  CHECK(world.run("GET", "/?bucket-region=eu-west-1").at("Buckets/Bucket/Name").empty());
  const auto refused = world.run("GET", "/?bucket-region=eu-east-1");
  CHECK(refused.at("ArgumentName") == "bucket-region");
  CHECK(refused.at("Message") == "Argument value eu-east-1 is not a valid AWS Region");
}

TEST_CASE("CreateBucket: outside us-east-1 any other constraint is the wrong endpoint's") {
  World world;
  const auto create = [&](const char* region, const char* constraint) {
    return world.run("PUT", "/bucket",
                     "<CreateBucketConfiguration><LocationConstraint>" + std::string(constraint) +
                         "</LocationConstraint></CreateBucketConfiguration>",
                     {claim("me", region)});
  };
  for (const auto* constraint : {"us-east-1", "bar", "aws-global"}) {
    CHECK(create("eu-west-1", constraint).at("Code") == "IllegalLocationConstraintException");
    CHECK(create("us-east-1", constraint).at("Code") == "InvalidLocationConstraint");
  }
  CHECK(create("eu-west-1", "eu-west-1").status == 200);
}

TEST_CASE("x-amz-expected-bucket-owner: has to be an account, and the bucket's") {
  World world;
  world.run("PUT", "/bucket", "", {claim("111111111111")});
  const auto with = [&](const char* owner) {
    return world.run("GET", "/bucket", "", {{"x-amz-expected-bucket-owner", owner}});
  };
  CHECK(with("111111111111").status == 200);
  CHECK(with("222222222222").status == 403);
  CHECK(with("me").at("Code") == "InvalidBucketOwnerAWSAccountID");
  CHECK(with("me").at("Message").ends_with("must be an AWS Account ID... [me]"));
}
