// What every request meets before its operation: routing, headers, identity, encodings, JSON types.
#include <zlib.h>

#include <algorithm>

#include "engines/base/random.h"
#include "protocol/aws/front/recognise.h"
#include "protocol/dynamodb/operations.h"
#include "tests/catch.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

bool is_ours(const http::RequestHead& head) {
  return aws::recognise(head, aws::service_rows()) == "dynamodb";
}

}  // namespace

TEST_CASE("replies: their headers") {
  Harness h;
  const Answer answer = h.run("ListTables", Json::object());
  CHECK(answer.text == R"({"TableNames":[]})");
  CHECK(answer.headers.get_or_empty("Content-Type") == "application/x-amz-json-1.0");
  CHECK(answer.headers.get_or_empty("Server") == "Server");
  const std::string id(answer.headers.get_or_empty("x-amzn-RequestId"));
  CHECK(id.size() == 52);
  CHECK(std::all_of(id.begin(), id.end(),
                    [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); }));
  const auto crc = crc32(0, reinterpret_cast<const Bytef*>(answer.text.data()),
                         static_cast<uInt>(answer.text.size()));
  CHECK(answer.headers.get_or_empty("x-amz-crc32") == std::to_string(crc));
  auto head = h.head("DynamoDB_20120810.ListTables");
  head.headers.set("Content-Type", "application/json; charset=utf-8");
  CHECK(h.send(head, "{}").headers.get_or_empty("Content-Type") == "application/json");
}

TEST_CASE("routing: targets that are none") {
  Harness h;
  for (const char* target : {"", "DynamoDB_20120810.Nonsense", "DynamoDB_20120810.",
                             "DynamoDBStreams_20120810.Nonsense", "Other.ListTables"}) {
    const Answer answer = h.send(h.head(target), "{}");
    CHECK(answer.status == 400);
    CHECK(answer.text == R"({"__type":"com.amazon.coral.service#UnknownOperationException"})");
  }
}

TEST_CASE("routing: what is not implemented says so") {
  Harness h;
  Answer answer = h.run("CreateBackup", Json::object());
  CHECK(answer.status == 501);
  CHECK(answer.error() == "NotImplementedException");
  CHECK(answer.message() == "The operation CreateBackup is not implemented");
  answer = h.send(h.head("DynamoDBStreams_20120810.ListStreams"), "{}");
  CHECK(answer.status == 501);
  CHECK(answer.message() == "The operation ListStreams is not implemented");
}

TEST_CASE("routing: methods and content types") {
  Harness h;
  auto head = h.head("DynamoDB_20120810.ListTables");
  head.method = "PUT";
  Answer answer = h.send(head, "{}");
  CHECK(answer.status == 404);
  CHECK(answer.text == "<UnknownOperationException/>\n");
  CHECK(answer.headers.get_or_empty("x-amz-crc32") == "3552371480");
  head = h.head("DynamoDB_20120810.ListTables");
  head.headers.set("Content-Type", "text/plain");
  CHECK(h.send(head, "{}").status == 404);
  http::RequestHead get;
  get.method = "GET";
  get.path = "/";
  get.headers.add("Host", "dynamodb.eu-west-1.amazonaws.com");
  CHECK(is_ours(get));
  answer = h.send(get, "");
  CHECK(answer.status == 200);
  CHECK(answer.text == "healthy: dynamodb.eu-west-1.amazonaws.com ");
}

TEST_CASE("routing: only the root is healthy, not an object that was signed for this service") {
  Harness h;
  http::RequestHead get = h.head("");
  get.method = "GET";
  get.headers.remove("X-Amz-Target");
  get.path = "/";
  CHECK(is_ours(get));
  CHECK(h.send(get, "").status == 200);
  get.path = "/bucket/key";
  CHECK(is_ours(get));
  const Answer answer = h.send(get, "");
  CHECK(answer.status == 404);
  CHECK(answer.text == "<UnknownOperationException/>\n");
}

TEST_CASE("claims: DynamoDB's requests, and not S3's") {
  Harness h;
  CHECK(is_ours(h.head("DynamoDB_20120810.GetItem")));
  CHECK(is_ours(h.head("DynamoDBStreams_20120810.GetRecords")));
  CHECK_FALSE(is_ours(h.head("TrentService.Encrypt")));
  http::RequestHead list;
  list.method = "GET";
  list.path = "/";
  list.headers.add("Host", "localhost:4566");
  CHECK_FALSE(is_ours(list));
  list.headers.add("Authorization",
                   "AWS4-HMAC-SHA256 Credential=a/20260102/us-east-1/s3/aws4_request, "
                   "SignedHeaders=host, Signature=00");
  CHECK_FALSE(is_ours(list));
}

TEST_CASE("bodies: not JSON, not an object, too deep") {
  Harness h;
  const std::string kSerialization =
      R"({"__type":"com.amazon.coral.service#SerializationException"})";
  for (const std::string& body :
       {std::string("{"), std::string("[]"), std::string("\"a\""), std::string(),
        std::string("{}x"), std::string("{\"a\":\"\xff\"}"), std::string("{'a':1}"),
        std::string("{\"a\":01}"), std::string("{\"a\":\"\x01\"}"), std::string("{\"a\":}"),
        std::string("{\"a\":1,}"), std::string(100'000, '['),
        "{\"Item\":" + std::string(100'000, '{')}) {
    const Answer answer = h.run_text("PutItem", body);
    CHECK(answer.status == 400);
    CHECK(answer.text == kSerialization);
  }
}

TEST_CASE("bodies: gzip, also in several members, and garbage") {
  Harness h;
  auto head = h.head("DynamoDB_20120810.ListTables");
  head.headers.add("Content-Encoding", "gzip");
  CHECK(h.send(head, gzip("{}")).ok());
  CHECK(h.send(head, gzip("{\"Limit\":") + gzip("5}")).ok());
  const Answer garbage = h.send(head, "{}");
  CHECK(garbage.status == 500);
  CHECK(garbage.error() == "InternalFailure");
  CHECK(h.send(head, gzip("{}").substr(0, 10)).status == 500);
  CHECK(h.send(head, gzip(std::string(17 * 1024 * 1024, ' '))).status == 413);
}

TEST_CASE("bodies: 16 MiB and not a byte more") {
  Harness h;
  const auto body = [](std::size_t size) { return "{}" + std::string(size - 2, ' '); };
  CHECK(h.run_text("ListTables", body(16 * 1024 * 1024)).ok());
  CHECK(h.run_text("ListTables", body(16 * 1024 * 1024 + 1)).status == 413);
  auto head = h.head("DynamoDB_20120810.ListTables");
  head.chunked = true;
  auto begun = h.service->begin(head);
  auto& sink = std::get<std::unique_ptr<http::BodySink>>(begun);
  CHECK(sink->write(body(16 * 1024 * 1024)) == http::BodySink::Flow::kMore);
  CHECK(sink->write(" ") == http::BodySink::Flow::kStop);
  CHECK(sink->finish({}).status == 413);
}

TEST_CASE("identity: missing and malformed signatures") {
  Harness h;
  auto head = h.head("DynamoDB_20120810.ListTables");
  head.headers.remove("Authorization");
  Answer answer = h.send(head, "{}");
  CHECK(answer.status == 400);
  CHECK(answer["__type"] == "com.amazon.coral.service#MissingAuthenticationTokenException");
  CHECK(answer["message"] == "Request is missing Authentication Token");
  head = h.head("DynamoDB_20120810.ListTables");
  head.query = http::Query::parse("X-Amz-Algorithm=AWS4-HMAC-SHA256");
  answer = h.send(head, "{}");
  CHECK(answer.error() == "InvalidSignatureException");
  CHECK(answer.message() ==
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
}

TEST_CASE("CORS: replies and preflights name the page that the front let in") {
  Harness h;
  auto head = h.head("DynamoDB_20120810.ListTables");
  head.headers.add("Origin", "http://localhost:3000");
  CHECK_FALSE(h.send(head, "{}").headers.has("Access-Control-Allow-Origin"));
  head.readable_by = "http://localhost:3000";
  Answer answer = h.send(head, "{}");
  CHECK(answer.headers.get_or_empty("Access-Control-Allow-Origin") == "http://localhost:3000");
  CHECK(answer.headers.get_or_empty("Vary") == "Origin");
  CHECK(answer.headers.get_or_empty("Access-Control-Expose-Headers") ==
        "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date");
  http::RequestHead options;
  options.method = "OPTIONS";
  options.path = "/";
  options.readable_by = "http://localhost:3000";
  options.headers.add("Origin", "http://localhost:3000");
  options.headers.add("Access-Control-Request-Headers", "x-amz-target,content-type");
  options.headers.add("Access-Control-Request-Method", "POST");
  CHECK(is_ours(options));
  answer = h.send(options, "");
  CHECK(answer.status == 200);
  CHECK(answer.text.empty());
  CHECK(answer.headers.get_or_empty("Access-Control-Allow-Origin") == "http://localhost:3000");
  CHECK(answer.headers.get_or_empty("Access-Control-Allow-Headers") == "x-amz-target,content-type");
  CHECK(answer.headers.get_or_empty("Access-Control-Allow-Methods") == "POST");
  CHECK(answer.headers.get_or_empty("Access-Control-Max-Age") == "172800");
}

TEST_CASE("CORS: any page, as with the service, where every request is signed") {
  Harness h;
  const aws::Authenticator verifying(aws::Authenticator::Mode::kVerify, h.keys);
  Service service(*h.selector, aws::Front{verifying});
  CHECK(service.exposure() == http::Exposure::kSigned);
  auto head = h.head("DynamoDB_20120810.ListTables");
  head.headers.add("Origin", "http://evil.example");
  const http::Reply reply = service.handle(head, "{}");
  CHECK(reply.error_code == "UnrecognizedClientException");
  CHECK(reply.headers.get_or_empty("Access-Control-Allow-Origin") == "*");
}

TEST_CASE("pages: a foreign one is refused in the service's form") {
  Harness h;
  CHECK(h.service->exposure() == http::Exposure::kNothing);
  const http::Reply reply = h.service->refuse(h.head("DynamoDB_20120810.ListTables"), "Because.");
  CHECK(reply.status == 403);
  CHECK(reply.error_code == "AccessDeniedException");
  CHECK(std::get<std::string>(reply.body) ==
        R"({"__type":"com.amazon.coral.service#AccessDeniedException","Message":"Because."})");
  CHECK_FALSE(reply.headers.has("Access-Control-Allow-Origin"));
}

TEST_CASE("types: what JSON cannot become") {
  Harness h;
  const auto put = [&](const char* text) {
    const Answer answer = h.run_text("PutItem", text);
    CHECK(answer["__type"] == "com.amazon.coral.service#SerializationException");
    CHECK(answer.has("Message"));
    return answer.message();
  };
  CHECK(put(R"({"TableName":23})") == "NUMBER_VALUE cannot be converted to String");
  CHECK(put(R"({"TableName":2.5})") == "DECIMAL_VALUE cannot be converted to String");
  CHECK(put(R"({"TableName":true})") == "TRUE_VALUE cannot be converted to String");
  CHECK(put(R"({"TableName":[]})") == "Unrecognized collection type class java.lang.String");
  CHECK(put(R"({"TableName":{}})") == "Start of structure or map found where not expected");
  CHECK(put(R"({"Item":"x"})") == "Unexpected field type");
  CHECK(put(R"({"Item":[]})") ==
        "Unrecognized collection type java.util.Map<java.lang.String, "
        "com.amazonaws.dynamodb.v20120810.AttributeValue>");
  CHECK(put(R"({"Item":{"a":"x"}})") == "Unexpected value type in payload");
  CHECK(put(R"({"Item":{"a":[]}})") ==
        "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue");
  CHECK(put(R"({"Item":{"a":{"N":123}}})") == "NUMBER_VALUE cannot be converted to String");
  CHECK(put(R"({"Item":{"a":{"B":"abc"}}})") ==
        "Base64 encoded length is expected a multiple of 4 bytes but found: 3");
  CHECK(put(R"({"Item":{"a":{"B":true}}})") ==
        "only base-64-encoded strings are convertible to bytes");
  CHECK(put(R"({"Item":{"a":{"BOOL":1}}})") == "NUMBER_VALUE cannot be converted to Boolean");
  CHECK(put(R"({"Item":{"a":{"SS":"x"}}})") == "Unexpected field type");
  CHECK(put(R"({"Item":{"a":{"L":[{"M":{"x":{"S":[]}}}]}}})") ==
        "Unrecognized collection type class java.lang.String");
  CHECK(h.run_text("Scan", R"({"TableName":"abc","Limit":"5"})").message() ==
        "STRING_VALUE cannot be converted to Integer");
}

TEST_CASE("types: leniencies") {
  Harness h;
  h.create_hash_table("tab");
  CHECK(h.run_text("GetItem", R"({"TableName":"tab","Key":{"pk":{"S":"a"}},"ConsistentRead":"yes",)"
                              R"("Unknown":{"x":[1]},"ProjectionExpression":null})")
            .ok());
  CHECK(h.run_text("Scan", R"({"TableName":"tab","Limit":1.9})").ok());
  // Of members given twice the last counts.
  CHECK(h.run_text("PutItem",
                   R"({"TableName":"x","TableName":"tab","Item":{"pk":{"S":"a"},"v":{"N":"1"},)"
                   R"("v":{"N":"2"}}})")
            .ok());
  CHECK(h.get("tab", pk("a"))["v"] == N("2"));
}

TEST_CASE("constraints: several together, the table's name alone") {
  Harness h;
  CHECK(
      h.invalid("PutItem", {{"TableName", "tab"},
                            {"ReturnConsumedCapacity", "X"},
                            {"ReturnItemCollectionMetrics", "Y"},
                            {"ReturnValues", "Z"},
                            {"Item", Json::object()}}) ==
      "3 validation errors detected: Value 'X' at 'returnConsumedCapacity' failed to satisfy "
      "constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; Value 'Z' at "
      "'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, "
      "UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; Value 'Y' at 'returnItemCollectionMetrics' failed "
      "to satisfy constraint: Member must satisfy enum value set: [SIZE, NONE]");
  CHECK(h.invalid("PutItem", {{"TableName", ""}, {"ReturnValues", "Z"}}) ==
        "1 validation error detected: Value '' at 'tableName' failed to satisfy constraint: Member "
        "must have length greater than or equal to 1");
  CHECK(
      h.invalid("PutItem", {{"Item", pk("a")}}) ==
      "1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member "
      "must not be null");
  CHECK(h.invalid("PutItem", {{"TableName", "bad table!@#"}, {"Item", pk("a")}}) ==
        "1 validation error detected: Value 'bad table!@#' at 'tableName' failed to satisfy "
        "constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  CHECK(
      h.invalid("GetItem", {{"TableName", "tab"}}) ==
      "1 validation error detected: Value null at 'key' failed to satisfy constraint: Member must "
      "not be null");
  CHECK(h.invalid("Scan",
                  {{"TableName", "tab"}, {"ScanFilter", {{"a", {{"ComparisonOperator", "X"}}}}}}) ==
        "1 validation error detected: Value 'X' at 'scanFilter.a.member.comparisonOperator' failed "
        "to "
        "satisfy constraint: Member must satisfy enum value set: [IN, NULL, BETWEEN, LT, "
        "NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS]");
}

TEST_CASE("attribute values: what none may be") {
  Harness h;
  h.create_hash_table("tab");
  const auto put = [&](const Json& value) {
    return h.invalid("PutItem", {{"TableName", "tab"}, {"Item", {{"pk", S("a")}, {"x", value}}}});
  };
  const std::string kInvalid = "One or more parameter values were invalid: ";
  CHECK(put(Json::object()) ==
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes");
  CHECK(put({{"S", "a"}, {"N", "1"}}) ==
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the "
        "supported datatypes");
  CHECK(put({{"NULL", false}}) ==
        kInvalid + "Null attribute value types must have the value of true");
  CHECK(put({{"SS", Json::array()}}) == kInvalid + "An string set  may not be empty");
  CHECK(put({{"NS", Json::array()}}) == kInvalid + "An number set  may not be empty");
  CHECK(put({{"BS", Json::array()}}) == kInvalid + "Binary sets should not be empty");
  CHECK(put({{"SS", {"a", "a"}}}) == kInvalid + "Input collection [a, a] contains duplicates.");
  CHECK(put({{"NS", {"1", "1.0"}}}) == "Input collection contains duplicates");
  CHECK(put({{"BS", {"AA==", "AA=="}}}) ==
        kInvalid + "Input collection [AA==, AA==]of type BS contains duplicates.");
  CHECK(put(N("")) == "The parameter cannot be converted to a numeric value");
  CHECK(put(N("b")) == "The parameter cannot be converted to a numeric value: b");
  CHECK(put(N("1e126")) ==
        "Number overflow. Attempting to store a number with magnitude larger than supported range");
  CHECK(
      put(N("1e-131")) ==
      "Number underflow. Attempting to store a number with magnitude smaller than supported range");
  CHECK(put(N("123456789012345678901234567890123456789")) ==
        "Attempting to store more than 38 significant digits in a Number");
  CHECK(put({{"M", {{"", S("x")}}}}) == kInvalid + "Empty attribute name");
  CHECK(h.run("PutItem",
              {{"TableName", "tab"}, {"Item", {{"pk", S("a")}, {"s", S("")}, {"b", {{"B", ""}}}}}})
            .ok());
}

TEST_CASE("attribute values: 32 levels and no more") {
  Harness h;
  h.create_hash_table("tab");
  const auto nested = [](int levels) {
    Json value = S("x");
    for (int i = 0; i < levels; ++i)
      value = i % 2 == 0 ? Json{{"L", {value}}} : Json{{"M", {{"k", value}}}};
    return Json{{"TableName", "tab"}, {"Item", {{"pk", S("a")}, {"x", value}}}};
  };
  CHECK(h.run("PutItem", nested(32)).ok());
  CHECK(h.invalid("PutItem", nested(33)) ==
        "One or more parameter values were invalid: Nesting Levels have exceeded supported limits: "
        "Attributes in the item have nested levels beyond supported limit");
  CHECK(h.invalid("PutItem", nested(400)) ==
        "One or more parameter values were invalid: Nesting Levels have exceeded supported limits: "
        "Attributes in the item have nested levels beyond supported limit");
}

TEST_CASE("operations: what is not implemented is listed here, and shrinks") {
  // Against the service's model of 2012-08-10 with 57 operations.
  const std::vector<std::string_view> expected = {
      "BatchExecuteStatement",
      "CreateBackup",
      "CreateGlobalTable",
      "DeleteBackup",
      "DeleteResourcePolicy",
      "DescribeBackup",
      "DescribeContributorInsights",
      "DescribeExport",
      "DescribeGlobalTable",
      "DescribeGlobalTableSettings",
      "DescribeImport",
      "DescribeKinesisStreamingDestination",
      "DescribeTableReplicaAutoScaling",
      "DisableKinesisStreamingDestination",
      "EnableKinesisStreamingDestination",
      "ExecuteStatement",
      "ExecuteTransaction",
      "ExportTableToPointInTime",
      "GetResourcePolicy",
      "ImportTable",
      "ListBackups",
      "ListContributorInsights",
      "ListExports",
      "ListGlobalTables",
      "ListImports",
      "PutResourcePolicy",
      "RestoreTableFromBackup",
      "RestoreTableToPointInTime",
      "UpdateContinuousBackups",
      "UpdateContributorInsights",
      "UpdateGlobalTable",
      "UpdateGlobalTableSettings",
      "UpdateKinesisStreamingDestination",
      "UpdateTableReplicaAutoScaling",
  };
  std::vector<std::string_view> missing;
  for (const auto family : operation_families()) {
    for (const Operation& operation : family) {
      if (operation.run == nullptr) missing.push_back(operation.name);
    }
  }
  std::sort(missing.begin(), missing.end());
  CHECK(missing == expected);
  Harness h;
  for (const std::string_view name : missing) CHECK(h.run(name, Json::object()).status == 501);
}

TEST_CASE("operations: a name once, and all that are implemented take requests") {
  std::vector<std::string_view> names;
  for (const auto family : operation_families()) {
    for (const Operation& operation : family) {
      names.push_back(operation.name);
      CHECK((operation.run == nullptr) == (operation.input == nullptr));
    }
  }
  CHECK(names.size() == 57);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}

TEST_CASE("requests: mutated ones never crash and always get an answer") {
  Harness h;
  h.create_hash_table("tab");
  base::seed_random_for_test(7);
  const std::vector<std::pair<const char*, std::string>> seeds = {
      {"UpdateItem",
       R"({"TableName":"tab","Key":{"pk":{"S":"a"}},"UpdateExpression":"SET #a.b[1] = :v ADD n :n",)"
       R"("ConditionExpression":"attribute_exists(pk) AND size(x) > :n","ReturnValues":"ALL_NEW",)"
       R"("ExpressionAttributeNames":{"#a":"x"},"ExpressionAttributeValues":{":v":{"L":[{"M":{}}]},)"
       R"(":n":{"N":"1"}}})"},
      {"BatchWriteItem", R"({"RequestItems":{"tab":[{"PutRequest":{"Item":{"pk":{"S":"a"}}}},)"
                         R"({"DeleteRequest":{"Key":{"pk":{"S":"b"}}}}]}})"},
      {"TransactWriteItems",
       R"({"TransactItems":[{"Put":{"TableName":"tab","Item":{"pk":{"S":"a"}},"Expected":[1]}}]})"},
      {"Scan", R"({"TableName":"tab","Limit":1,"ScanFilter":{"a":{"ComparisonOperator":"IN",)"
               R"("AttributeValueList":[{"NS":["1"]}]}},"AttributesToGet":["a"]})"}};
  constexpr std::string_view kPieces[] = {"{",       "}",    "[", "]",      "\"",   ":",
                                          ",",       "null", "0", "-1e999", "true", "\\u0000",
                                          "\\ud800", "\xff", "S", "L",      "M"};
  for (int round = 0; round < 4000; ++round) {
    const auto& [operation, seed] = seeds[base::random_below(seeds.size())];
    std::string body = seed;
    for (std::uint64_t i = 0, n = 1 + base::random_below(3); i < n; ++i) {
      const std::size_t at = base::random_below(body.size());
      const std::size_t cut = base::random_below(6);
      body.replace(at, cut, kPieces[base::random_below(std::size(kPieces))]);
    }
    const Answer answer = h.run_text(operation, body);
    CHECK((answer.status == 200 || answer.status == 400));
  }
}

}  // namespace bodega::dynamodb
