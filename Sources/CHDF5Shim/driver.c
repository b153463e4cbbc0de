// A file driver as HDF5's own for POSIX, that remembers why a call failed, can be told to write nothing more, and can
// fail on purpose. HDF5's own tells of a full disk only in prose, and cannot close a file whose disk is full.
#include "CHDF5Shim.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    H5FD_t base;
    percept_h5_file *state;
    haddr_t end_of_allocation;
    haddr_t end_of_file;
    dev_t device;
    ino_t inode;
} watched_file;

typedef struct {
    percept_h5_file *state;
} watched_settings;

static const haddr_t largest = (haddr_t)INT64_MAX;
static const haddr_t page = 4096;

static herr_t failed(watched_file *file, int code) {
    if (!file->state->failure) file->state->failure = code;
    return -1;
}

static H5FD_t *driver_open(const char *name, unsigned flags, hid_t access, haddr_t maximum) {
    (void)maximum;
    const watched_settings *settings = H5Pget_driver_info(access);
    if (!settings || !settings->state) return NULL;
    percept_h5_file *state = settings->state;
    int mode = O_CLOEXEC | (flags & H5F_ACC_RDWR ? O_RDWR : O_RDONLY);
    if (flags & H5F_ACC_TRUNC) mode |= O_TRUNC;
    if (flags & H5F_ACC_CREAT) mode |= O_CREAT;
    if (flags & H5F_ACC_EXCL) mode |= O_EXCL;
    int descriptor = open(name, mode, 0600);
    struct stat status;
    watched_file *file = descriptor < 0 ? NULL : calloc(1, sizeof *file);
    if (!file || fstat(descriptor, &status) != 0) {
        if (!state->failure) state->failure = errno;
        if (descriptor >= 0) close(descriptor);
        free(file);
        return NULL;
    }
    state->descriptor = descriptor;
    file->state = state;
    file->end_of_file = (haddr_t)status.st_size;
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return &file->base;
}

static herr_t driver_close(H5FD_t *base) {
    watched_file *file = (watched_file *)base;
    percept_h5_file *state = file->state;
    herr_t result = 0;
    if (!state->discards && state->dies_after < 0 && fsync(state->descriptor) != 0) result = failed(file, errno);
    if (close(state->descriptor) != 0 && !state->discards) result = failed(file, errno);
    state->descriptor = -1;
    free(file);
    return result;
}

static int driver_compare(const H5FD_t *left, const H5FD_t *right) {
    const watched_file *a = (const watched_file *)left, *b = (const watched_file *)right;
    if (a->device != b->device) return a->device < b->device ? -1 : 1;
    return a->inode == b->inode ? 0 : a->inode < b->inode ? -1 : 1;
}

static herr_t driver_query(const H5FD_t *base, unsigned long *flags) {
    (void)base;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_POSIX_COMPAT_HANDLE | H5FD_FEAT_SUPPORTS_SWMR_IO |
             H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
    return 0;
}

static haddr_t driver_end_of_allocation(const H5FD_t *base, H5FD_mem_t type) {
    (void)type;
    return ((const watched_file *)base)->end_of_allocation;
}

static herr_t driver_set_end_of_allocation(H5FD_t *base, H5FD_mem_t type, haddr_t address) {
    (void)type;
    ((watched_file *)base)->end_of_allocation = address;
    return 0;
}

static haddr_t driver_end_of_file(const H5FD_t *base, H5FD_mem_t type) {
    (void)type;
    return ((const watched_file *)base)->end_of_file;
}

static herr_t driver_handle(H5FD_t *base, hid_t access, void **handle) {
    (void)access;
    *handle = &((watched_file *)base)->state->descriptor;
    return 0;
}

static herr_t driver_read(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size, void *buffer) {
    (void)type, (void)transfer;
    watched_file *file = (watched_file *)base;
    if (address > largest || size > largest - address) return failed(file, EOVERFLOW);
    char *place = buffer;
    while (size > 0) {
        ssize_t count = pread(file->state->descriptor, place, size, (off_t)address);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return failed(file, errno);
        if (count == 0) break;
        place += count;
        address += (haddr_t)count;
        size -= (size_t)count;
    }
    memset(place, 0, size);
    return 0;
}

// What a killed process leaves of a write: the kernel copies page by page.
static size_t torn(haddr_t address, size_t size) {
    haddr_t boundary = (address + size / 2) / page * page;
    if (boundary <= address) boundary = (address / page + 1) * page;
    return boundary < address + size ? (size_t)(boundary - address) : 0;
}

static herr_t driver_write(H5FD_t *base, H5FD_mem_t type, hid_t transfer, haddr_t address, size_t size,
                           const void *buffer) {
    (void)type, (void)transfer;
    watched_file *file = (watched_file *)base;
    percept_h5_file *state = file->state;
    if (address > largest || size > largest - address) return failed(file, EOVERFLOW);
    haddr_t end = address + size;
    int64_t number = state->writes++;
    if (!state->discards && number == state->fails_at) return failed(file, state->fails_with);
    int is_dead = state->dies_after >= 0 && number >= state->dies_after;
    if (is_dead && state->tears && number == state->dies_after)
        size = torn(address, size);
    else if (is_dead || state->discards)
        size = 0;
    const char *place = buffer;
    while (size > 0) {
        ssize_t count = pwrite(state->descriptor, place, size, (off_t)address);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return failed(file, count < 0 ? errno : ENOSPC);
        place += count;
        address += (haddr_t)count;
        size -= (size_t)count;
    }
    if (end > file->end_of_file) file->end_of_file = end;
    return 0;
}

static herr_t driver_truncate(H5FD_t *base, hid_t transfer, hbool_t closing) {
    (void)transfer, (void)closing;
    watched_file *file = (watched_file *)base;
    percept_h5_file *state = file->state;
    if (file->end_of_allocation == file->end_of_file) return 0;
    int is_dead = state->discards || (state->dies_after >= 0 && state->writes >= state->dies_after);
    if (!is_dead && ftruncate(state->descriptor, (off_t)file->end_of_allocation) != 0) return failed(file, errno);
    file->end_of_file = file->end_of_allocation;
    return 0;
}

// Without a lock the library does not mark files that have a writer, so that those of a killed one open as they are.
static const H5FD_class_t driver = {
    .name = "percept",
    .maxaddr = (haddr_t)INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .fapl_size = sizeof(watched_settings),
    .open = driver_open,
    .close = driver_close,
    .cmp = driver_compare,
    .query = driver_query,
    .get_eoa = driver_end_of_allocation,
    .set_eoa = driver_set_end_of_allocation,
    .get_eof = driver_end_of_file,
    .get_handle = driver_handle,
    .read = driver_read,
    .write = driver_write,
    .truncate = driver_truncate,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t percept_h5_write_access(percept_h5_file *file) {
    static hid_t registered = -1;
    if (registered < 0) registered = H5FDregister(&driver);
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    watched_settings settings = {file};
    if (list < 0) return list;
    if (registered < 0 || H5Pset_driver(list, registered, &settings) < 0 ||
        H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) < 0 ||
        H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110) < 0 ||
        // Each object in pages of its own: what is rewritten in place changes whole or not at all.
        H5Pset_alignment(list, 1, page) < 0 || H5Pset_meta_block_size(list, 0) < 0 ||
        H5Pset_small_data_block_size(list, 0) < 0) {
        H5Pclose(list);
        return -1;
    }
    return list;
}
