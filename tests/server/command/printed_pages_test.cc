// The manual page and the completions hold every setting and subcommand.
#include "server/command/commands.h"
#include "server/command/completions.h"
#include "server/command/manual_page.h"
#include "server/command/settings.h"
#include "tests/catch.h"

using namespace bodega::server;

namespace {

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// As roff writes it.
std::string with_hyphens(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '-' ? std::string("\\-") : std::string(1, c);
  return out;
}

}  // namespace

TEST_CASE("Manual page: every setting and subcommand stands in it") {
  const std::string page = manual_page();
  for (const Setting& setting : settings()) {
    CHECK(holds(page, "\\fB\\-\\-" + with_hyphens(setting.name) + "\\fR"));
    CHECK(holds(page, environment_name(setting)));
  }
  for (const Command& command : commands()) {
    if (command.help.empty()) continue;
    CHECK(holds(page, "\\fBbodega " + with_hyphens(command.name) + "\\fR"));
  }
}

TEST_CASE("Manual page: no line of text begins as a request of roff") {
  const std::string page = manual_page();
  CHECK_FALSE(holds(page, "\n'"));
  CHECK_FALSE(holds(page, "\n..."));
  CHECK(page.starts_with(".TH BODEGA 1 "));
}

TEST_CASE("Completions: every setting and subcommand stands in each script") {
  for (const std::string_view shell : {"bash", "zsh", "fish"}) {
    const auto script = completion_script(shell);
    REQUIRE(script);
    for (const Setting& setting : settings()) {
      const std::string flag = (shell == "fish" ? "-l " : "--") + std::string(setting.name);
      CHECK(holds(*script, flag));
    }
    for (const Command& command : commands()) {
      if (!command.help.empty()) CHECK(holds(*script, command.name));
    }
  }
}

TEST_CASE("Completions: another shell has none") { CHECK_FALSE(completion_script("tcsh")); }
