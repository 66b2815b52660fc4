#include "protocol/dynamodb/tables/shapes.h"

namespace bodega::dynamodb::shapes {

namespace {

using enum Presence;
using Type = Shape::Type;

// Table operations want three characters; the data operations only one.
constexpr Shape kLongTableName{.type = Type::kString,
                               .min_length = 3,
                               .max_length = 255,
                               .pattern = &kNamePattern,
                               .exempt = is_arn,
                               .checked_first = true};
constexpr Shape kStartTableName{
    .type = Type::kString, .min_length = 3, .max_length = 255, .pattern = &kNamePattern};
constexpr Shape kListLimit{.type = Type::kInteger, .min_value = 1, .max_value = 100};
constexpr Shape kAttributeType{.type = Type::kString, .values = "B, N, S"};
constexpr Shape kKeyType{.type = Type::kString, .values = "HASH, RANGE"};
constexpr Shape kBillingMode{.type = Type::kString, .values = "PROVISIONED, PAY_PER_REQUEST"};
constexpr Shape kTableClass{.type = Type::kString,
                            .values = "STANDARD, STANDARD_INFREQUENT_ACCESS"};
constexpr Shape kProjectionType{.type = Type::kString, .values = "ALL, INCLUDE, KEYS_ONLY"};
constexpr Shape kStreamViewType{.type = Type::kString,
                                .values = "NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY"};
constexpr Shape kSseType{.type = Type::kString, .values = "AES256, KMS"};
constexpr Shape kUnits{.type = Type::kLong, .min_value = 1};
constexpr Shape kAnyLong{.type = Type::kLong};

constexpr Member kDefinitionMembers[] = {
    {"AttributeName", &kAnyString, kNotNull},
    {"AttributeType", &kAttributeType, kNotNull},
};
constexpr Shape kDefinition{
    .type = Type::kStructure, .name = "AttributeDefinition", .members = kDefinitionMembers};
constexpr Shape kDefinitions{.type = Type::kList, .element = &kDefinition};
constexpr Member kThroughputMembers[] = {
    {"WriteCapacityUnits", &kUnits, kNotNull},
    {"ReadCapacityUnits", &kUnits, kNotNull},
};
constexpr Shape kThroughput{
    .type = Type::kStructure, .name = "ProvisionedThroughput", .members = kThroughputMembers};
constexpr Member kKeyMembers[] = {
    {"AttributeName", &kAnyString, kNotNull},
    {"KeyType", &kKeyType, kNotNull},
};
constexpr Shape kKeyElement{
    .type = Type::kStructure, .name = "KeySchemaElement", .members = kKeyMembers};
constexpr Shape kKeySchema{
    .type = Type::kList, .element = &kKeyElement, .min_length = 1, .max_length = 2};
constexpr Shape kGlobalKeySchema{
    .type = Type::kList, .element = &kKeyElement, .min_length = 1, .max_length = 8};
constexpr Shape kNonKeyAttributes{
    .type = Type::kList, .element = &kAnyString, .min_length = 1, .max_length = 20};
constexpr Member kProjectionMembers[] = {
    {"ProjectionType", &kProjectionType},
    {"NonKeyAttributes", &kNonKeyAttributes},
};
constexpr Shape kProjection{
    .type = Type::kStructure, .name = "Projection", .members = kProjectionMembers};
constexpr Member kOnDemandMembers[] = {
    {"MaxReadRequestUnits", &kAnyLong},
    {"MaxWriteRequestUnits", &kAnyLong},
};
constexpr Shape kOnDemand{
    .type = Type::kStructure, .name = "OnDemandThroughput", .members = kOnDemandMembers};
constexpr Member kWarmMembers[] = {
    {"ReadUnitsPerSecond", &kAnyLong},
    {"WriteUnitsPerSecond", &kAnyLong},
};
constexpr Shape kWarm{.type = Type::kStructure, .name = "WarmThroughput", .members = kWarmMembers};
constexpr Member kLocalMembers[] = {
    {"IndexName", &kIndexName, kNotNull},
    {"KeySchema", &kKeySchema, kNotNull},
    {"Projection", &kProjection, kNotNull},
};
constexpr Shape kLocal{
    .type = Type::kStructure, .name = "LocalSecondaryIndex", .members = kLocalMembers};
constexpr Shape kLocals{.type = Type::kList, .element = &kLocal};
constexpr Member kGlobalMembers[] = {
    {"IndexName", &kIndexName, kNotNull},   {"KeySchema", &kGlobalKeySchema, kNotNull},
    {"Projection", &kProjection, kNotNull}, {"ProvisionedThroughput", &kThroughput},
    {"OnDemandThroughput", &kOnDemand},     {"WarmThroughput", &kWarm},
};
constexpr Shape kGlobal{
    .type = Type::kStructure, .name = "GlobalSecondaryIndex", .members = kGlobalMembers};
constexpr Shape kGlobals{.type = Type::kList, .element = &kGlobal};
constexpr Member kStreamMembers[] = {
    {"StreamEnabled", &kFlag, kNotNull},
    {"StreamViewType", &kStreamViewType},
};
constexpr Shape kStream{
    .type = Type::kStructure, .name = "StreamSpecification", .members = kStreamMembers};
constexpr Member kSseMembers[] = {
    {"Enabled", &kFlag},
    {"SSEType", &kSseType},
    {"KMSMasterKeyId", &kAnyString},
};
constexpr Shape kSse{.type = Type::kStructure, .name = "SSESpecification", .members = kSseMembers};
constexpr Shape kTagKey{.type = Type::kString, .min_length = 1};
constexpr Member kTagMembers[] = {
    {"Key", &kTagKey, kNotNull},
    {"Value", &kAnyString, kNotNull},
};
constexpr Shape kTag{.type = Type::kStructure, .name = "Tag", .members = kTagMembers};
constexpr Shape kTags{.type = Type::kList, .element = &kTag};

constexpr Member kCreateMembers[] = {
    {"AttributeDefinitions", &kDefinitions, kNotNull},
    {"TableName", &kLongTableName, kRequired},
    {"BillingMode", &kBillingMode},
    {"ProvisionedThroughput", &kThroughput},
    {"KeySchema", &kKeySchema, kNotNull},
    {"LocalSecondaryIndexes", &kLocals},
    {"GlobalSecondaryIndexes", &kGlobals},
    {"StreamSpecification", &kStream},
    {"SSESpecification", &kSse},
    {"Tags", &kTags},
    {"TableClass", &kTableClass},
    {"DeletionProtectionEnabled", &kFlag},
    {"OnDemandThroughput", &kOnDemand},
    {"WarmThroughput", &kWarm},
};
constexpr Member kNameMembers[] = {{"TableName", &kLongTableName, kRequired}};
constexpr Member kListMembers[] = {
    {"Limit", &kListLimit},
    {"ExclusiveStartTableName", &kStartTableName},
};
constexpr Member kUpdateIndexMembers[] = {
    {"IndexName", &kIndexName, kNotNull},
    {"ProvisionedThroughput", &kThroughput},
    {"OnDemandThroughput", &kOnDemand},
    {"WarmThroughput", &kWarm},
};
constexpr Shape kUpdateIndex{.type = Type::kStructure,
                             .name = "UpdateGlobalSecondaryIndexAction",
                             .members = kUpdateIndexMembers};
constexpr Shape kCreateIndex{.type = Type::kStructure,
                             .name = "CreateGlobalSecondaryIndexAction",
                             .members = kGlobalMembers};
constexpr Member kDeleteIndexMembers[] = {{"IndexName", &kIndexName, kNotNull}};
constexpr Shape kDeleteIndex{.type = Type::kStructure,
                             .name = "DeleteGlobalSecondaryIndexAction",
                             .members = kDeleteIndexMembers};
constexpr Member kIndexUpdateMembers[] = {
    {"Update", &kUpdateIndex},
    {"Create", &kCreateIndex},
    {"Delete", &kDeleteIndex},
};
constexpr Shape kIndexUpdate{
    .type = Type::kStructure, .name = "GlobalSecondaryIndexUpdate", .members = kIndexUpdateMembers};
constexpr Shape kIndexUpdates{.type = Type::kList, .element = &kIndexUpdate};
constexpr Member kUpdateMembers[] = {
    {"TableName", &kLongTableName, kRequired},
    {"AttributeDefinitions", &kDefinitions},
    {"ProvisionedThroughput", &kThroughput},
    {"BillingMode", &kBillingMode},
    {"GlobalSecondaryIndexUpdates", &kIndexUpdates},
    {"StreamSpecification", &kStream},
    {"SSESpecification", &kSse},
    {"TableClass", &kTableClass},
    {"DeletionProtectionEnabled", &kFlag},
    {"OnDemandThroughput", &kOnDemand},
    {"WarmThroughput", &kWarm},
};

}  // namespace

const Shape kCreateTableInput{
    .type = Type::kStructure, .name = "CreateTableInput", .members = kCreateMembers};
const Shape kDescribeTableInput{
    .type = Type::kStructure, .name = "DescribeTableInput", .members = kNameMembers};
const Shape kDeleteTableInput{
    .type = Type::kStructure, .name = "DeleteTableInput", .members = kNameMembers};
const Shape kListTablesInput{
    .type = Type::kStructure, .name = "ListTablesInput", .members = kListMembers};
const Shape kUpdateTableInput{
    .type = Type::kStructure, .name = "UpdateTableInput", .members = kUpdateMembers};

}  // namespace bodega::dynamodb::shapes
