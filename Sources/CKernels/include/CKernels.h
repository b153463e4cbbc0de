#pragma once
#include "percept_dispatch.h"
#include "percept_threads.h"
