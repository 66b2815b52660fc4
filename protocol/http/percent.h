// Percent-encoding as AWS does it: everything but A-Z a-z 0-9 - . _ ~ becomes %XX in upper case.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace bodega::http {

enum class Slash { kEncode, kKeep };
enum class Plus { kLiteral, kSpace };

// RFC 3986 encoding; Slash::kKeep leaves '/' alone, as the canonical path of S3 wants it.
std::string percent_encode(std::string_view text, Slash slash);
// Appends instead of returning: for writers of long documents.
void append_percent_encoded(std::string& out, std::string_view text, Slash slash);

// Undoes %XX once. Plus::kSpace reads '+' as a space, as query strings and forms have it; in a path
// a plus is a plus. Returns nullopt when a '%' is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::kLiteral);
// The same into `out`, which has room for text.size() characters; tells how many it wrote.
std::optional<std::size_t> percent_decode_to(char* out, std::string_view text, Plus plus);

// Whether `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool is_utf8(std::string_view text);

}  // namespace bodega::http
