// Versions over the wire: enabling, suspending, markers, lists.
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;
using Strings = std::vector<std::string>;

namespace {

struct Versioned : World {
  Versioned() {
    run("PUT", "/bucket");
    set("Enabled");
  }
  Answer set(const std::string& status) {
    const std::string body =
        "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>" +
        status + "</Status></VersioningConfiguration>";
    return run("PUT", "/bucket?versioning", body, {content_md5(body)});
  }
};

}  // namespace

TEST_CASE("GetBucketVersioning: empty, then what was put") {
  World world;
  world.run("PUT", "/bucket");
  CHECK_FALSE(world.run("GET", "/bucket?versioning").xml().root().child("Status"));
  Versioned versioned;
  CHECK(versioned.run("GET", "/bucket?versioning").at("Status") == "Enabled");
  versioned.set("Suspended");
  CHECK(versioned.run("GET", "/bucket?versioning").at("Status") == "Suspended");
  CHECK(versioned.set("Off").at("Code") == "MalformedXML");
  CHECK(versioned.set("").at("Code") == "IllegalVersioningConfigurationException");
}

TEST_CASE("PutObject: a versioned bucket keeps what was there before") {
  Versioned world;
  const auto first = world.run("PUT", "/bucket/key", "1").header("x-amz-version-id");
  const auto second = world.run("PUT", "/bucket/key", "2").header("x-amz-version-id");
  CHECK(first.size() == 32);
  CHECK(first != second);
  CHECK(world.run("GET", "/bucket/key").body == "2");
  CHECK(world.run("GET", "/bucket/key").header("x-amz-version-id") == second);
  CHECK(world.run("GET", "/bucket/key?versionId=" + first).body == "1");
  CHECK(world.run("HEAD", "/bucket/key?versionId=" + first).status == 200);
}

TEST_CASE("DeleteObject: leaves a marker that hides, and taking the marker away shows again") {
  Versioned world;
  const auto id = world.run("PUT", "/bucket/key", "1").header("x-amz-version-id");
  const auto deleted = world.run("DELETE", "/bucket/key");
  CHECK(deleted.status == 204);
  CHECK(deleted.header("x-amz-delete-marker") == "true");
  const auto marker = deleted.header("x-amz-version-id");
  const auto hidden = world.run("GET", "/bucket/key");
  CHECK(hidden.status == 404);
  CHECK(hidden.at("Code") == "NoSuchKey");
  CHECK(hidden.header("x-amz-delete-marker") == "true");
  CHECK(hidden.header("x-amz-version-id") == marker);
  const auto direct = world.run("GET", "/bucket/key?versionId=" + marker);
  CHECK(direct.status == 405);
  CHECK(direct.at("Code") == "MethodNotAllowed");
  CHECK(direct.at("ResourceType") == "DeleteMarker");
  CHECK(direct.header("x-amz-delete-marker") == "true");
  CHECK(world.run("HEAD", "/bucket/key?versionId=" + marker).status == 405);
  const auto undone = world.run("DELETE", "/bucket/key?versionId=" + marker);
  CHECK(undone.header("x-amz-delete-marker") == "true");
  CHECK(undone.header("x-amz-version-id") == marker);
  CHECK(world.run("GET", "/bucket/key").body == "1");
  CHECK(world.run("DELETE", "/bucket/key?versionId=" + id).header("x-amz-version-id") == id);
  CHECK(world.run("GET", "/bucket/key?versionId=" + id).at("Code") == "NoSuchVersion");
}

TEST_CASE("versionId: empty and malformed ones are invalid arguments, unknown ones are not there") {
  Versioned world;
  world.run("PUT", "/bucket/key", "1");
  const auto empty = world.run("GET", "/bucket/key?versionId=");
  CHECK(empty.at("Message") == "Version id cannot be the empty string");
  const auto bad = world.run("GET", "/bucket/key?versionId=abc");
  CHECK(bad.at("Message") == "Invalid version id specified");
  CHECK(bad.at("ArgumentValue") == "abc");
  CHECK(world.run("GET", "/bucket/key?versionId=null").at("Code") == "NoSuchVersion");
}

TEST_CASE("versionId: a bucket that never had versions knows only null") {
  Versioned versioned;
  const auto id = versioned.run("PUT", "/bucket/key", "1").header("x-amz-version-id");
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/key", "1");
  CHECK(world.run("GET", "/bucket/key?versionId=null").body == "1");
  for (const auto* method : {"GET", "DELETE"}) {
    const auto answer = world.run(method, "/bucket/key?versionId=" + id);
    CHECK(answer.status == 400);
    CHECK(answer.at("Message") == "Invalid version id specified");
  }
  const std::string body =
      "<Delete><Object><Key>key</Key><VersionId>" + id + "</VersionId></Object></Delete>";
  const auto many = world.run("POST", "/bucket?delete", body, {content_md5(body)});
  CHECK(many.at("Error/Code") == "NoSuchVersion");
  CHECK(world.run("GET", "/bucket/key").body == "1");
}

TEST_CASE("DeleteObject: a governance bypass needs a bucket with Object Lock") {
  Versioned world;
  world.run("PUT", "/bucket/key", "1");
  const auto refused =
      world.run("DELETE", "/bucket/key", "", {{"x-amz-bypass-governance-retention", "true"}});
  CHECK(refused.status == 400);
  CHECK(refused.at("ArgumentName") == "x-amz-bypass-governance-retention");
  CHECK(world.run("GET", "/bucket/key").body == "1");
}

TEST_CASE("suspended versioning: writes replace the null version and keep the others") {
  Versioned world;
  const auto id = world.run("PUT", "/bucket/key", "1").header("x-amz-version-id");
  world.set("Suspended");
  CHECK(world.run("PUT", "/bucket/key", "2").header("x-amz-version-id").empty());
  world.run("PUT", "/bucket/key", "3");
  CHECK(world.run("GET", "/bucket/key?versionId=null").body == "3");
  CHECK(world.run("GET", "/bucket/key?versionId=" + id).body == "1");
  CHECK(world.run("GET", "/bucket?versions").all("Version", "VersionId") == Strings{"null", id});
  const auto deleted = world.run("DELETE", "/bucket/key");
  CHECK(deleted.header("x-amz-delete-marker") == "true");
  CHECK(deleted.header("x-amz-version-id") == "null");
}

TEST_CASE("ListObjectVersions: newest first, markers among them, pages that join up") {
  Versioned world;
  const auto a1 = world.run("PUT", "/bucket/a", "1").header("x-amz-version-id");
  const auto a2 = world.run("PUT", "/bucket/a", "22").header("x-amz-version-id");
  const auto a3 = world.run("DELETE", "/bucket/a").header("x-amz-version-id");
  const auto b1 = world.run("PUT", "/bucket/b", "3").header("x-amz-version-id");
  const auto all = world.run("GET", "/bucket?versions");
  CHECK(all.all("Version", "VersionId") == Strings{a2, a1, b1});
  CHECK(all.all("Version", "IsLatest") == Strings{"false", "false", "true"});
  CHECK(all.all("DeleteMarker", "VersionId") == Strings{a3});
  CHECK(all.all("DeleteMarker", "IsLatest") == Strings{"true"});
  CHECK(all.xml().root().children()[6].name() == "DeleteMarker");
  Strings seen;
  std::string target = "/bucket?versions&max-keys=1";
  for (int page = 0; page < 6; ++page) {
    const auto list = world.run("GET", target);
    REQUIRE(list.status == 200);
    for (const auto& id : list.all("Version", "VersionId")) seen.push_back(id);
    for (const auto& id : list.all("DeleteMarker", "VersionId")) seen.push_back(id);
    if (list.at("IsTruncated") == "false") break;
    target = "/bucket?versions&max-keys=1&key-marker=" + list.at("NextKeyMarker") +
             "&version-id-marker=" + list.at("NextVersionIdMarker");
  }
  CHECK(seen == Strings{a3, a2, a1, b1});
}

TEST_CASE("ListObjectVersions: an unversioned bucket's are null, and markers have to make sense") {
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/key", "1");
  const auto list = world.run("GET", "/bucket?versions");
  CHECK(list.all("Version", "VersionId") == Strings{"null"});
  CHECK(list.at("Version/IsLatest") == "true");
  CHECK(world.run("GET", "/bucket?versions&version-id-marker=null").at("ArgumentName") ==
        "version-id-marker");
  CHECK(world.run("GET", "/bucket?versions&key-marker=a&version-id-marker=x").at("Code") ==
        "InvalidArgument");
  CHECK(world.run("GET", "/bucket/key?versions").at("Code") == "InvalidRequest");
}

TEST_CASE("DeleteObjects: answers per key, quietly on request, with versions and markers") {
  Versioned world;
  const auto id = world.run("PUT", "/bucket/a", "1").header("x-amz-version-id");
  world.run("PUT", "/bucket/b", "1");
  const auto post = [&](const std::string& body) {
    return world.run("POST", "/bucket?delete=", body, {content_md5(body)});
  };
  const auto answer =
      post("<Delete><Object><Key>a</Key><VersionId>" + id +
           "</VersionId></Object><Object><Key>b</Key></Object><Object><Key>none</Key></Object>"
           "<Object><Key>c</Key><VersionId>zzz</VersionId></Object></Delete>");
  REQUIRE(answer.status == 200);
  CHECK(answer.all("Deleted", "Key") == Strings{"a", "b", "none"});
  CHECK(answer.all("Deleted", "VersionId") == Strings{id, "", ""});
  CHECK(answer.all("Deleted", "DeleteMarker") == Strings{"", "true", "true"});
  CHECK(answer.all("Error", "Code") == Strings{"NoSuchVersion"});
  const auto quiet = post("<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>");
  CHECK(quiet.all("Deleted", "Key").empty());
  CHECK(post("<Delete></Delete>").at("Code") == "MalformedXML");
  CHECK(post("<Delete>").at("Code") == "MalformedXML");
  std::string many = "<Delete>";
  for (int i = 0; i < 1001; ++i) many += "<Object><Key>k</Key></Object>";
  CHECK(post(many + "</Delete>").at("Code") == "MalformedXML");
  const std::string one = "<Delete><Object><Key>b</Key></Object></Delete>";
  CHECK(world.run("POST", "/bucket?delete", one).at("Code") == "InvalidRequest");
}

TEST_CASE("DeleteObjects: keys with entities and an ETag condition") {
  World world;
  world.run("PUT", "/bucket");
  world.run("PUT", "/bucket/a%3C%0Db", "1");
  world.run("PUT", "/bucket/c", "1");
  const std::string body =
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a&lt;&#13;b</Key>"
      "</Object><Object><Key>c</Key><ETag>\"no\"</ETag></Object>"
      "<Object><Key>c</Key><Size>2</Size></Object></Delete>";
  const auto answer = world.run("POST", "/bucket?delete", body, {content_md5(body)});
  CHECK(answer.all("Deleted", "Key") == Strings{"a<\rb"});
  // Sizes and times are conditions of directory buckets.
  CHECK(answer.all("Error", "Code") == Strings{"PreconditionFailed", "NotImplemented"});
  CHECK(world.run("GET", "/bucket/c").status == 200);
  CHECK(world.run("GET", "/bucket/a%3C%0Db").status == 404);
}
