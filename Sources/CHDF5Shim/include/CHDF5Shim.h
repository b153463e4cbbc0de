#pragma once
#include <hdf5.h>

/// The constants of HDF5 that are macros, which Swift does not import.
hid_t percept_h5_native_int32(void);
