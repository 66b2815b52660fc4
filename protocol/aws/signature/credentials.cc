#include "protocol/aws/signature/credentials.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "engines/base/text.h"
#include "protocol/aws/signature/access_key.h"
#include "protocol/http/headers.h"

namespace bodega::aws {
namespace {

// Takes a finished section's key; a section without a key at all is some other profile.
void add_section(std::vector<Credential>& credentials, Credential section,
                 const std::string& place) {
  if (section.access_key_id.empty() && section.secret_access_key.empty()) return;
  if (section.access_key_id.empty() || section.secret_access_key.empty()) {
    throw std::runtime_error(place +
                             ": a section needs aws_access_key_id and "
                             "aws_secret_access_key");
  }
  if (section.account.empty()) section.account = account_of(section.access_key_id);
  if (!is_account(section.account)) {
    throw std::runtime_error(place + ": aws_account_id is not 12 digits");
  }
  credentials.push_back(std::move(section));
}

}  // namespace

bool is_account(std::string_view text) {
  return text.size() == 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string account_of(std::string_view access_key_id) {
  if (is_account(access_key_id)) return std::string(access_key_id);
  return account_in_session_key(access_key_id).value_or(std::string(kDefaultAccount));
}

std::vector<Credential> read_credentials_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("credentials file " + path.string() + " cannot be read");
  std::vector<Credential> credentials;
  Credential section;
  std::string line;
  std::string place;
  for (int number = 1; std::getline(file, line); ++number) {
    const std::string here = path.string() + ":" + std::to_string(number);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const std::string_view text = base::trim(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (text.front() == '[') {
      add_section(credentials, std::move(section), place);
      section = {};
      place = here;
      continue;
    }
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
      throw std::runtime_error(here + ": expected name = value");
    }
    const std::string_view name = base::trim(text.substr(0, equals));
    const std::string_view value = base::trim(text.substr(equals + 1));
    if (name == "aws_access_key_id") section.access_key_id = value;
    if (name == "aws_secret_access_key") section.secret_access_key = value;
    if (name == "aws_session_token") section.session_token = value;
    if (name == "aws_account_id") section.account = value;
  }
  if (file.bad()) throw std::runtime_error("credentials file " + path.string() + " cannot be read");
  add_section(credentials, std::move(section), place);
  return credentials;
}

KeyRing::KeyRing(std::vector<Credential> credentials) {
  for (Credential& credential : credentials) add(std::move(credential));
}

void KeyRing::add(Credential credential) {
  auto added = std::make_shared<const Credential>(std::move(credential));
  by_key_.insert_or_assign(added->access_key_id, added);
}

std::shared_ptr<const Credential> KeyRing::find(std::string_view access_key_id) const {
  const auto found = by_key_.find(access_key_id);
  return found == by_key_.end() ? nullptr : found->second;
}

}  // namespace bodega::aws
