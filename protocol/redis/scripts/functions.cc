#include "protocol/redis/scripts/functions.h"

#include <algorithm>
#include <utility>

#include "engines/base/log.h"
#include "engines/keyspace/engine.h"
#include "protocol/redis/instance/instance.h"
#include "protocol/redis/wire/library_header.h"

namespace bodega::redis {

bool AnyCase::operator()(std::string_view one, std::string_view other) const {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; };
  return std::lexicographical_compare(one.begin(), one.end(), other.begin(), other.end(),
                                      [lower](char a, char b) { return lower(a) < lower(b); });
}

Functions::Functions(Instance& instance)
    : instance_(instance),
      sandbox_(Sandbox::Kind::kFunctions, instance.clock(),
               instance.options().script_memory_bytes) {
  for (const auto& [name, code] : instance.keyspace().libraries()) {
    try {
      std::vector<std::unique_ptr<Library>> added;
      added.push_back(compile(code));
      check_names(added, Existing::kIsAnError, Others::kStay);
      add(std::move(added.front()));
    } catch (const Error& error) {
      log::error("redis: the library " + name + " cannot be loaded: " + error.text());
    }
  }
}

Functions::~Functions() = default;

std::size_t Functions::code_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [name, library] : libraries_) bytes += name.size() + library->code.size();
  return bytes;
}

const Function* Functions::find(std::string_view name) const {
  const auto place = functions_.find(name);
  return place == functions_.end() ? nullptr : place->second;
}

// ---- Loading ----

std::unique_ptr<Library> Functions::compile(std::string_view code) {
  const LibraryHeader header = parse_library(code);
  const int main = sandbox_.compile(header.body, "@user_function");
  if (main == 0) throw Error("ERR Error compiling function: " + sandbox_.error());
  auto library = std::make_unique<Library>(Library{header.name, std::string(code)});
  const bool loaded = sandbox_.load_library(*library, main);
  sandbox_.release(main);
  if (loaded && !library->functions.empty()) return library;
  release(*library);
  if (!loaded) throw Error("ERR Error registering functions: " + sandbox_.error());
  throw Error("ERR No functions registered");
}

// Whether the names of what is to be added are free.
void Functions::check_names(const std::vector<std::unique_ptr<Library>>& added, Existing existing,
                            Others others) const {
  std::map<std::string_view, bool> replaced;  // by the names of libraries
  for (const auto& library : added) {
    const bool there = others == Others::kStay && libraries_.contains(library->name);
    if (there && existing == Existing::kIsAnError) {
      throw Error("ERR Library " + library->name + " already exists");
    }
    if (!replaced.emplace(library->name, there).second) {
      throw Error("ERR Library " + library->name + " already exists");
    }
  }
  std::map<std::string_view, bool, AnyCase> taken;
  for (const auto& [name, library] : libraries_) {
    if (others == Others::kGo || replaced.contains(name)) continue;
    for (const auto& [function, unused] : library->functions) taken.emplace(function, true);
  }
  for (const auto& library : added) {
    for (const auto& [function, unused] : library->functions) {
      if (!taken.emplace(function, true).second) {
        throw Error("ERR Function " + function + " already exists");
      }
    }
  }
}

void Functions::add(std::unique_ptr<Library> library) {
  const auto old = libraries_.find(library->name);
  if (old != libraries_.end()) forget(old);
  for (const auto& [name, function] : library->functions) functions_.emplace(name, &function);
  std::string name = library->name;
  libraries_.emplace(std::move(name), std::move(library));
}

void Functions::release(const Library& library) {
  for (const auto& [name, function] : library.functions) sandbox_.release(function.reference);
}

void Functions::forget(Libraries::iterator place) {
  release(*place->second);
  for (const auto& [name, function] : place->second->functions) functions_.erase(name);
  libraries_.erase(place);
}

std::string Functions::load(std::string_view code, Existing existing) {
  std::string name = parse_library(code).name;
  if (existing == Existing::kIsAnError && libraries_.contains(name)) {
    throw Error("ERR Library '" + name + "' already exists");
  }
  restore({code}, existing, Others::kStay);
  return name;
}

void Functions::restore(const std::vector<std::string_view>& codes, Existing existing,
                        Others others) {
  std::vector<std::unique_ptr<Library>> added;
  try {
    for (const std::string_view code : codes) added.push_back(compile(code));
    check_names(added, existing, others);
  } catch (const Error&) {
    for (const auto& library : added) release(*library);
    throw;
  }
  if (others == Others::kGo) {
    while (!libraries_.empty()) remove(std::string(libraries_.begin()->first));
  }
  for (auto& library : added) {
    instance_.keyspace().put_library(library->name, library->code);
    add(std::move(library));
  }
}

bool Functions::remove(std::string_view name) {
  const auto place = libraries_.find(name);
  if (place == libraries_.end()) return false;
  instance_.keyspace().remove_library(name);
  forget(place);
  return true;
}

void Functions::flush() { restore({}, Existing::kIsAnError, Others::kGo); }

// ---- Running ----

void Functions::run(Call& call, std::string_view name, const Function& function,
                    std::size_t key_count, Scripts::Access access) {
  check_declared(call, function.flags, access);
  Run run{call,
          name,
          Run::Kind::kFunction,
          call.args.subspan(3, key_count),
          call.args.subspan(3 + key_count),
          state_for(call, function.flags, access)};
  run_in(sandbox_, run, function.reference);
}

}  // namespace bodega::redis
