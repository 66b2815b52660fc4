// What the operations that give out sessions share: making one, writing it, and the parameters that
// narrow it down.
#pragma once

#include <cstdint>
#include <string>

#include "engines/identity/model.h"
#include "protocol/sts/operations.h"

namespace bodega::sts {

struct NewSession {
  std::string account;
  std::string arn;
  std::string user_id;
  std::string source_identity = {};
  std::int64_t duration_s = 0;
};

// Draws the credentials, and keeps them in the world before anybody is told of them.
identity::Session start_session(const Request& request, const NewSession& session);

// <Credentials>…</Credentials>
void write_credentials(xml::Writer& result, const identity::Session& session);

// What share of the room for them the policies take, in percent; 0 when there are none. Throws
// MalformedPolicyDocument and PackedPolicyTooLarge. Nothing is decided by policies yet.
std::uint64_t check_policies(const Request& request);

// Session tags and which of them are transitive. Throws InvalidParameterValue.
void check_tags(const Request& request);

// Whether signatures are verified (--auth verify), so that sessions are worth what they allow.
bool verifies(const Request& request);

// Throws for what is known and would have to have an effect; where signatures are verified, for
// session policies too.
void refuse_unimplemented(const Request& request);
// Throws AccessDenied when a code of an MFA device is sent: there are none.
void refuse_mfa(const Request& request);

}  // namespace bodega::sts
