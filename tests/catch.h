// The test framework, whichever Catch2 the system has: v2 (Debian 12) or v3.
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <boost/system/result.hpp>

// Lets REQUIRE(result) compile for values and outcomes that cannot be printed.
template <class T, class Outcome>
struct Catch::StringMaker<boost::system::result<T, Outcome>> {
  static std::string convert(const boost::system::result<T, Outcome>& result) {
    return result.has_value() ? "a value" : "an outcome";
  }
};
