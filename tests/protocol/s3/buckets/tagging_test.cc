// Tags, ACLs and GetObjectAttributes of objects that were put whole.
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;
using Strings = std::vector<std::string>;

namespace {

struct OneObject : World {
  OneObject() {
    run("PUT", "/bucket");
    run("PUT", "/bucket/key", "body");
  }
  Answer put_tags(const std::string& target, const std::string& tags) {
    const std::string body = "<Tagging><TagSet>" + tags + "</TagSet></Tagging>";
    return run("PUT", target, body, {content_md5(body)});
  }
};

std::string tag(const std::string& key, const std::string& value) {
  return "<Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag>";
}

Strings keys(const Answer& answer) {
  Strings out;
  const auto document = answer.xml();
  for (const auto& element : document.root().child("TagSet").children("Tag")) {
    out.push_back(element.child("Key").text() + "=" + element.child("Value").text());
  }
  return out;
}

}  // namespace

TEST_CASE("PutObjectTagging: tags come back, are counted, and go away") {
  OneObject world;
  CHECK(keys(world.run("GET", "/bucket/key?tagging")).empty());
  CHECK(world.put_tags("/bucket/key?tagging", tag("a", "1") + tag("b c", "x=&amp;y")).status ==
        400);
  CHECK(world.put_tags("/bucket/key?tagging", tag("a", "1") + tag("b c", "x=y")).status == 200);
  CHECK(keys(world.run("GET", "/bucket/key?tagging")) == Strings{"a=1", "b c=x=y"});
  CHECK(world.run("HEAD", "/bucket/key").header("x-amz-tagging-count") == "2");
  CHECK(world.run("GET", "/bucket/key").body == "body");
  CHECK(world.run("DELETE", "/bucket/key?tagging").status == 204);
  CHECK(keys(world.run("GET", "/bucket/key?tagging")).empty());
  CHECK_FALSE(world.run("HEAD", "/bucket/key").headers.has("x-amz-tagging-count"));
  CHECK(world.run("GET", "/bucket/none?tagging").at("Code") == "NoSuchKey");
}

TEST_CASE("tags: at most ten of an object, of limited length, none twice, none of aws:") {
  OneObject world;
  std::string eleven;
  for (int i = 0; i < 11; ++i) eleven += tag("k" + std::to_string(i), "v");
  CHECK(world.put_tags("/bucket/key?tagging", eleven).at("Message") ==
        "Object tags cannot be greater than 10");
  CHECK(world.put_tags("/bucket/key?tagging", tag(std::string(129, 'k'), "v")).at("Code") ==
        "InvalidTag");
  CHECK(world.put_tags("/bucket/key?tagging", tag("k", std::string(257, 'v'))).at("Code") ==
        "InvalidTag");
  CHECK(world.put_tags("/bucket/key?tagging", tag(std::string(128, 'k'), std::string(256, 'v')))
            .status == 200);
  CHECK(world.put_tags("/bucket/key?tagging", tag("k", "1") + tag("k", "2")).at("TagKey") == "k");
  CHECK(world.put_tags("/bucket/key?tagging", tag("aws:k", "1")).at("Code") == "InvalidTag");
  CHECK(world.put_tags("/bucket/key?tagging", "<Other/>").at("Code") == "MalformedXML");
}

TEST_CASE("x-amz-tagging: the tags of a new object in a header") {
  OneObject world;
  CHECK(world.run("PUT", "/bucket/t", "x", {{"x-amz-tagging", "a=1&b%20c=d%2Fe&empty="}}).status ==
        200);
  CHECK(keys(world.run("GET", "/bucket/t?tagging")) == Strings{"a=1", "b c=d/e", "empty="});
  const auto twice = world.run("PUT", "/bucket/t", "x", {{"x-amz-tagging", "a=1&a=2"}});
  CHECK(twice.at("ArgumentName") == "x-amz-tagging");
}

TEST_CASE("PutBucketTagging: tags of a bucket, and NoSuchTagSet without") {
  OneObject world;
  CHECK(world.run("GET", "/bucket?tagging").at("Code") == "NoSuchTagSet");
  CHECK(world.put_tags("/bucket?tagging", tag("team", "blue")).status == 204);
  CHECK(keys(world.run("GET", "/bucket?tagging")) == Strings{"team=blue"});
  CHECK(world.run("DELETE", "/bucket?tagging").status == 204);
  CHECK(world.run("GET", "/bucket?tagging").status == 404);
}

TEST_CASE("GetBucketAcl: the owner has full control, and nothing else can be said") {
  OneObject world;
  for (const auto* target : {"/bucket?acl", "/bucket/key?acl"}) {
    const auto acl = world.run("GET", target);
    CHECK(acl.at("AccessControlList/Grant/Permission") == "FULL_CONTROL");
    CHECK(acl.at("AccessControlList/Grant/Grantee/ID") == acl.at("Owner/ID"));
    CHECK(acl.xml()
              .root()
              .child("AccessControlList")
              .child("Grant")
              .child("Grantee")
              .attribute("type") == "CanonicalUser");
    CHECK(world.run("PUT", target, "", {{"x-amz-acl", "public-read"}}).at("Code") ==
          "AccessControlListNotSupported");
  }
  CHECK(world.run("GET", "/bucket/none?acl").at("Code") == "NoSuchKey");
}

TEST_CASE("GetObjectAttributes: only what was asked for") {
  OneObject world;
  const auto get = [&](const char* names) {
    return world.run("GET", "/bucket/key?attributes", "", {{"x-amz-object-attributes", names}});
  };
  const auto some = get("ETag,ObjectSize");
  CHECK(some.at("ETag") == "841a2d689ad86bd1611447453c22c6fc");
  CHECK(some.at("ObjectSize") == "4");
  CHECK_FALSE(some.xml().root().child("StorageClass"));
  CHECK_FALSE(some.xml().root().child("ObjectParts"));
  CHECK(some.header("last-modified") == "Fri, 02 Jan 2026 03:04:05 GMT");
  CHECK(get("Checksum").at("Checksum/ChecksumType") == "FULL_OBJECT");
  CHECK(get("").at("Code") == "InvalidRequest");
  CHECK(get("ETag,Colour").at("ArgumentValue") == "Colour");
}

TEST_CASE("tags: keys of aws: are refused in the words of what is tagged") {
  OneObject world;
  const auto object = world.put_tags("/bucket/key?tagging", tag("aws:k", "1"));
  CHECK(object.at("Message") == "Your TagKey cannot be prefixed with aws:");
  CHECK(object.at("TagKey") == "aws:k");
  const auto bucket = world.put_tags("/bucket?tagging", tag("aws:k", "1"));
  CHECK(bucket.at("Message") == "System tags cannot be added/updated by requester");
  CHECK(bucket.at("TagKey") == "aws:k");
  const auto created = world.run("PUT", "/tagged",
                                 "<CreateBucketConfiguration><Tags>" + tag("aws:k", "1") +
                                     "</Tags></CreateBucketConfiguration>");
  CHECK(created.at("Code") == "InvalidTag");
  CHECK(created.at("Message").starts_with("User-defined tag keys can't start with \"aws:\"."));
}

TEST_CASE("PutObjectTagging: no TagSet at all takes the tags away") {
  OneObject world;
  world.put_tags("/bucket/key?tagging", tag("a", "1"));
  CHECK(world.run("PUT", "/bucket/key?tagging", "<Tagging/>", {content_md5("<Tagging/>")}).status ==
        200);
  CHECK(keys(world.run("GET", "/bucket/key?tagging")).empty());
}

TEST_CASE("x-amz-tagging: what is no query string is an invalid argument") {
  OneObject world;
  const auto answer = world.run("PUT", "/bucket/t", "x", {{"x-amz-tagging", "a=1,b=2"}});
  CHECK(answer.at("Code") == "InvalidArgument");
  CHECK(answer.at("ArgumentName") == "x-amz-tagging");
  CHECK(answer.at("ArgumentValue") == "a=1,b=2");
}

TEST_CASE("GetObjectTagging: a delete marker has no tags and allows no method") {
  OneObject world;
  const std::string enable =
      "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  world.run("PUT", "/bucket?versioning", enable, {content_md5(enable)});
  world.run("DELETE", "/bucket/key");
  const auto got = world.run("GET", "/bucket/key?tagging");
  CHECK(got.status == 405);
  CHECK(got.at("ResourceType") == "DeleteMarker");
  CHECK(world.put_tags("/bucket/key?tagging", tag("a", "1")).at("Method") == "PUT");
  CHECK(world.run("DELETE", "/bucket/key?tagging").at("Code") == "MethodNotAllowed");
}
