// What a gate is told of a request, and the errors that it may answer with.
#include "tests/catch.h"
#include "tests/fixed_gate.h"
#include "tests/protocol/dynamodb/harness.h"

namespace bodega::dynamodb {

TEST_CASE("Gate: an UpdateItem that exceeds its throughput, and nothing is changed") {
  Harness h;
  tests::FixedGate gate("UpdateItem",
                        {"ProvisionedThroughputExceededException",
                         "The level of configured provisioned throughput for the table was "
                         "exceeded."});
  h.service = std::make_unique<Service>(*h.selector, aws::Front{h.authenticator, &gate});
  h.create_hash_table("tab");
  const Answer answer = h.run("UpdateItem", {{"TableName", "tab"},
                                             {"Key", pk("a")},
                                             {"UpdateExpression", "SET n = :n"},
                                             {"ExpressionAttributeValues", {{":n", N("1")}}}});
  CHECK(answer.status == 400);
  CHECK(answer.text.starts_with(
      R"({"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",)"
      R"("message":"The level of configured)"));
  CHECK(gate.seen.service == "dynamodb");
  CHECK(gate.seen.region == "us-east-1");
  CHECK(h.get("tab", pk("a")).is_null());
}

}  // namespace bodega::dynamodb
