// Multipart uploads over the wire, from creation to the object and its checksums.
#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "tests/catch.h"
#include "tests/protocol/s3/harness.h"

using namespace bodega;
using namespace bodega::s3::test;
using Strings = std::vector<std::string>;
using Fields = std::vector<http::Header>;

namespace {

constexpr std::size_t kPart = 5 * 1024 * 1024;

struct Upload : World {
  explicit Upload(std::vector<http::Header> headers = {}) {
    run("PUT", "/bucket");
    created = run("POST", "/bucket/dir/key?uploads", "", std::move(headers));
    if (created.status == 200) id = created.at("UploadId");
  }
  Answer put(int number, std::string_view body, std::vector<http::Header> headers = {}) {
    return run_in_pieces("PUT",
                         "/bucket/dir/key?partNumber=" + std::to_string(number) + "&uploadId=" + id,
                         body, 1 << 20, std::move(headers));
  }
  Answer complete(const std::string& parts, std::vector<http::Header> headers = {}) {
    return run("POST", "/bucket/dir/key?uploadId=" + id,
               "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" +
                   parts + "</CompleteMultipartUpload>",
               std::move(headers));
  }
  Answer created;
  std::string id;
};

std::string part(int number, const std::string& etag, const std::string& more = "") {
  return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag + "</ETag>" +
         more + "</Part>";
}

std::string hex_md5(std::string_view body) { return base::to_hex(base::md5(body)); }
std::string encoded(base::DigestKind kind, std::string_view body) {
  return base::to_base64(base::digest(kind, body));
}

}  // namespace

TEST_CASE("multipart: parts become one object with the etag of etags and a combined checksum") {
  Upload upload(Fields{{"Content-Type", "text/plain"}, {"x-amz-meta-m", "1"}});
  CHECK(upload.created.at("Bucket") == "bucket");
  CHECK(upload.created.at("Key") == "dir/key");
  const std::string one = pattern(kPart, 1);
  const std::string two = pattern(kPart + 7, 2);
  const std::string three = "tail";
  const auto put = upload.put(1, one);
  CHECK(put.header("etag") == "\"" + hex_md5(one) + "\"");
  upload.put(2, two);
  upload.put(3, three);
  CHECK(upload.run("GET", "/bucket/dir/key").status == 404);
  const auto done = upload.complete(part(1, "\"" + hex_md5(one) + "\"") + part(2, hex_md5(two)) +
                                        part(3, "&quot;" + hex_md5(three) + "&quot;"),
                                    {{"Host", "somewhere:1234"}});
  REQUIRE(done.status == 200);
  const std::string whole = one + two + three;
  const std::string etag =
      "\"" + hex_md5(base::md5(one) + base::md5(two) + base::md5(three)) + "-3\"";
  CHECK(done.at("ETag") == etag);
  CHECK(done.at("Location") == "http://somewhere:1234/bucket/dir%2Fkey");
  CHECK(done.at("ChecksumCRC64NVME") == encoded(base::DigestKind::kCrc64Nvme, whole));
  CHECK(done.at("ChecksumType") == "FULL_OBJECT");
  const auto got = upload.run("GET", "/bucket/dir/key");
  CHECK(got.body == whole);
  CHECK(got.header("etag") == etag);
  CHECK(got.header("content-type") == "text/plain");
  CHECK(got.header("x-amz-meta-m") == "1");
  const auto across = upload.run(
      "GET", "/bucket/dir/key", "",
      {{"Range", "bytes=" + std::to_string(kPart - 2) + "-" + std::to_string(kPart + 1)}});
  CHECK(across.body == whole.substr(kPart - 2, 4));
  const auto second = upload.run("GET", "/bucket/dir/key?partNumber=2");
  CHECK(second.status == 206);
  CHECK(second.body == two);
  CHECK(second.header("x-amz-mp-parts-count") == "3");
  CHECK(upload.run("HEAD", "/bucket/dir/key?partNumber=3").header("content-length") == "4");
  CHECK(upload.run("GET", "/bucket/dir/key?partNumber=4").at("ActualPartCount") == "3");
  CHECK(upload.run("GET", "/bucket?uploads").all("Upload", "Key").empty());
}

TEST_CASE("multipart: completing again gives the same answer") {
  Upload upload;
  upload.put(1, "x");
  const auto first = upload.complete(part(1, hex_md5("x")));
  const auto second = upload.complete(part(1, hex_md5("x")));
  CHECK(first.at("ETag").ends_with("-1\""));
  CHECK(second.status == 200);
  CHECK(second.at("ETag") == first.at("ETag"));
}

TEST_CASE("multipart: COMPOSITE checksums are digests of digests, with their count") {
  Upload upload(Fields{{"x-amz-checksum-algorithm", "SHA256"}});
  CHECK(upload.created.header("x-amz-checksum-algorithm") == "SHA256");
  CHECK(upload.created.header("x-amz-checksum-type") == "COMPOSITE");
  const std::string one = pattern(kPart, 1);
  const std::string sum1 = encoded(base::DigestKind::kSha256, one);
  const std::string sum2 = encoded(base::DigestKind::kSha256, "tail");
  CHECK(upload.put(1, one, {{"x-amz-checksum-sha256", sum1}}).header("x-amz-checksum-sha256") ==
        sum1);
  CHECK(upload.put(2, "tail").at("Message") ==
        "Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: "
        "null");
  upload.put(2, "tail", {{"x-amz-checksum-sha256", sum2}});
  const auto sum = [](const std::string& value) {
    return "<ChecksumSHA256>" + value + "</ChecksumSHA256>";
  };
  CHECK(upload.complete(part(1, hex_md5(one)) + part(2, hex_md5("tail"))).at("Code") ==
        "InvalidRequest");
  CHECK(upload.complete(part(1, hex_md5(one), sum(sum2)) + part(2, hex_md5("tail"), sum(sum2)))
            .at("Code") == "InvalidPart");
  const auto done =
      upload.complete(part(1, hex_md5(one), sum(sum1)) + part(2, hex_md5("tail"), sum(sum2)));
  REQUIRE(done.status == 200);
  const std::string composite =
      base::to_base64(base::sha256(base::sha256(one) + base::sha256("tail")));
  CHECK(done.at("ChecksumSHA256") == composite + "-2");
  CHECK(done.at("ChecksumType") == "COMPOSITE");
  const auto head = upload.run("HEAD", "/bucket/dir/key", "", {{"x-amz-checksum-mode", "ENABLED"}});
  CHECK(head.header("x-amz-checksum-sha256") == composite + "-2");
  const auto second =
      upload.run("GET", "/bucket/dir/key?partNumber=2", "", {{"x-amz-checksum-mode", "ENABLED"}});
  CHECK(second.header("x-amz-checksum-sha256") == sum2);
  const auto attributes = upload.run(
      "GET", "/bucket/dir/key?attributes", "",
      {{"x-amz-object-attributes", "ETag,Checksum,ObjectParts,StorageClass,ObjectSize"}});
  CHECK(attributes.at("Checksum/ChecksumSHA256") == composite);
  CHECK(attributes.at("ObjectParts/PartsCount") == "2");
  CHECK(attributes.at("ObjectParts/Part/ChecksumSHA256") == sum1);
  CHECK(attributes.at("ObjectSize") == std::to_string(kPart + 4));
  CHECK(attributes.at("StorageClass") == "STANDARD");
}

TEST_CASE("multipart: FULL_OBJECT for CRCs on request, with the client's own sum checked") {
  Upload upload(
      Fields{{"x-amz-checksum-algorithm", "CRC32"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  const std::string one = pattern(kPart, 1);
  upload.put(1, one, {{"x-amz-checksum-crc32", encoded(base::DigestKind::kCrc32, one)}});
  upload.put(2, "tail", {{"x-amz-checksum-crc32", encoded(base::DigestKind::kCrc32, "tail")}});
  const std::string parts = part(1, hex_md5(one)) + part(2, hex_md5("tail"));
  const std::string right = encoded(base::DigestKind::kCrc32, one + "tail");
  CHECK(upload.complete(parts, {{"x-amz-checksum-crc32", "AAAAAA=="}}).at("Code") == "BadDigest");
  CHECK(upload.complete(parts, {{"x-amz-checksum-type", "COMPOSITE"}}).at("Code") ==
        "InvalidRequest");
  CHECK(upload.complete(parts, {{"x-amz-mp-object-size", "5"}}).at("Code") == "InvalidRequest");
  const auto done = upload.complete(parts, {{"x-amz-checksum-crc32", right},
                                            {"x-amz-checksum-type", "FULL_OBJECT"},
                                            {"x-amz-mp-object-size", std::to_string(kPart + 4)}});
  REQUIRE(done.status == 200);
  CHECK(done.at("ChecksumCRC32") == right);
}

TEST_CASE("multipart: pairs of algorithm and type that do not exist") {
  const auto refused = [](const char* algorithm, const char* type) {
    Upload upload(Fields{{"x-amz-checksum-algorithm", algorithm}, {"x-amz-checksum-type", type}});
    return upload.created.status == 400 ? upload.created.at("Message") : std::string();
  };
  CHECK(refused("SHA256", "FULL_OBJECT") ==
        "The FULL_OBJECT checksum type cannot be used with the sha256 checksum algorithm.");
  CHECK(refused("CRC64NVME", "COMPOSITE") ==
        "The COMPOSITE checksum type cannot be used with the crc64nvme checksum algorithm.");
  CHECK(refused("CRC32C", "FULL_OBJECT").empty());
  CHECK_FALSE(refused("ROT13", "FULL_OBJECT").empty());
}

TEST_CASE("multipart: an upload without an algorithm takes parts with any checksum") {
  Upload upload;
  const auto put =
      upload.put(1, "x", {{"x-amz-checksum-crc32", encoded(base::DigestKind::kCrc32, "x")}});
  CHECK(put.header("x-amz-checksum-crc32") == encoded(base::DigestKind::kCrc32, "x"));
  CHECK(upload.put(2, "x", {{"x-amz-checksum-crc32", "AAAAAA=="}}).at("Code") == "BadDigest");
  const auto done = upload.complete(part(1, hex_md5("x")));
  CHECK(done.at("ChecksumCRC64NVME") == encoded(base::DigestKind::kCrc64Nvme, "x"));
}

TEST_CASE("CompleteMultipartUpload: an upload without an algorithm knows no checksums of parts") {
  Upload upload;
  upload.put(1, "x", {{"x-amz-checksum-crc32", encoded(base::DigestKind::kCrc32, "x")}});
  const auto given = upload.complete(
      part(1, hex_md5("x"),
           "<ChecksumCRC32>" + encoded(base::DigestKind::kCrc32, "x") + "</ChecksumCRC32>"));
  CHECK(given.at("Code") == "InvalidPart");
  CHECK(given.at("PartNumber") == "1");
  CHECK(given.at("ETag") == hex_md5("x"));
  CHECK(upload.complete(part(1, hex_md5("x")), {{"x-amz-checksum-type", "FULL_OBJECT"}})
            .at("Message") ==
        "The upload was created using the null checksum mode. The complete "
        "request must use the same checksum mode.");
  CHECK(upload.complete(part(1, hex_md5("x")), {{"x-amz-checksum-crc32c", "AAAAAA==-2"}})
            .at("ChecksumCRC64NVME") == encoded(base::DigestKind::kCrc64Nvme, "x"));
}

TEST_CASE("CompleteMultipartUpload: a sum of the whole has to be called one") {
  Upload upload(
      Fields{{"x-amz-checksum-algorithm", "CRC32C"}, {"x-amz-checksum-type", "FULL_OBJECT"}});
  const std::string sum = encoded(base::DigestKind::kCrc32c, "x");
  upload.put(1, "x", {{"x-amz-checksum-crc32c", sum}});
  const std::string one = part(1, hex_md5("x"));
  CHECK(upload.complete(one, {{"x-amz-checksum-crc32c", sum}}).at("Code") == "BadDigest");
  const auto other = upload.complete(
      one, {{"x-amz-checksum-crc64nvme", encoded(base::DigestKind::kCrc64Nvme, "x")},
            {"x-amz-checksum-type", "FULL_OBJECT"}});
  CHECK(other.at("Message") == "The crc32c you specified did not match the calculated checksum.");
  CHECK(
      upload.complete(one, {{"x-amz-checksum-crc32c", sum}, {"x-amz-checksum-type", "FULL_OBJECT"}})
          .at("ChecksumCRC32C") == sum);
}

TEST_CASE("CompleteMultipartUpload: a part's checksum of another algorithm is a bad digest") {
  Upload upload(Fields{{"x-amz-checksum-algorithm", "CRC32"}});
  upload.put(1, "x", {{"x-amz-checksum-crc32", encoded(base::DigestKind::kCrc32, "x")}});
  const std::string sha =
      "<ChecksumSHA256>" + encoded(base::DigestKind::kSha256, "x") + "</ChecksumSHA256>";
  CHECK(upload.complete(part(1, hex_md5("x"), sha)).at("Message") ==
        "The sha256 you specified for part 1 did not match what we received.");
  // The mode is looked at before the parts.
  CHECK(upload.complete(part(1, hex_md5("x")), {{"x-amz-checksum-type", "FULL_OBJECT"}})
            .at("Message") ==
        "The upload was created using the COMPOSITE checksum mode. The "
        "complete request must use the same checksum mode.");
}

TEST_CASE("GetObject: a part of an object with a FULL_OBJECT checksum has none of its own") {
  Upload upload;
  const std::string one = pattern(kPart, 1);
  upload.put(1, one);
  upload.put(2, "tail");
  upload.complete(part(1, hex_md5(one)) + part(2, hex_md5("tail")));
  const auto get = [&](const std::string& query) {
    return upload.run("HEAD", "/bucket/dir/key" + query, "", {{"x-amz-checksum-mode", "ENABLED"}});
  };
  CHECK_FALSE(get("?partNumber=2").headers.has("x-amz-checksum-crc64nvme"));
  CHECK(get("").header("x-amz-checksum-crc64nvme") ==
        encoded(base::DigestKind::kCrc64Nvme, one + "tail"));
}

TEST_CASE("UploadPart: a wrong Content-MD5 is shown as it was sent") {
  Upload upload;
  const auto refused = upload.put(1, "x", {content_md5("y")});
  CHECK(refused.at("Code") == "BadDigest");
  CHECK(refused.at("ExpectedDigest") == content_md5("y").value);
}

TEST_CASE("multipart: what can be wrong about the list of parts") {
  Upload upload;
  upload.put(1, "small");
  upload.put(2, "small too");
  const std::string one = part(1, hex_md5("small"));
  const std::string two = part(2, hex_md5("small too"));
  const auto small = upload.complete(one + two);
  CHECK(small.at("Code") == "EntityTooSmall");
  CHECK(small.at("ProposedSize") == "5");
  CHECK(small.at("MinSizeAllowed") == "5242880");
  CHECK(small.at("PartNumber") == "1");
  CHECK(upload.complete(two + one).at("Code") == "InvalidPartOrder");
  CHECK(upload.complete(one + one).at("Code") == "InvalidPartOrder");
  const auto unknown = upload.complete(part(3, hex_md5("x")));
  CHECK(unknown.at("Code") == "InvalidPart");
  CHECK(unknown.at("PartNumber") == "3");
  CHECK(unknown.at("UploadId") == upload.id);
  CHECK(upload.complete(part(1, hex_md5("other"))).at("Code") == "InvalidPart");
  CHECK(upload.complete("").at("Code") == "MalformedXML");
  CHECK(upload.complete("<Part></Part>").at("Code") == "MalformedXML");
  CHECK(upload.run("POST", "/bucket/dir/key?uploadId=" + upload.id).at("Message") ==
        "You must specify at least one part");
  CHECK(upload.complete(part(2, hex_md5("small too"))).status == 200);
}

TEST_CASE("UploadPart: part numbers from 1 to 10,000, and only of uploads that are there") {
  Upload upload;
  CHECK(upload.put(0, "x").at("Message") ==
        "Part number must be an integer between 1 and 10000, inclusive");
  CHECK(upload.put(10'001, "x").at("ArgumentName") == "partNumber");
  CHECK(upload.put(10'000, "x").status == 200);
  const auto unknown = upload.run("PUT", "/bucket/dir/key?partNumber=1&uploadId=nope", "x");
  CHECK(unknown.status == 404);
  CHECK(unknown.at("UploadId") == "nope");
  CHECK(upload.run("PUT", "/bucket/dir/key?partNumber=1", "x").status == 400);
}

TEST_CASE("AbortMultipartUpload: the upload is gone with its bytes") {
  Upload upload;
  upload.put(1, pattern(100'000));
  CHECK(upload.blobs().usage().blobs == 1);
  CHECK(upload.run("DELETE", "/bucket/dir/key?uploadId=" + upload.id).status == 204);
  CHECK(upload.blobs().usage().blobs == 0);
  CHECK(upload.run("DELETE", "/bucket/dir/key?uploadId=" + upload.id).at("Code") == "NoSuchUpload");
  CHECK(upload.complete(part(1, "x")).at("Code") == "NoSuchUpload");
  CHECK(upload.run("POST", "/bucket/dir/key?uploadId=" + upload.id).at("Code") == "NoSuchUpload");
}

TEST_CASE("ListParts: pages of parts with their etags, and the upload's owner") {
  Upload upload(Fields{{"x-amz-storage-class", "STANDARD_IA"}});
  for (int number : {1, 2, 5}) upload.put(number, std::to_string(number));
  upload.put(2, "again");
  const auto list = [&](const std::string& more) {
    return upload.run("GET", "/bucket/dir/key?uploadId=" + upload.id + more);
  };
  const auto all = list("");
  CHECK(all.all("Part", "PartNumber") == Strings{"1", "2", "5"});
  CHECK(all.all("Part", "ETag")[1] == "\"" + hex_md5("again") + "\"");
  CHECK(all.at("StorageClass") == "STANDARD_IA");
  CHECK(all.at("Owner/ID").size() == 64);
  CHECK(all.at("Initiator/ID").size() == 64);
  const auto first = list("&max-parts=2");
  CHECK(first.all("Part", "PartNumber") == Strings{"1", "2"});
  CHECK(first.at("IsTruncated") == "true");
  CHECK(first.at("NextPartNumberMarker") == "2");
  CHECK(list("&part-number-marker=2").all("Part", "PartNumber") == Strings{"5"});
  CHECK(list("&max-parts=x").at("ArgumentName") == "max-parts");
}

TEST_CASE("ListMultipartUploads: by key, in pages, with prefixes") {
  World world;
  world.run("PUT", "/bucket");
  for (const auto* key : {"b", "a/1", "a/2"}) {
    world.run("POST", "/bucket/" + std::string(key) + "?uploads");
  }
  const auto all = world.run("GET", "/bucket?uploads");
  CHECK(all.all("Upload", "Key") == Strings{"a/1", "a/2", "b"});
  const auto page = world.run("GET", "/bucket?uploads&max-uploads=1");
  CHECK(page.at("IsTruncated") == "true");
  const auto next = world.run("GET", "/bucket?uploads&key-marker=" + page.at("NextKeyMarker") +
                                         "&upload-id-marker=" + page.at("NextUploadIdMarker"));
  CHECK(next.all("Upload", "Key") == Strings{"a/2", "b"});
  // The markers are there on the last page too, and empty only where no upload is shown.
  CHECK(next.at("IsTruncated") == "false");
  CHECK(next.at("NextKeyMarker") == "b");
  CHECK(next.at("NextUploadIdMarker").size() > 20);
  const auto prefixes = world.run("GET", "/bucket?uploads&delimiter=/&max-uploads=1");
  CHECK(prefixes.at("IsTruncated") == "true");
  CHECK(prefixes.at("NextKeyMarker").empty());
  const auto grouped = world.run("GET", "/bucket?uploads&delimiter=/");
  CHECK(grouped.all("CommonPrefixes", "Prefix") == Strings{"a/"});
  CHECK(grouped.all("Upload", "Key") == Strings{"b"});
}

TEST_CASE("UploadPartCopy: a range of another object becomes a part") {
  Upload upload;
  const std::string source = pattern(300'000, 9);
  upload.run("PUT", "/bucket/source", source);
  const auto copy = [&](const std::string& range) {
    return upload.put(
        1, "", {{"x-amz-copy-source", "/bucket/source"}, {"x-amz-copy-source-range", range}});
  };
  const auto answer = copy("bytes=100-99999");
  REQUIRE(answer.status == 200);
  CHECK(answer.at("ETag") == "\"" + hex_md5(source.substr(100, 99'900)) + "\"");
  CHECK(copy("bytes=0-300000").at("Message") ==
        "Range specified is not valid for source object of size: 300000");
  CHECK(copy("bytes=300000-300001").at("Message") ==
        "The specified copy range is invalid for the source object size");
  for (const auto* bad : {"100-200", "bytes=", "bytes=5", "bytes=-5", "bytes=5-", "bytes=9-5"}) {
    CHECK(copy(bad).at("ArgumentName") == "x-amz-copy-source-range");
  }
  const auto whole = upload.put(2, "", {{"x-amz-copy-source", "bucket/source"}});
  CHECK(whole.at("ETag") == "\"" + hex_md5(source) + "\"");
  const auto done = upload.complete(part(1, hex_md5(source.substr(100, 99'900))));
  REQUIRE(done.status == 200);
  CHECK(upload.run("GET", "/bucket/dir/key").body == source.substr(100, 99'900));
  CHECK(done.at("ChecksumCRC64NVME") ==
        encoded(base::DigestKind::kCrc64Nvme, source.substr(100, 99'900)));
}

TEST_CASE("CopyObject: a copy of a multipart object is a single object with a plain etag") {
  Upload upload;
  const std::string one = pattern(kPart, 1);
  upload.put(1, one);
  upload.put(2, "tail");
  upload.complete(part(1, hex_md5(one)) + part(2, hex_md5("tail")));
  const auto copied =
      upload.run("PUT", "/bucket/copy", "", {{"x-amz-copy-source", "bucket/dir/key"}});
  CHECK(copied.at("ETag") == "\"" + hex_md5(one + "tail") + "\"");
  CHECK(upload.run("GET", "/bucket/copy").body == one + "tail");
  CHECK(copied.at("ChecksumCRC64NVME") == encoded(base::DigestKind::kCrc64Nvme, one + "tail"));
}

TEST_CASE("CopyObject: of one part, the part's etag is the copy's") {
  Upload upload(Fields{{"x-amz-checksum-algorithm", "SHA256"}});
  const std::string sum = encoded(base::DigestKind::kSha256, "x");
  upload.put(1, "x", {{"x-amz-checksum-sha256", sum}});
  const auto done =
      upload.complete(part(1, hex_md5("x"), "<ChecksumSHA256>" + sum + "</ChecksumSHA256>"));
  REQUIRE(done.at("ETag").ends_with("-1\""));
  const auto copied =
      upload.run("PUT", "/bucket/copy", "", {{"x-amz-copy-source", "bucket/dir/key"}});
  CHECK(copied.at("ETag") == "\"" + hex_md5("x") + "\"");
  CHECK(copied.at("ChecksumSHA256") == sum);
  CHECK(copied.at("ChecksumType") == "FULL_OBJECT");
}

TEST_CASE("CompleteMultipartUpload: If-None-Match sees what came meanwhile") {
  Upload upload;
  upload.put(1, "x");
  upload.run("PUT", "/bucket/dir/key", "meanwhile");
  const auto answer = upload.complete(part(1, hex_md5("x")), {{"If-None-Match", "*"}});
  CHECK((answer.status == 409 || answer.status == 412));
  CHECK(upload.run("GET", "/bucket/dir/key").body == "meanwhile");
}
