#include "tests/engines/object/fixture.h"

#include <ostream>

namespace bodega::object {

std::ostream& operator<<(std::ostream& out, Outcome outcome) {
  return out << "outcome " << static_cast<int>(outcome);
}

namespace testing {

Fixture::Fixture(Backend backend) : backend_(backend) {
  if (backend == Backend::kRocks) folder_.emplace();
  open();
  REQUIRE(engine->create_bucket({bucket, "111122223333", "us-east-1", 0, {}, false, {}}));
}

Fixture::~Fixture() = default;

void Fixture::open() {
  if (backend_ == Backend::kMemory) {
    store = kv::make_memory_store(kv::Database::kShared);
    blobs = blob::make_memory_store();
  } else {
    kv::OpenOptions options;
    options.directory = *folder_ / "store";
    store = kv::open_rocks_store(options);
    blob::OpenOptions blob_options;
    blob_options.directory = *folder_ / "blobs";
    blobs = blob::open_file_store(blob_options);
  }
  engine = std::make_unique<Engine>(*store, *blobs, clock, Options{kTestInlineLimitBytes});
}

void Fixture::reopen() {
  REQUIRE(backend_ == Backend::kRocks);
  engine.reset();
  store.reset();
  blobs.reset();
  open();
}

Data Fixture::data(std::string_view bytes) {
  DataWriter writer = engine->begin_write();
  writer.write(bytes.substr(0, bytes.size() / 3));
  writer.write(bytes.substr(bytes.size() / 3));
  return writer.finish();
}

std::string Fixture::put(std::string_view key, std::string_view bytes, std::string_view etag) {
  Put request;
  request.bucket = bucket;
  request.key = key;
  request.attributes.etag = etag.empty() ? bytes.substr(0, 32) : etag;
  request.attributes.owner = "111122223333";
  const auto done = engine->put(request, data(bytes));
  REQUIRE(done);
  return done->version_id;
}

Result<PutDone> Fixture::try_put(std::string_view key, std::string_view bytes,
                                 const Conditions& conditions) {
  Put request;
  request.bucket = bucket;
  request.key = key;
  request.attributes.etag = bytes.substr(0, 32);
  request.conditions = conditions;
  return engine->put(request, data(bytes));
}

std::string Fixture::get(std::string_view key, std::optional<std::string_view> version_id) {
  const auto opened = engine->open(bucket, key, version_id);
  if (!opened) return "(none)";
  CHECK(opened->version.size_bytes == opened->content.size_bytes());
  return read(opened->content);
}

std::string Fixture::read(const Content& content) {
  std::string out;
  ContentReader reader(content, 0, content.size_bytes());
  std::string buffer(17, '\0');  // odd on purpose
  while (const std::size_t got = reader.read(buffer)) {
    out.append(buffer, 0, got);
  }
  return out;
}

Removed Fixture::remove(std::string_view key, std::optional<std::string> version_id) {
  Remove request;
  request.bucket = bucket;
  request.key = key;
  request.version_id = std::move(version_id);
  request.owner = "111122223333";
  const auto removed = engine->remove(request);
  REQUIRE(removed);
  return *removed;
}

void Fixture::check_blobs_agree() {
  std::set<blob::BlobId> named;
  std::size_t count = 0;
  engine->named_blobs([&](blob::BlobId id) {
    named.insert(id);
    ++count;
  });
  CHECK(named.size() == count);  // every blob belongs to one record only
  std::set<blob::BlobId> there;
  blobs->for_each([&](blob::BlobId id) { there.insert(id); });
  CHECK(named == there);
}

std::string bytes_of(std::size_t size, unsigned seed) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>('a' + (i * 7 + seed) % 26);
  return bytes;
}

}  // namespace testing
}  // namespace bodega::object
