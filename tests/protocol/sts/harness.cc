#include "tests/protocol/sts/harness.h"

#include "engines/base/bytes.h"
#include "engines/base/digest.h"
#include "protocol/http/dates.h"
#include "protocol/http/percent.h"

namespace bodega::sts {
namespace {

std::string form_of(const std::string& action, const Parameters& parameters) {
  std::string form = "Action=" + action + "&Version=2011-06-15";
  for (const auto& [name, value] : parameters) {
    form += "&" + name + "=" + http::percent_encode(value, http::Slash::kEncode);
  }
  return form;
}

}  // namespace

std::string Answer::operator[](std::string_view name) const {
  const std::string open = "<" + std::string(name) + ">";
  const std::size_t start = text.find(open);
  if (start == std::string::npos) return "(none)";
  const std::size_t from = start + open.size();
  return text.substr(from, text.find("</" + std::string(name) + ">", from) - from);
}

Harness::Harness(aws::Authenticator::Mode mode)
    : authenticator(mode, session_keys), service(selector, aws::Front{authenticator}) {
  session_keys.look_in(selector);
  signer.account = "111122223333";
  if (mode == aws::Authenticator::Mode::kVerify) keys.add(signer);
}

Answer Harness::send(const std::string& action, const Parameters& parameters) {
  const std::string body = form_of(action, parameters);
  http::RequestHead head;
  head.method = "POST";
  head.path = "/";
  head.headers.add("Host", "localhost:4566");
  head.headers.add("Content-Type", "application/x-www-form-urlencoded");
  if (!signer.access_key_id.empty()) {
    aws::Signature signature;
    signature.access_key_id = signer.access_key_id;
    signature.timestamp = http::basic_iso_date(clock.now_s());
    signature.scope_date = signature.timestamp.substr(0, 8);
    signature.region = "us-east-1";
    signature.service = "sts";
    signature.signed_headers = {"host", "x-amz-date"};
    head.headers.add("X-Amz-Date", signature.timestamp);
    if (!signer.session_token.empty()) {
      head.headers.add("X-Amz-Security-Token", signer.session_token);
      signature.signed_headers.push_back("x-amz-security-token");
    }
    std::string signed_headers;
    for (const std::string& name : signature.signed_headers) {
      signed_headers += (signed_headers.empty() ? "" : ";") + name;
    }
    const std::string value = aws::sign(head, signature, base::to_hex(base::sha256(body)),
                                        aws::PathRule::kNormalised, signer.secret_access_key);
    head.headers.add("Authorization", "AWS4-HMAC-SHA256 Credential=" + signer.access_key_id + "/" +
                                          signature.scope() + ", SignedHeaders=" + signed_headers +
                                          ", Signature=" + value);
  }
  const http::Reply reply = service.handle(head, body);
  return {reply.status, std::get<std::string>(reply.body)};
}

Answer Harness::run(const std::string& action, const Parameters& parameters) {
  Answer answer = send(action, parameters);
  INFO(action << " " << answer.text);
  REQUIRE(answer.status == 200);
  return answer;
}

std::string Harness::error(const std::string& action, const Parameters& parameters) {
  const Answer answer = send(action, parameters);
  if (answer.status == 200) return "(none)";
  return answer["Code"] + ": " + answer["Message"];
}

void Harness::use(const Answer& credentials) {
  signer.access_key_id = credentials["AccessKeyId"];
  signer.secret_access_key = credentials["SecretAccessKey"];
  signer.session_token = credentials["SessionToken"];
}

}  // namespace bodega::sts
