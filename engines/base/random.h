// Random bits: for ids and for sampling (fast, per thread, seeded from the system), and for secrets
// (from OpenSSL's generator, which is unpredictable).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace bodega::base {

// 64 random bits. Thread-safe, no system call after a thread's first use.
std::uint64_t random_u64();

// A uniform number in [0, bound). REQUIRES: bound > 0.
std::uint64_t random_below(std::uint64_t bound);

// `length` characters drawn uniformly from `alphabet`. REQUIRES: alphabet is not empty.
std::string random_string(std::size_t length, std::string_view alphabet);

// A random UUID, version 4: "4b0b5bdd-5a0c-4f1b-9f5b-3c1a6b1e9a40".
std::string random_uuid();

// `length` random bytes for a secret.
std::string secret_bytes(std::size_t length);

// `length` characters for a secret, drawn uniformly from `alphabet`. REQUIRES: it has 1 to 256.
std::string secret_text(std::size_t length, std::string_view alphabet);

// Makes this thread's sequence a function of `seed`, for tests that must repeat.
void seed_random_for_test(std::uint64_t seed);

}  // namespace bodega::base
