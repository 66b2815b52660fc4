// Many threads on one engine. Catch2's macros are not thread-safe: threads count, the test asserts.
#include <atomic>
#include <functional>
#include <thread>

#include "tests/engines/object/fixture.h"

namespace bodega::object::testing {

constexpr int kThreads = 8;

static void in_parallel(const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

static Data write(Engine& engine, std::string_view bytes) {
  DataWriter writer = engine.begin_write();
  writer.write(bytes);
  return writer.finish();
}

TEST_CASE("Concurrency: of many If-None-Match creates exactly one wins") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  for (int round = 0; round < 30; ++round) {
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    in_parallel([&](int thread) {
      Put put;
      put.bucket = f.bucket;
      put.key = "key" + std::to_string(round);
      put.conditions.if_none_match_any = true;
      put.attributes.etag = std::to_string(thread);
      const auto done = f.engine->put(put, write(*f.engine, bytes_of(100)));
      if (done) {
        ++won;
      } else if (done.error().outcome == Outcome::kPreconditionFailed) {
        ++lost;
      }
    });
    CHECK(won == 1);
    CHECK(lost == kThreads - 1);
  }
  CHECK(f.blobs->usage().blobs == 30);
  f.check_blobs_agree();
}

TEST_CASE("Concurrency: If-Match makes a counter that loses no step") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  f.put("counter", "0", "0");
  constexpr int kSteps = 25;
  in_parallel([&](int) {
    for (int step = 0; step < kSteps;) {
      const auto now = f.engine->head(f.bucket, "counter");
      Put put;
      put.bucket = f.bucket;
      put.key = "counter";
      put.conditions.if_match = now->attributes.etag;
      put.attributes.etag = std::to_string(std::stoi(now->attributes.etag) + 1);
      if (f.engine->put(put, write(*f.engine, "x"))) ++step;
    }
  });
  CHECK(f.engine->head(f.bucket, "counter")->attributes.etag == std::to_string(kThreads * kSteps));
}

TEST_CASE("Concurrency: a reader of an overwritten key sees one object wholly") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  f.put("key", std::string(1000, 'a'), "a");
  std::atomic<int> torn = 0;
  std::atomic<int> read = 0;
  in_parallel([&](int thread) {
    for (int i = 0; i < 50; ++i) {
      if (thread < 3) {
        const char letter = static_cast<char>('a' + (i + thread) % 26);
        Put put;
        put.bucket = f.bucket;
        put.key = "key";
        put.attributes.etag = std::string(1, letter);
        const std::size_t size = i % 5 == 0 ? 20 : 1000;  // inline now and then
        if (!f.engine->put(put, write(*f.engine, std::string(size, letter)))) ++torn;
        continue;
      }
      const auto opened = f.engine->open(f.bucket, "key");
      if (!opened) {
        ++torn;
        continue;
      }
      std::string bytes(static_cast<std::size_t>(opened->content.size_bytes()), '\0');
      std::size_t done = 0;
      while (const std::size_t got = opened->content.read(done, std::span(bytes).subspan(done))) {
        done += got;
      }
      const std::string expected(bytes.size(), opened->version.attributes.etag[0]);
      if (bytes != expected) ++torn;
      ++read;
    }
  });
  CHECK(torn == 0);
  CHECK(read == (kThreads - 3) * 50);
  f.check_blobs_agree();
}

TEST_CASE("Concurrency: everything at once leaves no loose ends") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  REQUIRE(f.engine->set_versioning(f.bucket, Versioning::kEnabled));
  std::atomic<int> surprises = 0;
  in_parallel([&](int thread) {
    for (int i = 0; i < 40; ++i) {
      const std::string key = "key" + std::to_string(i % 3);
      Put put;
      put.bucket = f.bucket;
      put.key = key;
      switch ((i + thread) % 6) {
        case 0:
          if (!f.engine->put(put, write(*f.engine, bytes_of(200)))) ++surprises;
          break;
        case 1: {
          Remove remove;
          remove.bucket = f.bucket;
          remove.key = key;
          const auto latest = f.engine->head(f.bucket, key);
          if (latest && i % 2 == 0) remove.version_id = latest->version_id;
          if (!f.engine->remove(remove)) ++surprises;
          break;
        }
        case 2: {
          const auto opened = f.engine->open(f.bucket, key);
          if (!opened) break;
          put.key = "copy" + std::to_string(thread);
          if (!f.engine->put(put, f.engine->duplicate(opened->content))) ++surprises;
          break;
        }
        case 3: {
          const auto upload = f.engine->create_upload({f.bucket, key, {}, "1"});
          Part part;
          part.number = 1;
          part.etag = "e";
          f.engine->put_part(f.bucket, key, upload->upload_id, part,
                             write(*f.engine, bytes_of(300)));
          CompleteUpload complete;
          complete.bucket = f.bucket;
          complete.key = key;
          complete.upload_id = upload->upload_id;
          complete.parts = {{1, "e", {}}};
          if (i % 4 == 0) {
            if (!f.engine->abort_upload(f.bucket, key, upload->upload_id)) ++surprises;
          } else if (!f.engine->complete_upload(complete)) {
            ++surprises;
          }
          break;
        }
        case 4: {
          const auto page = f.engine->list_versions({f.bucket, "", "", "", "", 1000});
          std::string latest_of;
          for (const ListedVersion& version : page->versions) {
            // The first of a key is the latest, and no other is.
            if (version.is_latest != (version.object.key != latest_of)) ++surprises;
            latest_of = version.object.key;
          }
          break;
        }
        case 5:
          if (i % 10 == 5) {
            f.engine->set_versioning(
                f.bucket, thread % 2 == 0 ? Versioning::kSuspended : Versioning::kEnabled);
          }
          f.engine->list_objects({f.bucket, "", "", {}, 10});
          break;
      }
    }
  });
  CHECK(surprises == 0);
  f.check_blobs_agree();
  // The latest of each key is what a plain list shows.
  const auto versions = f.engine->list_versions({f.bucket, "", "", "", "", 100'000});
  std::vector<std::string> from_versions;
  for (const ListedVersion& version : versions->versions) {
    if (version.is_latest && !version.is_delete_marker) from_versions.push_back(version.object.key);
  }
  std::vector<std::string> from_objects;
  const auto objects = f.engine->list_objects({f.bucket, "", "", {}, 1000});
  for (const ListedObject& object : objects->objects) from_objects.push_back(object.key);
  CHECK(from_versions == from_objects);
}

TEST_CASE("Concurrency: a bucket goes only when it is empty, whoever puts meanwhile") {
  Fixture f(GENERATE(Backend::kMemory, Backend::kRocks));
  for (int round = 0; round < 20; ++round) {
    Bucket bucket;
    bucket.name = "round" + std::to_string(round);
    REQUIRE(f.engine->create_bucket(bucket));
    std::atomic<int> stored = 0;
    std::atomic<bool> removed = false;
    in_parallel([&](int thread) {
      if (thread == 0) {
        removed = f.engine->remove_bucket(bucket.name).has_value();
        return;
      }
      Put put;
      put.bucket = bucket.name;
      put.key = std::to_string(thread);
      if (f.engine->put(put, write(*f.engine, bytes_of(100)))) ++stored;
    });
    if (removed) {
      CHECK(stored == 0);
      CHECK(f.engine->find_bucket(bucket.name) == nullptr);
    } else {
      CHECK(stored == kThreads - 1);
    }
  }
  f.check_blobs_agree();
}

}  // namespace bodega::object::testing
