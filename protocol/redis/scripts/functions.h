// Functions: the libraries of one instance and the functions that they have registered. The engine
// keeps the code of each (Engine::libraries()); what is here is made of it, and made again when the
// engine has been read back from the store.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/redis/scripts/library.h"
#include "protocol/redis/scripts/sandbox.h"
#include "protocol/redis/scripts/scripts.h"

namespace bodega::redis {

// The order of texts, whatever the case of their letters.
struct AnyCase {
  bool operator()(std::string_view one, std::string_view other) const;
};

class Functions {
 public:
  // Loads what the engine has. A library that fails is left out, which the log is told.
  explicit Functions(Instance& instance);
  ~Functions();
  Functions(const Functions&) = delete;
  Functions& operator=(const Functions&) = delete;

  using Libraries = std::map<std::string, std::unique_ptr<Library>, std::less<>>;
  const Libraries& libraries() const { return libraries_; }
  std::size_t function_count() const { return functions_.size(); }
  std::size_t code_bytes() const;
  const Sandbox& sandbox() const { return sandbox_; }

  // Null: there is no such function.
  const Function* find(std::string_view name) const;

  // Loads a library and returns its name. Throws Error and leaves everything as it was.
  enum class Existing : std::uint8_t { kIsAnError, kIsReplaced };
  std::string load(std::string_view code, Existing existing);
  // The same for several, all or none: what FUNCTION RESTORE does. With `flush` the others go.
  enum class Others : std::uint8_t { kStay, kGo };
  void restore(const std::vector<std::string_view>& codes, Existing existing, Others others);
  // False: there is no such library.
  bool remove(std::string_view name);
  void flush();

  void run(Call& call, std::string_view name, const Function& function, std::size_t key_count,
           Scripts::Access access);

 private:
  std::unique_ptr<Library> compile(std::string_view code);
  void check_names(const std::vector<std::unique_ptr<Library>>& added, Existing existing,
                   Others others) const;
  void add(std::unique_ptr<Library> library);
  void release(const Library& library);
  void forget(Libraries::iterator place);

  Instance& instance_;
  Sandbox sandbox_;
  Libraries libraries_;
  std::map<std::string_view, const Function*, AnyCase> functions_;
};

}  // namespace bodega::redis
