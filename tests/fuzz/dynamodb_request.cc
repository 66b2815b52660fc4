// Whole DynamoDB requests against tables with a few items: the first line names the operation, the
// rest is the body. Every answer is one of the service's own; an internal error is a find.
#include <array>
#include <memory>
#include <string>

#include "engines/base/check.h"
#include "engines/base/clock.h"
#include "engines/base/selector.h"
#include "engines/kv/store.h"
#include "engines/table/engine.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/dynamodb/service.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

// So many requests share a world, which then starts anew: what they leave behind is bounded.
constexpr int kRequests = 500;

class World {
 public:
  World() {
    send("CreateTable",
         R"({"TableName":"tab","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[)"
         R"({"AttributeName":"p","AttributeType":"S"},{"AttributeName":"r","AttributeType":"N"},)"
         R"({"AttributeName":"g","AttributeType":"B"}],"KeySchema":[)"
         R"({"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],)"
         R"("GlobalSecondaryIndexes":[{"IndexName":"glob","KeySchema":[)"
         R"({"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],)"
         R"("Projection":{"ProjectionType":"ALL"}}]})");
    for (const char* range : {"-1", "0", "1.5", "2e3"}) {
      send("PutItem", R"({"TableName":"tab","Item":{"p":{"S":"a"},"r":{"N":")" +
                          std::string(range) +
                          R"("},"g":{"B":"AA=="},)"
                          R"("l":{"L":[{"N":"1"},{"S":"x"}]},"m":{"M":{"k":{"N":"5"}}},)"
                          R"("s":{"SS":["x","y"]},"n":{"N":"7"}}})");
    }
  }

  http::Reply send(std::string_view operation, std::string_view body) {
    http::RequestHead head;
    head.method = "POST";
    head.path = "/";
    head.headers.add("Content-Type", "application/x-amz-json-1.0");
    head.headers.add("X-Amz-Target", "DynamoDB_20120810." + std::string(operation));
    head.headers.add("X-Amz-Date", "20260102T030405Z");
    head.headers.add("Authorization",
                     "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/dynamodb/aws4_request, "
                     "SignedHeaders=host, Signature=00");
    return service_.handle(head, std::string(body));
  }

 private:
  base::ManualClock clock_;
  std::unique_ptr<kv::Store> store_ = kv::make_memory_store(kv::Database::kShared);
  table::Engine engine_{*store_, clock_};
  base::SingleSelector<table::Engine> selector_{engine_, clock_};
  aws::KeyRing keys_;
  aws::Authenticator authenticator_{aws::Authenticator::Mode::kAcceptAny, keys_};
  dynamodb::Service service_{selector_, aws::Front{authenticator_}};
};

void run(std::string_view bytes) {
  static std::unique_ptr<World> world;
  static int requests = 0;
  if (requests++ % kRequests == 0) world = std::make_unique<World>();
  const std::string_view operation = take_line(bytes);
  const http::Reply reply = world->send(operation, bytes);
  BODEGA_CHECK(reply.status != 500);
}

constexpr std::array<std::string_view, 12> kSeeds{
    "UpdateItem\n"
    R"j({"TableName":"tab","Key":{"p":{"S":"a"},"r":{"N":"0"}},"UpdateExpression":)j"
    R"j("SET n = n + :v, l[0] = if_not_exists(l[9], :v) REMOVE m.k ADD c :v DELETE s :s",)j"
    R"j("ConditionExpression":)j"
    R"j("attribute_exists(#p) AND n BETWEEN :v AND :w","ExpressionAttributeNames":{"#p":"p"},)j"
    R"j("ExpressionAttributeValues":{":v":{"N":"1"},":w":{"N":"9e9"},":s":{"SS":["x"]}},)j"
    R"j("ReturnValues":"UPDATED_NEW"})j",
    "Query\n"
    R"j({"TableName":"tab","KeyConditionExpression":"p = :p AND r > :r","FilterExpression":)j"
    R"j("size(s) > :r OR contains(s, :p)","ProjectionExpression":"l[1], m.k",)j"
    R"j("ExpressionAttributeValues":{":p":{"S":"a"},":r":{"N":"-1"}},"Limit":2,)j"
    R"j("ScanIndexForward":false,"ReturnConsumedCapacity":"INDEXES"})j",
    "Query\n"
    R"j({"TableName":"tab","IndexName":"glob","KeyConditions":{"g":{"ComparisonOperator":"EQ",)j"
    R"j("AttributeValueList":[{"B":"AA=="}]}},"QueryFilter":{"n":{"ComparisonOperator":"GE",)j"
    R"j("AttributeValueList":[{"N":"7"}]}},"ExclusiveStartKey":{"p":{"S":"a"},"r":{"N":"0"},)j"
    R"j("g":{"B":"AA=="}}})j",
    "Scan\n"
    R"j({"TableName":"tab","Segment":1,"TotalSegments":4,"FilterExpression":"NOT m.k <> :v",)j"
    R"j("ExpressionAttributeValues":{":v":{"N":"5"}},"Select":"COUNT"})j",
    "PutItem\n"
    R"j({"TableName":"tab","Item":{"p":{"S":"b"},"r":{"N":"1e3"},"g":{"B":"AQ=="}},"Expected":)j"
    R"j({"n":{"Exists":false}},"ReturnValues":"ALL_OLD"})j",
    "UpdateItem\n"
    R"j({"TableName":"tab","Key":{"p":{"S":"a"},"r":{"N":"1.5"}},"AttributeUpdates":{"l":)j"
    R"j({"Action":"ADD","Value":{"L":[{"NULL":true}]}},"n":{"Action":"DELETE"}},)j"
    R"j("ReturnValues":"ALL_NEW"})j",
    "BatchWriteItem\n"
    R"j({"RequestItems":{"tab":[{"PutRequest":{"Item":{"p":{"S":"c"},"r":{"N":"1"}}}},)j"
    R"j({"DeleteRequest":{"Key":{"p":{"S":"c"},"r":{"N":"2"}}}}]}})j",
    "BatchGetItem\n"
    R"j({"RequestItems":{"tab":{"Keys":[{"p":{"S":"a"},"r":{"N":"0"}}],"ProjectionExpression":)j"
    R"j("#n","ExpressionAttributeNames":{"#n":"n"}}}})j",
    "TransactWriteItems\n"
    R"j({"TransactItems":[{"Put":{"TableName":"tab","Item":{"p":{"S":"d"},"r":{"N":"1"}}}},)j"
    R"j({"ConditionCheck":{"TableName":"tab","Key":{"p":{"S":"a"},"r":{"N":"0"}},)j"
    R"j("ConditionExpression":"attribute_type(n, :t)","ExpressionAttributeValues":)j"
    R"j({":t":{"S":"N"}}}}],"ClientRequestToken":"t"})j",
    "TransactGetItems\n"
    R"j({"TransactItems":[{"Get":{"TableName":"tab","Key":{"p":{"S":"a"},"r":{"N":"0"}}}}]})j",
    "UpdateTable\n"
    R"j({"TableName":"tab","AttributeDefinitions":[{"AttributeName":"n","AttributeType":"N"}],)j"
    R"j("GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"i","KeySchema":[{"AttributeName":)j"
    R"j("n","KeyType":"HASH"}],"Projection":{"ProjectionType":"INCLUDE",)j"
    R"j("NonKeyAttributes":["l"]}}}]})j",
    "TagResource\n"
    R"j({"ResourceArn":"arn:aws:dynamodb:us-east-1:000000000000:table/tab","Tags":[{"Key":"k",)j"
    R"j("Value":"v"}]})j",
};

}  // namespace

const Target kDynamodbRequest{"dynamodb_request", run, kSeeds};

}  // namespace bodega::fuzz
