#include "CHDF5Shim.h"
#include <stdio.h>
#include <string.h>

int percept_h5_start(void) {
    // A file that cannot be closed must not hang the end of the process.
    if (H5dont_atexit() < 0 || H5open() < 0) return -1;
    return H5PLset_loading_state(0);
}

void percept_h5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

hid_t percept_h5_default(void) { return H5P_DEFAULT; }
hid_t percept_h5_all(void) { return H5S_ALL; }
hsize_t percept_h5_unlimited(void) { return H5S_UNLIMITED; }
unsigned percept_h5_exclusive(void) { return H5F_ACC_EXCL; }
unsigned percept_h5_write_flags(void) { return H5F_ACC_RDWR | H5F_ACC_SWMR_WRITE; }
unsigned percept_h5_read_flags(void) { return H5F_ACC_RDONLY | H5F_ACC_SWMR_READ; }
unsigned percept_h5_plain_read_flags(void) { return H5F_ACC_RDONLY; }
int percept_h5_filter_deflate(void) { return H5Z_FILTER_DEFLATE; }
int percept_h5_filter_shuffle(void) { return H5Z_FILTER_SHUFFLE; }
int percept_h5_filter_checksum(void) { return H5Z_FILTER_FLETCHER32; }

hid_t percept_h5_dataset_properties(void) { return H5Pcreate(H5P_DATASET_CREATE); }
hid_t percept_h5_dataset_access(void) { return H5Pcreate(H5P_DATASET_ACCESS); }

hid_t percept_h5_read_access(void) {
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list < 0) return list;
    // A writer takes no lock, and damage is not worth the 100 attempts of the default.
    if (H5Pset_fclose_degree(list, H5F_CLOSE_STRONG) < 0 || H5Pset_file_locking(list, 0, 1) < 0 ||
        H5Pset_metadata_read_attempts(list, 10) < 0) {
        H5Pclose(list);
        return -1;
    }
    return list;
}

hid_t percept_h5_number(int kind, int size) {
    switch (kind * 100 + size) {
    case 1: return H5Tcopy(H5T_STD_I8LE);
    case 2: return H5Tcopy(H5T_STD_I16LE);
    case 4: return H5Tcopy(H5T_STD_I32LE);
    case 8: return H5Tcopy(H5T_STD_I64LE);
    case 101: return H5Tcopy(H5T_STD_U8LE);
    case 102: return H5Tcopy(H5T_STD_U16LE);
    case 104: return H5Tcopy(H5T_STD_U32LE);
    case 108: return H5Tcopy(H5T_STD_U64LE);
    case 204: return H5Tcopy(H5T_IEEE_F32LE);
    case 208: return H5Tcopy(H5T_IEEE_F64LE);
    case 216: {
        // IEEE binary128, which the library has no name for.
        hid_t type = H5Tcopy(H5T_IEEE_F64LE);
        if (type >= 0 && (H5Tset_size(type, 16) < 0 || H5Tset_precision(type, 128) < 0 ||
                          H5Tset_fields(type, 127, 112, 15, 0, 112) < 0 || H5Tset_ebias(type, 16383) < 0)) {
            H5Tclose(type);
            return -1;
        }
        return type;
    }
    default: return -1;
    }
}

hid_t percept_h5_text(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    if (type >= 0 && (H5Tset_size(type, size) < 0 || H5Tset_strpad(type, H5T_STR_NULLPAD) < 0 ||
                      H5Tset_cset(type, H5T_CSET_UTF8) < 0)) {
        H5Tclose(type);
        return -1;
    }
    return type;
}

struct complaint {
    char *text;
    size_t size;
};

static herr_t collect(unsigned level, const H5E_error2_t *error, void *data) {
    struct complaint *complaint = data;
    size_t used = strlen(complaint->text);
    (void)level;
    if (error->desc && used + 1 < complaint->size)
        snprintf(complaint->text + used, complaint->size - used, "%s%s", used ? "; " : "", error->desc);
    return 0;
}

void percept_h5_complaint(char *text, size_t size) {
    struct complaint complaint = {text, size};
    text[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, collect, &complaint);
    H5Eclear2(H5E_DEFAULT);
}
