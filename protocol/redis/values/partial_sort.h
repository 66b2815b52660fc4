// partial_sort_front: puts the first `wanted` elements of a vector in order, with Bentley and
// McIlroy's quicksort ("Engineering a sort function", 1993). Redis sorts with it where a LIMIT or
// COUNT asks for a part, so of equal elements the same come first. All is here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace bodega::redis {

template <class Element, class Compare>
class PartialSort {
 public:
  // `by(a, b)` is negative, 0 or positive. Sorts what belongs before `items[wanted]`.
  PartialSort(std::vector<Element>& items, std::size_t wanted, Compare by)
      : items_(items), wanted_(wanted), compare_(by) {
    sort(0, items.size(), 0);
  }

 private:
  static constexpr std::size_t kInsertionBelow = 7;
  static constexpr std::size_t kNintherAbove = 40;
  static constexpr unsigned kMaxDepth = 128;  // reached by input that was made to reach it

  int compare(std::size_t a, std::size_t b) const { return compare_(items_[a], items_[b]); }
  void swap(std::size_t a, std::size_t b) { std::swap(items_[a], items_[b]); }
  void swap_runs(std::size_t a, std::size_t b, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) swap(a + i, b + i);
  }

  std::size_t median(std::size_t a, std::size_t b, std::size_t c) const {
    if (compare(a, b) < 0) return compare(b, c) < 0 ? b : compare(a, c) < 0 ? c : a;
    return compare(b, c) > 0 ? b : compare(a, c) < 0 ? a : c;
  }

  // Of three elements, of three times three when there are many.
  std::size_t pivot(std::size_t first, std::size_t count) const {
    std::size_t low = first;
    std::size_t mid = first + count / 2;
    std::size_t high = first + count - 1;
    if (count == kInsertionBelow) return mid;
    if (count > kNintherAbove) {
      const std::size_t part = count / 8;
      low = median(low, low + part, low + 2 * part);
      mid = median(mid - part, mid, mid + part);
      high = median(high - 2 * part, high - part, high);
    }
    return median(low, mid, high);
  }

  void insertion_sort(std::size_t first, std::size_t count) {
    for (std::size_t i = first + 1; i < first + count; ++i) {
      for (std::size_t at = i; at > first && compare(at - 1, at) > 0; --at) swap(at, at - 1);
    }
  }

  void merge_sort(std::size_t first, std::size_t count) {
    const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(first);
    std::stable_sort(begin, begin + static_cast<std::ptrdiff_t>(count),
                     [this](const Element& a, const Element& b) { return compare_(a, b) < 0; });
  }

  // Parts the range in three: equal elements are gathered at both ends while it is gone through,
  // and moved to the middle at last.
  void sort(std::size_t first, std::size_t count, unsigned depth) {
    while (count > 1 && first < wanted_) {
      if (count < kInsertionBelow) return insertion_sort(first, count);
      if (depth > kMaxDepth) return merge_sort(first, count);
      swap(first, pivot(first, count));
      const std::size_t end = first + count;
      std::size_t equal_low = first + 1;  // [first, equal_low): equal to the pivot
      std::size_t low = equal_low;        // [equal_low, low): less
      std::size_t high = end;             // [high, equal_high): greater
      std::size_t equal_high = end;       // [equal_high, end): equal
      for (;;) {
        for (int order; low < high && (order = compare(low, first)) <= 0; ++low) {
          if (order == 0) swap(equal_low++, low);
        }
        for (int order; low < high && (order = compare(high - 1, first)) >= 0; --high) {
          if (order == 0) swap(high - 1, --equal_high);
        }
        if (low >= high) break;
        swap(low++, --high);
      }
      const std::size_t less = low - equal_low;
      const std::size_t greater = equal_high - high;
      const std::size_t to_middle = std::min(equal_low - first, less);
      swap_runs(first, low - to_middle, to_middle);
      const std::size_t from_end = std::min(greater, end - equal_high);
      swap_runs(low, end - from_end, from_end);
      sort(first, less, depth + 1);
      first = end - greater;
      count = greater;
    }
  }

  std::vector<Element>& items_;
  std::size_t wanted_;
  Compare compare_;
};

template <class Element, class Compare>
void partial_sort_front(std::vector<Element>& items, std::size_t wanted, Compare compare) {
  PartialSort<Element, Compare>(items, wanted, compare);
}

}  // namespace bodega::redis
