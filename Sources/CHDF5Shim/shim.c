#include "CHDF5Shim.h"

hid_t percept_h5_native_int32(void) { return H5T_NATIVE_INT32; }
