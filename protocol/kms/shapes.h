// The shapes of KMS's model that several operations share. What one operation takes stands above
// its row.
#pragma once

#include "protocol/aws/shape/shape.h"

namespace bodega::kms::shapes {

using aws::Member;
using aws::Shape;
using enum aws::Presence;

extern const Shape kKeyId;
extern const Shape kAliasName;
extern const Shape kDescription;
extern const Shape kPolicy;
extern const Shape kPolicyName;
extern const Shape kTags;
extern const Shape kTagKeys;
extern const Shape kFlag;
extern const Shape kLimit;
extern const Shape kMarker;
extern const Shape kGrantTokens;
extern const Shape kRecipient;
extern const Shape kEncryptionContext;
extern const Shape kPlaintext;  // never repeated in a message
extern const Shape kCiphertext;
extern const Shape kNumberOfBytes;
extern const Shape kEncryptionAlgorithm;
extern const Shape kDryRunModifiers;

// {KeyId}, which many operations take and nothing else.
extern const Shape kKeyIdInput;

}  // namespace bodega::kms::shapes
