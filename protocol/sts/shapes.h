// The shapes of STS's model that several operations share. What one operation takes stands above
// its row.
#pragma once

#include "protocol/aws/shape/shape.h"

namespace bodega::sts::shapes {

using aws::Member;
using aws::Shape;
using enum aws::Presence;

extern const Shape kArn;
extern const Shape kSessionName;
extern const Shape kFederatedName;
extern const Shape kPolicy;
extern const Shape kUnrestrictedPolicy;
extern const Shape kPolicyArns;
extern const Shape kRoleDuration;   // 15 minutes to 12 hours
extern const Shape kTokenDuration;  // 15 minutes to 36 hours
extern const Shape kTags;
extern const Shape kTagKeys;
extern const Shape kExternalId;
extern const Shape kSerialNumber;
extern const Shape kTokenCode;
extern const Shape kSourceIdentity;
extern const Shape kContexts;
extern const Shape kTokenSize;

}  // namespace bodega::sts::shapes
