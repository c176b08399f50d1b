// Preloaded into a child: notes every change to the files of one directory, in order and with its bytes.
//
// A change is done and noted under one lock, so that the order of the notes is the order of the changes. The
// calls go to the system directly; whoever is preloaded twice would otherwise call itself.
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int notes = -1;

__attribute__((constructor)) static void begin(void) {
  const char *to = getenv("RECORD_TO");
  if (to != NULL) notes = (int)syscall(SYS_openat, AT_FDCWD, to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

// The name of a path in the directory; `.` is the directory itself, NULL lies outside.
static const char *inside(const char *path) {
  const char *dir = getenv("RECORD_DIR");
  size_t length = dir == NULL ? 0 : strlen(dir);
  if (length == 0 || strncmp(path, dir, length) != 0) return NULL;
  if (path[length] == '\0') return ".";
  return path[length] == '/' ? path + length + 1 : NULL;
}

static const char *name_of(int fd, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length < 0) return NULL;
  path[length] = '\0';
  return inside(path);
}

static void note(const char *what, const char *name, long long at, const void *bytes, size_t length) {
  char head[PATH_MAX + 64];
  int size = snprintf(head, sizeof head, "%s %s %lld %zu\n", what, name, at, length);
  struct iovec parts[2] = {{head, (size_t)size}, {(void *)bytes, length}};
  ssize_t written = syscall(SYS_writev, notes, parts, length == 0 ? 1 : 2);
  if (written != (ssize_t)(size + length)) abort();
}

#define RECORDED(fd_or_path, find, call, what, at, bytes, length)                     \
  char path[PATH_MAX];                                                                \
  (void)path;                                                                         \
  const char *name = notes < 0 ? NULL : find;                                  \
  if (name == NULL) return call;                                                      \
  pthread_mutex_lock(&one_at_a_time);                                                 \
  long result = call;                                                                 \
  if (result >= 0) note(what, name, at, bytes, length);                               \
  pthread_mutex_unlock(&one_at_a_time);                                               \
  return result;

ssize_t write(int fd, const void *bytes, size_t length) {
  off_t at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
  RECORDED(fd, name_of(fd, path), syscall(SYS_write, fd, bytes, length), "write", (long long)at, bytes,
           (size_t)result)
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) {
  RECORDED(fd, name_of(fd, path), syscall(SYS_pwrite64, fd, bytes, length, at), "write", (long long)at, bytes,
           (size_t)result)
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite64(fd, bytes, length, at); }

int ftruncate64(int fd, off64_t at) {
  RECORDED(fd, name_of(fd, path), (int)syscall(SYS_ftruncate, fd, at), "cut", (long long)at, NULL, 0)
}

int ftruncate(int fd, off_t at) { return ftruncate64(fd, at); }

int fsync(int fd) { RECORDED(fd, name_of(fd, path), (int)syscall(SYS_fsync, fd), "sync", 0, NULL, 0) }

int fdatasync(int fd) { RECORDED(fd, name_of(fd, path), (int)syscall(SYS_fdatasync, fd), "sync", 0, NULL, 0) }

int unlink(const char *file) { RECORDED(file, inside(file), (int)syscall(SYS_unlink, file), "remove", 0, NULL, 0) }
