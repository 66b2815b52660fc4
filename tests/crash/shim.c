// Stands between a process and its files below one folder (LD_PRELOAD). It does three things, each
// only when it is asked to:
//
//   - It keeps a journal of every call that changes what is in the folder, and of every sync, in
//     the order in which they happened. disk.py replays it and knows what a power cut could leave.
//   - It lets chosen calls fail, be slow, do half of their work, or be the last that the process
//     makes. The rules stand in a file that both sides map, so the test sets them while it runs.
//   - It leaves real syncs out, because a simulated power cut does not need them.
//
// BODEGA_SHIM_ROOT names the folder, BODEGA_SHIM_RULES the file of rules, BODEGA_SHIM_JOURNAL the
// journal (optional). The layouts of both files are repeated in shim.py.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { kRules = 32, kMostDescriptors = 1 << 16, kMostPath = 1024 };

// Bits, because a rule can be about several.
enum {
  kOpen = 1 << 0,
  kWrite = 1 << 1,
  kTruncate = 1 << 2,
  kRename = 1 << 3,
  kLink = 1 << 4,
  kUnlink = 1 << 5,
  kMkdir = 1 << 6,
  kFsync = 1 << 7,
  kFdatasync = 1 << 8,
  kRead = 1 << 9,
  kFallocate = 1 << 10,
  kRangeSync = 1 << 11,
  kOpenToRead = 1 << 12,
  // Only in the journal:
  kStart = 1 << 16,
  kSynced = 1 << 17,
  kSyncedData = 1 << 18,
};

enum { kFail = 1, kHalf = 2, kSleep = 3, kKill = 4, kKillHalf = 5 };

struct rule {
  uint32_t active;
  uint32_t calls;
  uint32_t action;
  int32_t error;
  uint32_t skip;   // so many matching calls pass before the rule applies
  uint32_t times;  // it applies so often; 0: always
  uint32_t sleep_ms;
  uint32_t seen;   // matching calls so far
  uint32_t fired;  // how often it applied
  char pattern[220];
};

struct rules {
  uint32_t leave_out_syncs;
  uint32_t unused;
  uint64_t calls;  // that could have changed something, of all processes
  struct rule rule[kRules];
};

struct record {
  uint32_t magic;
  uint32_t call;
  uint64_t sequence;
  uint64_t handle;
  uint64_t offset;  // open: flags; truncate: the size; a finished sync: the sequence of its start
  uint32_t data_bytes;
  uint16_t path_bytes;
  uint16_t second_path_bytes;
};

enum { kMagic = 0x6a6f7572 };

struct descriptor {
  uint64_t handle;  // 0: not one of ours
  char* path;       // below the root
};

static char root[kMostPath];
static size_t root_bytes;
static struct rules* rules;
static int journal = -1;
static uint64_t next_sequence = 1;
static uint64_t next_handle = 1;
static struct descriptor table[kMostDescriptors];
// Held over a call and its record, so that the journal has the order of what happened.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name)                      \
  static __typeof__(&name) real_##name; \
  if (!real_##name) real_##name = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static void put_record(uint32_t call, uint64_t handle, uint64_t offset, const char* path,
                       const char* second, const void* data, size_t bytes) {
  if (journal < 0) return;
  REAL(writev);
  struct record record = {.magic = kMagic,
                          .call = call,
                          .sequence = next_sequence++,
                          .handle = handle,
                          .offset = offset,
                          .data_bytes = (uint32_t)bytes,
                          .path_bytes = (uint16_t)strlen(path),
                          .second_path_bytes = (uint16_t)strlen(second)};
  struct iovec parts[] = {{&record, sizeof record},
                          {(void*)path, record.path_bytes},
                          {(void*)second, record.second_path_bytes},
                          {(void*)data, bytes}};
  size_t whole = sizeof record + record.path_bytes + record.second_path_bytes + bytes;
  if (real_writev(journal, parts, 4) != (ssize_t)whole) {
    static const char kFull[] = "shim: the journal cannot be written\n";
    (void)!write(2, kFull, sizeof kFull - 1);
    raise(SIGKILL);
  }
}

__attribute__((constructor)) static void start(void) {
  const char* folder = getenv("BODEGA_SHIM_ROOT");
  const char* rules_file = getenv("BODEGA_SHIM_RULES");
  if (!folder || !rules_file || strlen(folder) >= kMostPath) return;
  REAL(open);
  const int fd = real_open(rules_file, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* mapped = mmap(NULL, sizeof *rules, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  REAL(close);
  real_close(fd);
  if (mapped == MAP_FAILED) return;
  const char* journal_file = getenv("BODEGA_SHIM_JOURNAL");
  const int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC;
  if (journal_file) journal = real_open(journal_file, flags, 0600);
  strcpy(root, folder);
  root_bytes = strlen(root);
  rules = mapped;
  put_record(kStart, 0, 0, "", "", NULL, 0);
}

// The path below the root, or NULL for a path that is elsewhere. `space` has kMostPath bytes.
static const char* below(int folder, const char* path, char* space) {
  if (!rules || !path) return NULL;
  char whole[2 * kMostPath];
  if (path[0] != '/') {
    char link[64];
    char base[kMostPath];
    if (folder == AT_FDCWD) {
      snprintf(link, sizeof link, "/proc/self/cwd");
    } else {
      snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    }
    const ssize_t got = readlink(link, base, sizeof base - 1);
    if (got < 0) return NULL;
    base[got] = 0;
    snprintf(whole, sizeof whole, "%s/%s", base, path);
  } else {
    snprintf(whole, sizeof whole, "%s", path);
  }
  char clean[2 * kMostPath];
  size_t out = 0;
  for (const char* at = whole; *at; ++at) {
    if (*at == '/' && at[1] == '/') continue;
    if (*at == '/' && at[1] == '.' && (at[2] == '/' || at[2] == 0)) {
      ++at;
      continue;
    }
    clean[out++] = *at;
  }
  while (out > 1 && clean[out - 1] == '/') --out;
  clean[out] = 0;
  if (strncmp(clean, root, root_bytes) != 0) return NULL;
  if (clean[root_bytes] == 0) return strcpy(space, ".");
  if (clean[root_bytes] != '/' || out - root_bytes >= kMostPath) return NULL;
  return strcpy(space, clean + root_bytes + 1);
}

static struct descriptor* known(int fd) {
  if (!rules || fd < 0 || fd >= kMostDescriptors || !table[fd].handle) return NULL;
  return &table[fd];
}

static void forget(int fd) {
  if (!rules || fd < 0 || fd >= kMostDescriptors) return;
  pthread_mutex_lock(&mutex);
  free(table[fd].path);
  table[fd].path = NULL;
  table[fd].handle = 0;
  pthread_mutex_unlock(&mutex);
}

// What the rules say of a call that is about to be made: 0 go on, kFail (errno is set), kHalf,
// kKillHalf. Sleeps and dies by itself.
static int judge(uint32_t call, const char* path, const char* second) {
  if (!rules) return 0;
  uint32_t sleep_ms = 0;
  int verdict = 0;
  pthread_mutex_lock(&mutex);
  if (!(call & (kRead | kOpenToRead))) ++rules->calls;
  for (int i = 0; i < kRules && verdict == 0; ++i) {
    struct rule* rule = &rules->rule[i];
    if (!__atomic_load_n(&rule->active, __ATOMIC_ACQUIRE) || !(rule->calls & call)) continue;
    if (fnmatch(rule->pattern, path, 0) != 0 &&
        (!second || fnmatch(rule->pattern, second, 0) != 0)) {
      continue;
    }
    if (rule->seen++ < rule->skip) continue;
    if (rule->times && rule->fired >= rule->times) continue;
    ++rule->fired;
    switch (rule->action) {
      case kSleep: sleep_ms += rule->sleep_ms; break;
      case kKill: raise(SIGKILL); break;
      case kHalf:
        rule->action = kFail;  // the rest of it meets an error
        verdict = kHalf;
        break;
      case kKillHalf: verdict = kKillHalf; break;
      default: verdict = kFail; errno = rule->error;
    }
  }
  const int error = errno;
  pthread_mutex_unlock(&mutex);
  if (sleep_ms) {
    struct timespec wait = {sleep_ms / 1000, (long)(sleep_ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
  }
  errno = error;
  return verdict;
}

static int opened(int fd, const char* path, int flags) {
  if (fd < 0 || fd >= kMostDescriptors) return fd;
  table[fd].handle = next_handle++;
  free(table[fd].path);
  table[fd].path = strdup(path);
  put_record(kOpen, table[fd].handle, (uint64_t)flags, path, "", NULL, 0);
  return fd;
}

static int open_below(int folder, const char* name, int flags, mode_t mode, const char* path) {
  REAL(openat);
  const uint32_t call = flags & (O_ACCMODE | O_CREAT) ? kOpen : kOpenToRead;
  if (judge(call, path, NULL) == kFail) return -1;
  pthread_mutex_lock(&mutex);
  const int fd = opened(real_openat(folder, name, flags, mode), path, flags);
  const int error = errno;
  pthread_mutex_unlock(&mutex);
  errno = error;
  return fd;
}

static int open_any(int folder, const char* name, int flags, mode_t mode) {
  char space[kMostPath];
  const char* path = below(folder, name, space);
  if (path) return open_below(folder, name, flags, mode, path);
  REAL(openat);
  return real_openat(folder, name, flags, mode);
}

#define MODE_OF(flags)                     \
  mode_t mode = 0;                         \
  if ((flags) & (O_CREAT | __O_TMPFILE)) { \
    va_list list;                          \
    va_start(list, flags);                 \
    mode = (mode_t)va_arg(list, unsigned); \
    va_end(list);                          \
  }

int open(const char* name, int flags, ...) {
  MODE_OF(flags)
  return open_any(AT_FDCWD, name, flags, mode);
}
int open64(const char* name, int flags, ...) __attribute__((alias("open")));

int openat(int folder, const char* name, int flags, ...) {
  MODE_OF(flags)
  return open_any(folder, name, flags, mode);
}
int openat64(int folder, const char* name, int flags, ...) __attribute__((alias("openat")));

static FILE* stream_of(const char* name, const char* how) {
  char space[kMostPath];
  const char* path = below(AT_FDCWD, name, space);
  REAL(fopen);
  if (!path) return real_fopen(name, how);
  int flags = how[0] == 'r' ? 0 : O_CREAT | (how[0] == 'w' ? O_TRUNC : O_APPEND);
  if (strchr(how, '+'))
    flags |= O_RDWR;
  else if (flags)
    flags |= O_WRONLY;
  const int fd = open_below(AT_FDCWD, name, flags | O_CLOEXEC, 0666, path);
  return fd < 0 ? NULL : fdopen(fd, how);
}

FILE* fopen(const char* name, const char* how) { return stream_of(name, how); }
FILE* fopen64(const char* name, const char* how) { return stream_of(name, how); }

int close(int fd) {
  REAL(close);
  forget(fd);
  return real_close(fd);
}

int fclose(FILE* stream) {
  REAL(fclose);
  forget(fileno(stream));
  return real_fclose(stream);
}

int closedir(DIR* stream) {
  REAL(closedir);
  forget(dirfd(stream));
  return real_closedir(stream);
}

// A write at `offset`, or at the descriptor's place when it is negative.
static ssize_t write_below(int fd, const char* data, size_t bytes, off_t offset) {
  REAL(write);
  REAL(pwrite);
  const int verdict = judge(kWrite, table[fd].path, NULL);
  if (verdict == kFail) return -1;
  if (verdict == kHalf || verdict == kKillHalf) bytes /= 2;
  pthread_mutex_lock(&mutex);
  const ssize_t put =
      offset < 0 ? real_write(fd, data, bytes) : real_pwrite(fd, data, bytes, offset);
  const int error = errno;
  if (put > 0) {
    const off_t at = offset < 0 ? lseek(fd, 0, SEEK_CUR) - put : offset;
    put_record(kWrite, table[fd].handle, (uint64_t)at, table[fd].path, "", data, (size_t)put);
  }
  if (verdict == kKillHalf) raise(SIGKILL);
  pthread_mutex_unlock(&mutex);
  errno = error;
  return put;
}

ssize_t write(int fd, const void* data, size_t bytes) {
  if (known(fd)) return write_below(fd, data, bytes, -1);
  REAL(write);
  return real_write(fd, data, bytes);
}

ssize_t pwrite(int fd, const void* data, size_t bytes, off_t offset) {
  if (known(fd)) return write_below(fd, data, bytes, offset);
  REAL(pwrite);
  return real_pwrite(fd, data, bytes, offset);
}
ssize_t pwrite64(int, const void*, size_t, off_t) __attribute__((alias("pwrite")));

ssize_t writev(int fd, const struct iovec* parts, int count) {
  REAL(writev);
  if (!known(fd)) return real_writev(fd, parts, count);
  ssize_t total = 0;
  for (int i = 0; i < count; ++i) {
    if (parts[i].iov_len == 0) continue;
    const ssize_t put = write_below(fd, parts[i].iov_base, parts[i].iov_len, -1);
    if (put < 0) return total ? total : -1;
    total += put;
    if ((size_t)put < parts[i].iov_len) break;
  }
  return total;
}

// Reads fail by rule; what is copied into a file of ours goes to the journal as a write.
ssize_t sendfile(int out, int in, off_t* offset, size_t bytes) {
  REAL(sendfile);
  REAL(pread);
  if (known(in) && judge(kRead, table[in].path, NULL) == kFail) return -1;
  if (!known(out)) return real_sendfile(out, in, offset, bytes);
  char piece[1 << 16];
  const off_t at = offset ? *offset : lseek(in, 0, SEEK_CUR);
  const ssize_t got = real_pread(in, piece, bytes < sizeof piece ? bytes : sizeof piece, at);
  if (got <= 0) return got;
  const ssize_t put = write_below(out, piece, (size_t)got, -1);
  if (put < 0) return -1;
  if (offset)
    *offset = at + put;
  else
    lseek(in, at + put, SEEK_SET);
  return put;
}
ssize_t sendfile64(int, int, off_t*, size_t) __attribute__((alias("sendfile")));

ssize_t copy_file_range(int in, off64_t* in_at, int out, off64_t* out_at, size_t bytes,
                        unsigned flags) {
  REAL(copy_file_range);
  if (!known(out)) return real_copy_file_range(in, in_at, out, out_at, bytes, flags);
  errno = EXDEV;  // whoever asks for this must have another way
  return -1;
}

ssize_t pread(int fd, void* data, size_t bytes, off_t offset) {
  REAL(pread);
  if (known(fd) && judge(kRead, table[fd].path, NULL) == kFail) return -1;
  return real_pread(fd, data, bytes, offset);
}
ssize_t pread64(int, void*, size_t, off_t) __attribute__((alias("pread")));

ssize_t read(int fd, void* data, size_t bytes) {
  REAL(read);
  if (known(fd) && judge(kRead, table[fd].path, NULL) == kFail) return -1;
  return real_read(fd, data, bytes);
}

int ftruncate(int fd, off_t size) {
  REAL(ftruncate);
  if (!known(fd)) return real_ftruncate(fd, size);
  if (judge(kTruncate, table[fd].path, NULL) == kFail) return -1;
  pthread_mutex_lock(&mutex);
  const int result = real_ftruncate(fd, size);
  const int error = errno;
  if (result == 0) {
    put_record(kTruncate, table[fd].handle, (uint64_t)size, table[fd].path, "", NULL, 0);
  }
  pthread_mutex_unlock(&mutex);
  errno = error;
  return result;
}
int ftruncate64(int, off_t) __attribute__((alias("ftruncate")));

static int fallocate_below(int fd, int mode, off_t offset, off_t bytes) {
  REAL(fallocate);
  if (judge(kFallocate, table[fd].path, NULL) == kFail) return -1;
  pthread_mutex_lock(&mutex);
  const int result = real_fallocate(fd, mode, offset, bytes);
  const int error = errno;
  struct stat now;
  if (result == 0 && !(mode & FALLOC_FL_KEEP_SIZE) && fstat(fd, &now) == 0) {
    put_record(kTruncate, table[fd].handle, (uint64_t)now.st_size, table[fd].path, "", NULL, 0);
  }
  pthread_mutex_unlock(&mutex);
  errno = error;
  return result;
}

int fallocate(int fd, int mode, off_t offset, off_t bytes) {
  if (known(fd)) return fallocate_below(fd, mode, offset, bytes);
  REAL(fallocate);
  return real_fallocate(fd, mode, offset, bytes);
}
int fallocate64(int, int, off_t, off_t) __attribute__((alias("fallocate")));

int posix_fallocate(int fd, off_t offset, off_t bytes) {
  if (known(fd)) return fallocate_below(fd, 0, offset, bytes) == 0 ? 0 : errno;
  REAL(posix_fallocate);
  return real_posix_fallocate(fd, offset, bytes);
}

// A sync makes durable what was written before it began, once it has ended well.
static int sync_below(int fd, uint32_t call, uint32_t done, int (*real)(int)) {
  if (judge(call, table[fd].path, NULL) == kFail) return -1;
  pthread_mutex_lock(&mutex);
  const uint64_t begun = next_sequence;
  const uint64_t handle = table[fd].handle;
  put_record(call, handle, 0, table[fd].path, "", NULL, 0);
  pthread_mutex_unlock(&mutex);
  const int result = rules->leave_out_syncs ? 0 : real(fd);
  const int error = errno;
  pthread_mutex_lock(&mutex);
  if (result == 0) put_record(done, handle, begun, table[fd].path, "", NULL, 0);
  pthread_mutex_unlock(&mutex);
  errno = error;
  return result;
}

int fsync(int fd) {
  REAL(fsync);
  return known(fd) ? sync_below(fd, kFsync, kSynced, real_fsync) : real_fsync(fd);
}

int fdatasync(int fd) {
  REAL(fdatasync);
  return known(fd) ? sync_below(fd, kFdatasync, kSyncedData, real_fdatasync) : real_fdatasync(fd);
}

// Promises nothing about a power cut, so the journal does not have it.
int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
  REAL(sync_file_range);
  if (!known(fd)) return real_sync_file_range(fd, offset, bytes, flags);
  if (judge(kRangeSync, table[fd].path, NULL) == kFail) return -1;
  return rules->leave_out_syncs ? 0 : real_sync_file_range(fd, offset, bytes, flags);
}

// A call about one or two names: asked of the rules, made, and put into the journal.
#define NAMED_CALL(call, path, second, expression)                                  \
  if (judge(call, path, second) == kFail) return -1;                                \
  pthread_mutex_lock(&mutex);                                                       \
  const int result = (expression);                                                  \
  const int error = errno;                                                          \
  if (result == 0) put_record(call, 0, 0, path, (second) ? (second) : "", NULL, 0); \
  pthread_mutex_unlock(&mutex);                                                     \
  errno = error;                                                                    \
  return result

int rename(const char* from, const char* to) {
  REAL(rename);
  char space[kMostPath], second[kMostPath];
  const char* path = below(AT_FDCWD, from, space);
  const char* target = below(AT_FDCWD, to, second);
  if (!path || !target) return real_rename(from, to);
  NAMED_CALL(kRename, path, target, real_rename(from, to));
}

int link(const char* from, const char* to) {
  REAL(link);
  char space[kMostPath], second[kMostPath];
  const char* path = below(AT_FDCWD, from, space);
  const char* target = below(AT_FDCWD, to, second);
  if (!path || !target) return real_link(from, to);
  NAMED_CALL(kLink, path, target, real_link(from, to));
}

int unlink(const char* name) {
  REAL(unlink);
  char space[kMostPath];
  const char* path = below(AT_FDCWD, name, space);
  if (!path) return real_unlink(name);
  NAMED_CALL(kUnlink, path, NULL, real_unlink(name));
}

int rmdir(const char* name) {
  REAL(rmdir);
  char space[kMostPath];
  const char* path = below(AT_FDCWD, name, space);
  if (!path) return real_rmdir(name);
  NAMED_CALL(kUnlink, path, NULL, real_rmdir(name));
}

int remove(const char* name) {
  REAL(remove);
  char space[kMostPath];
  const char* path = below(AT_FDCWD, name, space);
  if (!path) return real_remove(name);
  NAMED_CALL(kUnlink, path, NULL, real_remove(name));
}

int unlinkat(int folder, const char* name, int flags) {
  REAL(unlinkat);
  char space[kMostPath];
  const char* path = below(folder, name, space);
  if (!path) return real_unlinkat(folder, name, flags);
  NAMED_CALL(kUnlink, path, NULL, real_unlinkat(folder, name, flags));
}

int mkdir(const char* name, mode_t mode) {
  REAL(mkdir);
  char space[kMostPath];
  const char* path = below(AT_FDCWD, name, space);
  if (!path) return real_mkdir(name, mode);
  NAMED_CALL(kMkdir, path, NULL, real_mkdir(name, mode));
}
