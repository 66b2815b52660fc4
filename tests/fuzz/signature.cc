// Signatures of both versions, in headers and queries. The first line is METHOD PATH?QUERY, the
// others are header fields.
#include <array>
#include <string>

#include "engines/base/text.h"
#include "protocol/aws/signature/sigv2.h"
#include "protocol/aws/signature/sigv4.h"
#include "protocol/http/message.h"
#include "tests/fuzz/target.h"

namespace bodega::fuzz {

namespace {

http::RequestHead head_of(std::string_view bytes) {
  http::RequestHead head;
  std::string_view line = take_line(bytes);
  const std::size_t blank = std::min(line.find(' '), line.size());
  head.method = line.substr(0, blank);
  line.remove_prefix(std::min(blank + 1, line.size()));
  const std::size_t mark = line.find('?');
  head.path = "/" + std::string(line.substr(0, mark));
  if (mark != std::string_view::npos) head.query = http::Query::parse(line.substr(mark + 1));
  head.has_query_mark = mark != std::string_view::npos;
  while (!bytes.empty()) {
    line = take_line(bytes);
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view value = line.substr(std::min(colon + 1, line.size()));
    head.headers.add(std::string(line.substr(0, colon)), std::string(base::trim(value)));
  }
  return head;
}

void run(std::string_view bytes) {
  static const aws::KeyRing keys({{"AKID", "secret", "", "111122223333"}});
  static const aws::Authenticator authenticator(aws::Authenticator::Mode::kVerify, keys);
  constexpr std::int64_t kNow = 1'767'323'045;  // of the seeds
  const http::RequestHead head = head_of(bytes);
  if (const auto signature = aws::Authenticator::parse(head)) {
    static_cast<void>(
        authenticator.verify(head, *signature, "UNSIGNED-PAYLOAD", "s3", aws::PathRule::kS3, kNow));
    for (const aws::PathRule rule : {aws::PathRule::kS3, aws::PathRule::kNormalised}) {
      aws::sign(head, *signature, "UNSIGNED-PAYLOAD", rule, "secret");
    }
    authenticator.account(signature->access_key_id);
  }
  if (const auto signature = aws::parse_v2(head)) {
    static_cast<void>(aws::verify_v2(head, *signature, "bucket", keys, kNow));
    aws::sign_v2(head, *signature, "bucket", "secret");
  }
}

constexpr std::array<std::string_view, 5> kSeeds{
    "GET b/k%20x?list-type=2&prefix=%2f\nHost: b.localhost\nX-Amz-Date: 20260102T030405Z\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260102/us-east-1/s3/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=0123456789abcdef\n",
    "GET k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20260102%2Fus-east-1%2Fs3"
    "%2Faws4_request&X-Amz-Date=20260102T030405Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host"
    "&X-Amz-Signature=00\nHost: localhost:4566\n",
    "PUT b/k?acl&versionId=x\nDate: Fri, 02 Jan 2026 03:04:05 GMT\nx-amz-meta-a:  b   c \n"
    "Authorization: AWS AKID:c2lnbmF0dXJl\n",
    "GET k?AWSAccessKeyId=AKID&Expires=1767323045&Signature=c2ln%3D\n",
    "POST a/../b//./c\nAuthorization: AWS4-HMAC-SHA256 Credential=,Signature=\n",
};

}  // namespace

const Target kSignature{"signature", run, kSeeds};

}  // namespace bodega::fuzz
