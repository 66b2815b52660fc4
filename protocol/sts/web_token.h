// The token of a web identity: a JWT. What it claims is read; its signature cannot be verified
// without the provider's keys, which would have to be fetched from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bodega::sts {

struct WebToken {
  std::string issuer;
  std::string subject;
  std::string audience;  // the first of several
  std::string source_identity;
};

// Throws InvalidIdentityToken for what is no JWT, is not signed, is not valid yet or lacks a claim,
// and ExpiredTokenException.
WebToken read_web_token(std::string_view token, std::int64_t now_s);

}  // namespace bodega::sts
