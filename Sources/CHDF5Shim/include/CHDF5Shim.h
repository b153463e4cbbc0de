#pragma once
#include <hdf5.h>
#include <stdint.h>

/// The kinds of numbers that are stored.
enum percept_h5_kind { PERCEPT_H5_SIGNED = 0, PERCEPT_H5_UNSIGNED = 1, PERCEPT_H5_FLOAT = 2 };

/// What a file that is being written has come to, and how its writing may be made to fail.
typedef struct percept_h5_file {
    /// The open file, or -1.
    int descriptor;
    /// The errno of the first call that failed, or 0.
    int failure;
    /// Not 0: nothing is written any more, and this succeeds, so that the library can let go of the file.
    int discards;
    /// The number of writes so far.
    int64_t writes;
    /// The write that fails, counted from 0, with the errno `fails_with`; -1 for none. For tests.
    int64_t fails_at;
    int fails_with;
    /// After this many writes nothing more reaches the file, as if the process had been killed; -1 for never. The next
    /// may still arrive in part. For tests.
    int64_t dies_after;
    int tears;
} percept_h5_file;

/// Starts the library: it loads no plug-ins and does nothing when the process ends. Returns below 0 if that fails.
int percept_h5_start(void);

/// Keeps the library from printing what the calling thread's calls complain of; a library built for threads remembers
/// that for each of them.
void percept_h5_silence(void);

/// The constants of HDF5 that are macros, which Swift does not import.
hid_t percept_h5_default(void);
hid_t percept_h5_all(void);
hsize_t percept_h5_unlimited(void);
unsigned percept_h5_exclusive(void);
unsigned percept_h5_write_flags(void);
unsigned percept_h5_read_flags(void);
unsigned percept_h5_plain_read_flags(void);
int percept_h5_filter_deflate(void);
int percept_h5_filter_shuffle(void);
int percept_h5_filter_checksum(void);

/// New property lists, to be closed with `H5Pclose`; below 0 on failure.
hid_t percept_h5_dataset_properties(void);
hid_t percept_h5_dataset_access(void);
/// For a file that `file` watches over; `file` must live until the file is closed.
hid_t percept_h5_write_access(percept_h5_file *file);
/// For a file that another process may be writing.
hid_t percept_h5_read_access(void);

/// A new little-endian type of numbers of 1, 2, 4, 8 or (floating point) 16 bytes; below 0 on failure.
hid_t percept_h5_number(int kind, int size);
/// A new type of UTF-8 texts of `size` bytes; below 0 on failure.
hid_t percept_h5_text(size_t size);

/// Puts what the last failed call complained of into `text` and forgets it.
void percept_h5_complaint(char *text, size_t size);
