// The three CRCs of S3 (and of DynamoDB's x-amz-crc32), as fast as the machine has them: folding
// with carry-less multiplication where the processor can, tables elsewhere; chosen at run time. And
// the one of Redis's files, which is never combined.
//
// Each takes the value of the bytes before (0 at the start), so that parts chain:
//   crc32(b, crc32(a)) == crc32(a + b)
// and each has a combine, so that the checksum of a multipart object needs no second reading:
//   crc32_combine(crc32(a), crc32(b), b.size()) == crc32(a + b)
#pragma once

#include <cstdint>
#include <string_view>

namespace bodega::base {

// CRC-32/ISO-HDLC ("IEEE", zlib's). "123456789" gives 0xcbf43926.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);
// CRC-32/ISCSI (Castagnoli). "123456789" gives 0xe3069283.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);
// CRC-64/NVME. "123456789" gives 0xae8b14860a799888.
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before = 0);
// CRC-64/REDIS ("Jones"), at the end of DUMP payloads and RDB files. "123456789" gives
// 0xe9c6d914c4b8d9ca.
std::uint64_t crc64redis(std::string_view bytes, std::uint64_t before = 0);

// The value of two runs of bytes behind each other, from the values of both and the length of the
// second. O(log length).
std::uint32_t crc32_combine(std::uint32_t first, std::uint32_t second,
                            std::uint64_t second_length_bytes);
std::uint32_t crc32c_combine(std::uint32_t first, std::uint32_t second,
                             std::uint64_t second_length_bytes);
std::uint64_t crc64nvme_combine(std::uint64_t first, std::uint64_t second,
                                std::uint64_t second_length_bytes);

// The same functions without any processor extension, for the tests and for processors without
// them.
namespace portable {
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);
std::uint64_t crc64nvme(std::string_view bytes, std::uint64_t before = 0);
std::uint64_t crc64redis(std::string_view bytes, std::uint64_t before = 0);
}  // namespace portable

}  // namespace bodega::base
