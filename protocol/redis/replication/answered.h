// Answered: the strings of a reply of ours, as rewriting reads them: those of
// arrays within it in their order, each with the element of the outermost array
// that it belongs to.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bodega::redis {

class Answered {
 public:
  explicit Answered(std::string_view reply);

  std::size_t size() const { return texts_.size(); }
  const std::string& operator[](std::size_t index) const { return texts_[index].text; }
  std::size_t element_of(std::size_t index) const { return texts_[index].element; }

 private:
  struct Text {
    std::string text;
    std::size_t element;
  };

  void end_element();

  std::vector<Text> texts_;
  std::vector<std::int64_t> open_;  // of each array that is open, the elements yet to come
  std::size_t element_ = 0;
};

}  // namespace bodega::redis
