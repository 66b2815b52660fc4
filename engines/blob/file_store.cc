// Blobs as files. A blob of id 0x00000000000001a7 is the file a7/00000000000001a7: the last two hex
// digits name one of 256 folders, which keeps each of them small and spreads consecutive ids.
//
//   <directory>/writing/<id>   a blob in the making; renamed to its place when it is finished
//   <directory>/<2 hex>/<id>   a blob; never changed again
//   <directory>/synced         there while every blob is known to be on the disk: written when a
//                              store that opens with kPower has synced them all, gone before one
//                              with less durability writes
//
// Ids count up. A start goes on beyond the largest id it finds plus a random leap, so that an id
// that was given and removed before a kill is not given again.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engines/base/check.h"
#include "engines/base/descriptor.h"
#include "engines/base/fault.h"
#include "engines/base/log.h"
#include "engines/base/mutex.h"
#include "engines/base/number_text.h"
#include "engines/base/random.h"
#include "engines/blob/store.h"

namespace bodega::blob {
namespace {

using base::Descriptor;
using base::Durability;
using base::StorageFault;
namespace fs = std::filesystem;

constexpr std::size_t kFolders = 256;
constexpr std::size_t kNameLength = 16;  // hex digits of an id
constexpr const char* kWriting = "writing";
constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;

// Pieces smaller than this are gathered before they are written.
constexpr std::size_t kGatherBytes = 64 * 1024;

// Closing the last descriptor of a removed file frees its bytes, some milliseconds for each 64 MiB.
constexpr std::uint64_t kSlowToFreeBytes = 1024 * 1024;

constexpr std::uint64_t kMostLeap = std::uint64_t{1} << 24;

constexpr const char* kSynced = "synced";

[[noreturn]] void fail(std::string_view what, const fs::path& path, int error = errno) {
  throw StorageFault("cannot " + std::string(what) + " " + path.string() + ": " +
                     std::strerror(error));
}

std::string name_of(BlobId id) {
  std::array<char, kNameLength + 1> text;
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(id));
  return {text.data(), kNameLength};
}

std::string folder_name(std::size_t folder) {
  std::array<char, 3> text;
  std::snprintf(text.data(), text.size(), "%02x", static_cast<unsigned>(folder & 0xff));
  return {text.data(), 2};
}

// The id a file's name says, or nothing when it is not one of ours.
std::optional<BlobId> id_of(std::string_view name) {
  return name.size() == kNameLength ? base::parse_integer<BlobId>(name, 16) : std::nullopt;
}

// Calls visit(name) for every entry of a folder; an absent folder is an empty one.
template <class Visit>
void list_names(const fs::path& path, Visit visit) {
  DIR* const folder = ::opendir(path.c_str());
  if (folder == nullptr) {
    if (errno == ENOENT) return;
    fail("list", path);
  }
  const std::unique_ptr<DIR, int (*)(DIR*)> closing(folder, &::closedir);
  for (;;) {
    errno = 0;
    const dirent* const entry = ::readdir(folder);
    if (entry == nullptr) {
      if (errno != 0) fail("list", path);
      return;
    }
    visit(std::string_view(entry->d_name));
  }
}

// Calls visit(id) for every file of ours in a folder.
template <class Visit>
void list_folder(const fs::path& path, Visit visit) {
  list_names(path, [&](std::string_view name) {
    if (const auto id = id_of(name)) visit(*id);
  });
}

void sync_folder(const fs::path& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() || ::fsync(folder.get()) != 0) fail("sync", path);
}

void sync_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.get()) != 0) fail("sync", path);
}

// What the mark of a folder says: which folder it was made for. A copy of the folder takes the mark
// along, but the copy was never synced.
std::string mark_of(const fs::path& folder) {
  struct stat facts;
  if (::stat(folder.c_str(), &facts) != 0) fail("examine", folder);
  return "folder " + std::to_string(facts.st_ino) + "\n";
}

std::string read_small_file(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return "";
    fail("open", path);
  }
  std::array<char, 64> text;
  const ssize_t length = ::read(file.get(), text.data(), text.size());
  if (length < 0) fail("read", path);
  return {text.data(), static_cast<std::size_t>(length)};
}

void write_small_file(const fs::path& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode));
  if (!file.is_open()) fail("create", path);
  if (::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    fail("write", path);
  }
  if (::fsync(file.get()) != 0) fail("sync", path);
}

class FileReader : public Reader {
 public:
  FileReader(Descriptor file, std::uint64_t size_bytes)
      : file_(std::move(file)), size_bytes_(size_bytes) {}

  std::uint64_t size_bytes() const override { return size_bytes_; }
  int fd() const override { return file_.get(); }

  std::size_t read(std::uint64_t offset, std::span<char> buffer) const override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t got = ::pread(file_.get(), buffer.data() + done, buffer.size() - done,
                                  static_cast<off_t>(offset + done));
      if (got == 0) break;
      if (got > 0) {
        done += static_cast<std::size_t>(got);
      } else if (errno != EINTR) {
        fail("read", "a blob");
      }
    }
    return done;
  }

 private:
  Descriptor file_;
  std::uint64_t size_bytes_;
};

class FileStore : public Store {
 public:
  explicit FileStore(const OpenOptions& options);

  std::unique_ptr<Writer> create() override;
  std::shared_ptr<const Reader> open(BlobId id) const override;
  bool remove(BlobId id) override;
  std::optional<BlobId> link(BlobId id) override;
  bool exists(BlobId id) const override { return size_bytes(id).has_value(); }
  std::optional<std::uint64_t> size_bytes(BlobId id) const override;
  Swept sweep(const std::function<bool(BlobId)>& is_named) override;
  void for_each(const std::function<void(BlobId)>& visit) const override;
  bool is_of_earlier_run(BlobId id) const override { return id < first_id_; }
  void link_into(const fs::path& directory) const override;
  Usage usage() const override { return {blobs_.load(), size_bytes_.load()}; }

  fs::path writing_path(BlobId id) const { return directory_ / kWriting / name_of(id); }
  // Gives what is at `from` its place as blob `id`, by rename or by a second name.
  enum class How { kRename, kLink };
  enum class Placed { kYes, kNoSource, kRefused };  // kRefused: not this way; errno says why
  Placed place(const fs::path& from, BlobId id, std::uint64_t size_bytes, How how);
  Durability durability() const { return durability_; }
  // Takes the name away; `file` holds the bytes, which are freed in the background. Returns
  // the error, 0 for none.
  int unlink_and_free(const fs::path& path, Descriptor file, std::uint64_t size_bytes);

 private:
  fs::path folder_path(BlobId id) const { return directory_ / folder_name(id & 0xff); }
  fs::path path_of(BlobId id) const { return folder_path(id) / name_of(id); }
  void make_folder(BlobId id);
  void read_folders();
  void sync_all();
  void remove_mark();

  const fs::path directory_;
  const Durability durability_;
  base::Executor* const executor_;
  const std::function<bool()> saves_room_;
  BlobId first_id_ = 1;  // blobs before it are of earlier runs
  std::atomic<BlobId> next_id_ = 1;
  std::atomic<std::uint64_t> blobs_ = 0;
  std::atomic<std::uint64_t> size_bytes_ = 0;  // of this run, and once swept of earlier ones
  base::Mutex sweep_mutex_;
  bool swept_ GUARDED_BY(sweep_mutex_) = false;
  std::vector<BlobId> removed_before_swept_ GUARDED_BY(sweep_mutex_);  // of earlier runs
  std::array<std::atomic<bool>, kFolders> folder_exists_{};
};

class FileWriter : public Writer {
 public:
  FileWriter(FileStore& store, BlobId id) : store_(store), id_(id), path_(store.writing_path(id)) {
    file_ = Descriptor(::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode));
    if (!file_.is_open()) fail("create", path_);
  }
  ~FileWriter() override {
    if (!finished_) store_.unlink_and_free(path_, std::move(file_), size_bytes_);
  }

  void write(std::string_view bytes) override {
    BODEGA_CHECK(!finished_);
    size_bytes_ += bytes.size();
    if (gathered_.size() + bytes.size() < kGatherBytes) {
      gathered_.append(bytes);
      return;
    }
    flush();
    if (bytes.size() < kGatherBytes) {
      gathered_.append(bytes);
    } else {
      write_out(bytes);
    }
  }

  std::uint64_t size_bytes() const override { return size_bytes_; }

  Written finish() override {
    BODEGA_CHECK(!finished_);
    flush();
    if (store_.durability() == Durability::kPower && ::fdatasync(file_.get()) != 0) {
      fail("sync", path_);
    }
    file_ = Descriptor();
    switch (store_.place(path_, id_, size_bytes_, FileStore::How::kRename)) {
      case FileStore::Placed::kYes: break;
      case FileStore::Placed::kNoSource: fail("finish", path_, ENOENT);
      case FileStore::Placed::kRefused: fail("finish", path_);
    }
    finished_ = true;
    return {id_, size_bytes_};
  }

 private:
  void flush() {
    write_out(gathered_);
    gathered_.clear();
  }

  void write_out(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::write(file_.get(), bytes.data(), bytes.size());
      if (put >= 0) {
        bytes.remove_prefix(static_cast<std::size_t>(put));
      } else if (errno != EINTR) {
        fail("write", path_);
      }
    }
  }

  FileStore& store_;
  const BlobId id_;
  const fs::path path_;
  Descriptor file_;
  std::string gathered_;
  std::uint64_t size_bytes_ = 0;
  bool finished_ = false;
};

FileStore::FileStore(const OpenOptions& options)
    : directory_(options.directory),
      durability_(options.durability),
      executor_(options.executor),
      saves_room_(options.saves_room) {
  if (options.access == Access::kReadOnly) {
    read_folders();
    return;
  }
  std::error_code error;
  fs::create_directories(directory_ / kWriting, error);
  if (error) fail("create", directory_ / kWriting, error.value());
  if (::access(directory_.c_str(), R_OK | W_OK | X_OK) != 0) fail("write to", directory_);
  read_folders();
  if (durability_ == Durability::kPower) {
    sync_all();
  } else {
    remove_mark();
  }
}

// Learns which folders and how many blobs there are, and where ids go on.
void FileStore::read_folders() {
  BlobId largest = 0;
  const auto note = [&](BlobId id) { largest = std::max(largest, id); };
  list_names(directory_, [&](std::string_view name) {
    unsigned folder = 0;
    const auto [end, wrong] = std::from_chars(name.data(), name.data() + name.size(), folder, 16);
    if (wrong != std::errc() || name != folder_name(folder)) return;
    folder_exists_[folder] = true;
    list_folder(directory_ / name, [&](BlobId id) {
      note(id);
      blobs_.fetch_add(1, std::memory_order_relaxed);
    });
  });
  list_folder(directory_ / kWriting, note);
  first_id_ = largest + 1 + base::random_below(kMostLeap);
  next_id_ = first_id_;
}

// Makes durable what is there, before anything is built upon it: a killed process may have written
// it moments ago, or one with less durability long ago. Entries of folders are synced each time;
// the files only where the mark does not say that they are.
void FileStore::sync_all() {
  const fs::path mark = directory_ / kSynced;
  const std::string wanted = mark_of(directory_);
  const bool files_are_synced = read_small_file(mark) == wanted;
  std::uint64_t files = 0;
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    if (!folder_exists_[folder].load(std::memory_order_acquire)) continue;
    const fs::path path = directory_ / folder_name(folder);
    if (!files_are_synced) {
      list_folder(path, [&](BlobId id) {
        sync_file(path / name_of(id));
        ++files;
      });
    }
    sync_folder(path);
  }
  sync_folder(directory_ / kWriting);
  if (!files_are_synced) write_small_file(mark, wanted);
  sync_folder(directory_);
  sync_folder(fs::absolute(directory_).parent_path());
  if (files > 0) {
    log::info("made " + std::to_string(files) +
              " files durable that were written with less durability");
  }
}

// Durably: a mark that came back after a power cut would vouch for files that were never synced.
void FileStore::remove_mark() {
  const fs::path mark = directory_ / kSynced;
  if (::unlink(mark.c_str()) == 0) {
    sync_folder(directory_);
  } else if (errno != ENOENT) {
    fail("remove", mark);
  }
}

void FileStore::make_folder(BlobId id) {
  std::atomic<bool>& exists = folder_exists_[id & 0xff];
  if (exists.load(std::memory_order_acquire)) return;
  const fs::path path = folder_path(id);
  if (::mkdir(path.c_str(), kFolderMode) != 0 && errno != EEXIST) fail("create", path);
  if (durability_ == Durability::kPower) sync_folder(directory_);
  exists.store(true, std::memory_order_release);
}

FileStore::Placed FileStore::place(const fs::path& from, BlobId id, std::uint64_t size_bytes,
                                   How how) {
  make_folder(id);
  const fs::path to = path_of(id);
  const int result = how == How::kRename ? std::rename(from.c_str(), to.c_str())
                                         : ::link(from.c_str(), to.c_str());
  if (result != 0) return errno == ENOENT ? Placed::kNoSource : Placed::kRefused;
  if (durability_ == Durability::kPower) {
    try {
      sync_folder(folder_path(id));
    } catch (const StorageFault&) {
      ::unlink(to.c_str());  // no record will name it
      throw;
    }
  }
  blobs_.fetch_add(1, std::memory_order_relaxed);
  size_bytes_.fetch_add(size_bytes, std::memory_order_relaxed);
  return Placed::kYes;
}

std::unique_ptr<Writer> FileStore::create() {
  if (saves_room_ && saves_room_()) throw StorageFault("no blob can be written: the disk is full");
  return std::make_unique<FileWriter>(*this, next_id_.fetch_add(1, std::memory_order_relaxed));
}

std::shared_ptr<const Reader> FileStore::open(BlobId id) const {
  const fs::path path = path_of(id);
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT) return nullptr;
    fail("open", path);
  }
  struct stat facts;
  if (::fstat(file.get(), &facts) != 0) fail("examine", path);
  return std::make_shared<FileReader>(std::move(file), static_cast<std::uint64_t>(facts.st_size));
}

std::optional<std::uint64_t> FileStore::size_bytes(BlobId id) const {
  const fs::path path = path_of(id);
  struct stat facts;
  if (::stat(path.c_str(), &facts) == 0) return static_cast<std::uint64_t>(facts.st_size);
  if (errno != ENOENT) fail("examine", path);
  return std::nullopt;
}

int FileStore::unlink_and_free(const fs::path& path, Descriptor file, std::uint64_t size_bytes) {
  if (::unlink(path.c_str()) != 0) return errno;
  if (executor_ == nullptr || size_bytes < kSlowToFreeBytes || !file.is_open()) return 0;
  executor_->post([held = std::make_shared<Descriptor>(std::move(file))] { *held = Descriptor(); });
  return 0;
}

bool FileStore::remove(BlobId id) {
  const fs::path path = path_of(id);
  const std::optional<std::uint64_t> size = size_bytes(id);
  if (!size) return false;
  Descriptor file;
  if (*size >= kSlowToFreeBytes) file = Descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const int error = unlink_and_free(path, std::move(file), *size);
  if (error == ENOENT) return false;  // another was first
  if (error != 0) fail("remove", path, error);
  blobs_.fetch_sub(1, std::memory_order_relaxed);
  if (id < first_id_) {
    const base::Lock lock(sweep_mutex_);
    if (!swept_) {
      removed_before_swept_.push_back(id);
      return true;
    }
  }
  size_bytes_.fetch_sub(*size, std::memory_order_relaxed);
  return true;
}

std::optional<BlobId> FileStore::link(BlobId id) {
  const std::optional<std::uint64_t> size = size_bytes(id);
  if (!size) return std::nullopt;
  const BlobId second = next_id_.fetch_add(1, std::memory_order_relaxed);
  switch (place(path_of(id), second, *size, How::kLink)) {
    case Placed::kYes: return second;
    case Placed::kNoSource: return std::nullopt;
    case Placed::kRefused: break;  // no more links to this file, or none at all on this file system
  }
  return Store::link(id);
}

Swept FileStore::sweep(const std::function<bool(BlobId)>& is_named) {
  Swept swept;
  std::unordered_map<BlobId, std::uint64_t> kept;
  list_folder(directory_ / kWriting, [&](BlobId id) {
    if (id >= first_id_) return;
    if (::unlink(writing_path(id).c_str()) == 0) ++swept.removed;
  });
  for_each([&](BlobId id) {
    if (id >= first_id_) return;
    const std::optional<std::uint64_t> size = size_bytes(id);
    if (!size) return;
    if (is_named(id)) {
      kept.emplace(id, *size);
    } else if (remove(id)) {
      ++swept.removed;
    }
  });
  swept.kept = kept.size();
  const base::Lock lock(sweep_mutex_);
  for (const BlobId removed : removed_before_swept_) kept.erase(removed);
  removed_before_swept_ = {};
  for (const auto& [id, size] : kept) size_bytes_.fetch_add(size, std::memory_order_relaxed);
  swept_ = true;
  return swept;
}

void FileStore::for_each(const std::function<void(BlobId)>& visit) const {
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    if (!folder_exists_[folder].load(std::memory_order_acquire)) continue;
    list_folder(directory_ / folder_name(folder), visit);
  }
}

void FileStore::link_into(const fs::path& directory) const {
  if (::mkdir(directory.c_str(), kFolderMode) != 0) fail("create", directory);
  for (std::size_t folder = 0; folder < kFolders; ++folder) {
    if (!folder_exists_[folder].load(std::memory_order_acquire)) continue;
    const fs::path from = directory_ / folder_name(folder);
    const fs::path to = directory / folder_name(folder);
    if (::mkdir(to.c_str(), kFolderMode) != 0) fail("create", to);
    list_folder(from, [&](BlobId id) {
      const std::string name = name_of(id);
      if (::link((from / name).c_str(), (to / name).c_str()) == 0 || errno == ENOENT) return;
      // Another file system, or too many links: a copy of its own.
      std::error_code error;
      if (!fs::copy_file(from / name, to / name, error) && exists(id)) {
        fail("copy to", to / name, error.value());
      }
    });
    if (durability_ == Durability::kPower) sync_folder(to);
  }
  if (durability_ == Durability::kPower) sync_folder(directory);
}

}  // namespace

std::unique_ptr<Store> open_file_store(const OpenOptions& options) {
  return std::make_unique<FileStore>(options);
}

}  // namespace bodega::blob
