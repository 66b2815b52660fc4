// The main() of every test program. Catch2 v3 brings its own; v2 wants it made in one file.
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
