/* A libnvidia-ml.so.1 with as many cards as NVML_STUB_CARDS says; the one numbered NVML_STUB_LOST has fallen off the bus. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int gpu, memory; } utilization_t;

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, GPU_IS_LOST = 15 };

static int number(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

static long card(void *device) { return (long)device - 1; }
static int lost(void *device) { return card(device) == number("NVML_STUB_LOST", -1); }

int nvmlInit_v2(void) { return SUCCESS; }
int nvmlInitWithFlags(unsigned int flags) { return SUCCESS; }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int result) { return result == GPU_IS_LOST ? "GPU is lost" : "error"; }

int nvmlDeviceGetCount_v2(unsigned int *count) {
    *count = number("NVML_STUB_CARDS", 0);
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned int index, void **device) {
    if ((int)index >= number("NVML_STUB_CARDS", 0)) return INVALID_ARGUMENT;
    *device = (void *)(long)(index + 1);
    return SUCCESS;
}

int nvmlDeviceGetName(void *device, char *name, unsigned int length) {
    snprintf(name, length, "Stub %ld", card(device));
    return lost(device) ? GPU_IS_LOST : SUCCESS;
}

int nvmlDeviceGetMemoryInfo(void *device, memory_t *memory) {
    memory->total = 8ULL << 30;
    memory->used = (1ULL + card(device)) << 30;
    memory->free = memory->total - memory->used;
    return lost(device) ? GPU_IS_LOST : SUCCESS;
}

int nvmlDeviceGetUtilizationRates(void *device, utilization_t *utilization) {
    utilization->gpu = 10 * (card(device) + 1);
    utilization->memory = 5;
    return lost(device) ? GPU_IS_LOST : SUCCESS;
}

int nvmlDeviceGetTemperature(void *device, int sensor, unsigned int *degrees) {
    *degrees = 40 + card(device);
    return lost(device) ? GPU_IS_LOST : SUCCESS;
}

int nvmlDeviceGetPowerUsage(void *device, unsigned int *milliwatts) {
    *milliwatts = 123456;
    return lost(device) ? GPU_IS_LOST : SUCCESS;
}
