/*
 * Notes what a program does to the files below a folder: what it wrote, named and synced, in order.
 *
 * Loaded with LD_PRELOAD. POWER_CUT_ROOT is the folder, POWER_CUT_LOG the file that is appended to. The reader of that file
 * (power_cut/disk.rs) makes from it the disk as it was when the power was cut after any of its records. What this file does
 * not see (mapped memory, io_uring) is taken as never written; SQLite maps only the index of its log, which it makes anew.
 *
 * A record: the operation (1 byte), three numbers of 8 bytes, the lengths of two texts of 4 bytes each, and the texts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CREATE = 'C', WRITE = 'W', TRUNCATE = 'T', RENAME = 'R', REMOVE = 'U', SYNC = 'S' };

static int log_file = -1;
static char root[PATH_MAX];
static size_t root_length;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void)
{
    const char *folder = getenv("POWER_CUT_ROOT"), *log = getenv("POWER_CUT_LOG");
    if (!folder || !log || !realpath(folder, root))
        return;
    root_length = strlen(root);
    log_file = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static int is_inside(const char *path)
{
    return log_file >= 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

/* The path of an open file. */
static int of_file(int file, char *path)
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    if (length < 0)
        return -1;
    path[length] = 0;
    return 0;
}

static int file_inside(int file)
{
    char path[PATH_MAX];
    return log_file >= 0 && of_file(file, path) == 0 && is_inside(path);
}

/* Takes a path apart: the folder, without links, and the name in it. */
static int split(int at, const char *path, char *folder, char *name)
{
    char whole[2 * PATH_MAX];
    if (path[0] == '/') {
        snprintf(whole, sizeof whole, "%s", path);
    } else {
        char base[PATH_MAX];
        if (at == AT_FDCWD ? !getcwd(base, sizeof base) : of_file(at, base) != 0)
            return -1;
        snprintf(whole, sizeof whole, "%s/%s", base, path);
    }
    size_t length = strlen(whole);
    while (length > 1 && whole[length - 1] == '/')
        whole[--length] = 0;
    char *slash = strrchr(whole, '/');
    if (!slash)
        return -1;
    snprintf(name, NAME_MAX + 1, "%s", slash + 1);
    *slash = 0;
    return realpath(whole[0] ? whole : "/", folder) ? 0 : -1;
}

static int inode(const char *folder, const char *name, struct stat *found)
{
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return fstatat(AT_FDCWD, path, found, AT_SYMLINK_NOFOLLOW);
}

static uint64_t number(const char *folder)
{
    struct stat found;
    return fstatat(AT_FDCWD, folder, &found, 0) == 0 ? found.st_ino : 0;
}

static void note(char what, uint64_t a, uint64_t b, uint64_t c, const void *one, uint32_t ones, const void *two, uint32_t twos)
{
    char head[33];
    head[0] = what;
    memcpy(head + 1, &a, 8);
    memcpy(head + 9, &b, 8);
    memcpy(head + 17, &c, 8);
    memcpy(head + 25, &ones, 4);
    memcpy(head + 29, &twos, 4);
    struct iovec parts[3] = { { head, sizeof head }, { (void *)one, ones }, { (void *)two, twos } };
    if (syscall(SYS_writev, log_file, parts, 3) != (long)(sizeof head + ones + twos))
        abort();
}

static int open_noted(int at, const char *path, int flags, mode_t mode)
{
    char folder[PATH_MAX], name[NAME_MAX + 1];
    flags |= O_LARGEFILE;
    if (log_file < 0 || !(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE
        || split(at, path, folder, name) != 0 || !is_inside(folder))
        return (int)syscall(SYS_openat, at, path, flags, mode);
    struct stat found;
    pthread_mutex_lock(&order);
    int was = inode(folder, name, &found) == 0;
    int file = (int)syscall(SYS_openat, at, path, flags, mode);
    int error = errno;
    if (file >= 0 && fstat(file, &found) == 0) {
        if (!was)
            note(CREATE, found.st_ino, number(folder), 0, name, strlen(name), NULL, 0);
        else if (flags & O_TRUNC)
            note(TRUNCATE, found.st_ino, 0, 0, NULL, 0, NULL, 0);
    }
    pthread_mutex_unlock(&order);
    errno = error;
    return file;
}

#define OPEN(NAME)                                          \
    int NAME(const char *path, int flags, ...)              \
    {                                                       \
        va_list more;                                       \
        va_start(more, flags);                              \
        mode_t mode = va_arg(more, mode_t);                 \
        va_end(more);                                       \
        return open_noted(AT_FDCWD, path, flags, mode);     \
    }
#define OPENAT(NAME)                                        \
    int NAME(int at, const char *path, int flags, ...)      \
    {                                                       \
        va_list more;                                       \
        va_start(more, flags);                              \
        mode_t mode = va_arg(more, mode_t);                 \
        va_end(more);                                       \
        return open_noted(at, path, flags, mode);           \
    }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static ssize_t write_noted(int file, const struct iovec *parts, int count, off_t offset)
{
    struct stat found;
    if (!file_inside(file) || fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
        return offset < 0 ? syscall(SYS_writev, file, parts, count)
                          : syscall(SYS_pwrite64, file, parts[0].iov_base, parts[0].iov_len, offset);
    pthread_mutex_lock(&order);
    off_t at = offset;
    if (offset < 0)
        at = syscall(SYS_fcntl, file, F_GETFL) & O_APPEND ? found.st_size : lseek(file, 0, SEEK_CUR);
    ssize_t written = offset < 0 ? syscall(SYS_writev, file, parts, count)
                                 : syscall(SYS_pwrite64, file, parts[0].iov_base, parts[0].iov_len, offset);
    int error = errno;
    size_t left = written > 0 ? (size_t)written : 0;
    for (int part = 0; part < count && left > 0; part++) {
        size_t length = parts[part].iov_len < left ? parts[part].iov_len : left;
        note(WRITE, found.st_ino, at, 0, NULL, 0, parts[part].iov_base, length);
        at += length;
        left -= length;
    }
    pthread_mutex_unlock(&order);
    errno = error;
    return written;
}

ssize_t write(int file, const void *bytes, size_t length)
{
    struct iovec part = { (void *)bytes, length };
    return write_noted(file, &part, 1, -1);
}

ssize_t writev(int file, const struct iovec *parts, int count)
{
    return write_noted(file, parts, count, -1);
}

ssize_t pwrite(int file, const void *bytes, size_t length, off_t offset)
{
    struct iovec part = { (void *)bytes, length };
    return write_noted(file, &part, 1, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t offset)
{
    return pwrite(file, bytes, length, offset);
}

int ftruncate(int file, off_t length)
{
    struct stat found;
    int inside = file_inside(file) && fstat(file, &found) == 0;
    pthread_mutex_lock(&order);
    int done = (int)syscall(SYS_ftruncate, file, length), error = errno;
    if (done == 0 && inside)
        note(TRUNCATE, found.st_ino, length, 0, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    errno = error;
    return done;
}

int ftruncate64(int file, off64_t length)
{
    return ftruncate(file, length);
}

/* Copies inside the kernel are not seen: the program is told to copy by itself. */
ssize_t copy_file_range(int from, off64_t *from_at, int to, off64_t *to_at, size_t length, unsigned flags)
{
    if (!file_inside(to))
        return syscall(SYS_copy_file_range, from, from_at, to, to_at, length, flags);
    errno = ENOSYS;
    return -1;
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t length)
{
    if (!file_inside(to))
        return syscall(SYS_sendfile, to, from, at, length);
    errno = ENOSYS;
    return -1;
}

ssize_t sendfile(int to, int from, off_t *at, size_t length)
{
    return sendfile64(to, from, at, length);
}

static int rename_noted(int at, const char *path, int to_at, const char *to, unsigned flags)
{
    char folder[PATH_MAX], name[NAME_MAX + 1], to_folder[PATH_MAX], to_name[NAME_MAX + 1];
    struct stat found;
    int noted = log_file >= 0 && split(at, path, folder, name) == 0 && split(to_at, to, to_folder, to_name) == 0
        && is_inside(folder) && is_inside(to_folder) && inode(folder, name, &found) == 0;
    pthread_mutex_lock(&order);
    int done = (int)syscall(SYS_renameat2, at, path, to_at, to, flags), error = errno;
    if (done == 0 && noted)
        note(RENAME, found.st_ino, number(folder), number(to_folder), name, strlen(name), to_name, strlen(to_name));
    pthread_mutex_unlock(&order);
    errno = error;
    return done;
}

int rename(const char *path, const char *to)
{
    return rename_noted(AT_FDCWD, path, AT_FDCWD, to, 0);
}

int renameat(int at, const char *path, int to_at, const char *to)
{
    return rename_noted(at, path, to_at, to, 0);
}

int renameat2(int at, const char *path, int to_at, const char *to, unsigned flags)
{
    return rename_noted(at, path, to_at, to, flags);
}

int unlinkat(int at, const char *path, int flags)
{
    char folder[PATH_MAX], name[NAME_MAX + 1];
    struct stat found;
    int noted = log_file >= 0 && split(at, path, folder, name) == 0 && is_inside(folder) && inode(folder, name, &found) == 0;
    pthread_mutex_lock(&order);
    int done = (int)syscall(SYS_unlinkat, at, path, flags), error = errno;
    if (done == 0 && noted)
        note(REMOVE, found.st_ino, number(folder), 0, name, strlen(name), NULL, 0);
    pthread_mutex_unlock(&order);
    errno = error;
    return done;
}

int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdirat(int at, const char *path, mode_t mode)
{
    char folder[PATH_MAX], name[NAME_MAX + 1];
    struct stat found;
    int noted = log_file >= 0 && split(at, path, folder, name) == 0 && is_inside(folder);
    pthread_mutex_lock(&order);
    int done = (int)syscall(SYS_mkdirat, at, path, mode), error = errno;
    if (done == 0 && noted && inode(folder, name, &found) == 0)
        note(CREATE, found.st_ino, number(folder), 1, name, strlen(name), NULL, 0);
    pthread_mutex_unlock(&order);
    errno = error;
    return done;
}

int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

static int sync_noted(int file, long call)
{
    struct stat found;
    if (!file_inside(file) || fstat(file, &found) != 0)
        return (int)syscall(call, file);
    /* Nothing has to reach the disk of the test: the record is what counts. */
    pthread_mutex_lock(&order);
    note(SYNC, found.st_ino, 0, 0, NULL, 0, NULL, 0);
    pthread_mutex_unlock(&order);
    return 0;
}

int fsync(int file)
{
    return sync_noted(file, SYS_fsync);
}

int fdatasync(int file)
{
    return sync_noted(file, SYS_fdatasync);
}
