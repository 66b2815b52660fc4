#include "server/command/completions.h"

#include <cstdint>
#include <vector>

#include "server/command/commands.h"
#include "server/command/settings.h"

namespace bodega::server {
namespace {

enum class Takes : std::uint8_t { kNothing, kFolder, kFile, kText };

// A word that may follow, with what may follow the word.
struct Word {
  std::string text;
  std::string help;
  Takes takes = Takes::kNothing;
};

Takes kind_of(std::string_view value) {
  if (value.empty()) return Takes::kNothing;
  if (value == "DIR") return Takes::kFolder;
  return value == "FILE" ? Takes::kFile : Takes::kText;
}

// The first sentence, or what stands before its first semicolon.
std::string brief(std::string_view help) {
  return std::string(help.substr(0, std::min(help.find(". "), help.find(';'))));
}

std::vector<Word> flags() {
  std::vector<Word> out;
  for (const Setting& setting : settings()) {
    out.push_back({"--" + std::string(setting.name), brief(setting.help), kind_of(setting.value)});
  }
  out.push_back({"--repair", "Open a damaged data folder"});
  out.push_back({"--help", "Print the options"});
  out.push_back({"--version", "Print the version"});
  return out;
}

std::vector<Word> subcommands() {
  std::vector<Word> out;
  for (const Command& command : commands()) {
    if (command.help.empty()) continue;
    out.push_back({std::string(command.name), brief(command.help), kind_of(command.arguments)});
  }
  return out;
}

// "a b c", of those that take this; of all without it.
std::string listed(const std::vector<Word>& words, std::optional<Takes> takes = std::nullopt,
                   std::string_view between = " ") {
  std::string out;
  for (const Word& word : words) {
    if (takes && word.takes != *takes) continue;
    if (!out.empty()) out += between;
    out += word.text;
  }
  return out;
}

// Between single quotes, where the shells differ: zsh takes '' only with an option.
std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// "  a | b) LINE ;;", or nothing when no word takes it.
void add_case(std::string& out, const std::string& words, std::string_view line) {
  if (!words.empty()) out.append("    ").append(words).append(") ").append(line).append(" ;;\n");
}

std::string bash() {
  const auto all = flags();
  const auto words = subcommands();
  std::string out =
      "# bash completion for bodega, printed by bodega completion bash\n"
      "_bodega() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
      "  case $before in\n";
  add_case(out, listed(all, Takes::kFolder, " | "),
           "mapfile -t COMPREPLY < <(compgen -d -- \"$word\"); return");
  add_case(out, listed(all, Takes::kFile, " | "),
           "mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return");
  add_case(out, listed(all, Takes::kText, " | "), "return");
  out += "  esac\n  case ${COMP_WORDS[1]} in\n";
  const std::string files = "[ \"$COMP_CWORD\" -gt 1 ] && mapfile -t COMPREPLY < <(compgen ";
  add_case(out, listed(words, Takes::kFolder, " | "), files + "-d -- \"$word\") && return");
  add_case(out, listed(words, Takes::kFile, " | "), files + "-f -- \"$word\") && return");
  out += "  esac\n  local words=\"" + listed(all) + "\"\n";
  out += "  [ \"$COMP_CWORD\" -eq 1 ] && words+=\" " + listed(words) + "\"\n";
  out +=
      "  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
      "}\n"
      "complete -o filenames -F _bodega bodega\n";
  return out;
}

// In _arguments a colon and a bracket divide.
std::string for_zsh(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh() {
  std::string out =
      "#compdef bodega\n"
      "# zsh completion for bodega, printed by bodega completion zsh\n"
      "local -a commands\n"
      "commands=(\n";
  for (const Word& word : subcommands()) {
    out += "  " + in_quotes(word.text + ":" + for_zsh(word.help)) + "\n";
  }
  out += ")\n_arguments \\\n";
  for (const Word& word : flags()) {
    std::string line = word.text + "[" + for_zsh(word.help) + "]";
    if (word.takes == Takes::kFolder) line += ":folder:_files -/";
    if (word.takes == Takes::kFile) line += ":file:_files";
    if (word.takes == Takes::kText) line += ":value:";
    out += "  " + in_quotes(line) + " \\\n";
  }
  return out +
         "  '1:command:{_describe command commands}' \\\n"
         "  '*:file:_files'\n";
}

// In fish a backslash and a quote inside quotes are written with a backslash.
std::string for_fish(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish() {
  std::string out =
      "# fish completion for bodega, printed by bodega completion fish\n"
      "complete -c bodega -f\n";
  const auto words = subcommands();
  for (const Word& word : words) {
    out += "complete -c bodega -n __fish_use_subcommand -a " + word.text + " -d " +
           for_fish(word.help) + "\n";
    if (word.takes != Takes::kNothing) {
      out += "complete -c bodega -n '__fish_seen_subcommand_from " + word.text + "' -F\n";
    }
  }
  for (const Word& word : flags()) {
    out += "complete -c bodega -l " + word.text.substr(2) + " -d " + for_fish(word.help);
    if (word.takes == Takes::kFolder) out += " -x -a '(__fish_complete_directories)'";
    if (word.takes == Takes::kFile) out += " -r -F";
    if (word.takes == Takes::kText) out += " -x";
    out += "\n";
  }
  return out;
}

}  // namespace

std::optional<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return std::nullopt;
}

}  // namespace bodega::server
