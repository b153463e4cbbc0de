#pragma once
#include "percept_dispatch.h"
#include "percept_kernels.h"
#include "percept_peak.h"
#include "percept_sha256.h"
#include "percept_threads.h"
#include "percept_volume.h"
