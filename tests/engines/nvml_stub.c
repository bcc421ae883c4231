/* A libnvidia-ml.so.1 whose cards are what the test says: NVML_STUB_CARDS of them, the one numbered NVML_STUB_LOST
 * fallen off the bus, NVML_STUB_USE percent in use, with the processes that the file NVML_STUB_PROCESSES lists, one
 * "CARD PID" a line; NVML_STUB_OLD makes it a driver older than 510. The file NVML_STUB_USE_FILE, where there is one, says the use anew each time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { unsigned long long total, free, used; } memory_t;
typedef struct { unsigned int version; unsigned long long total, reserved, free, used; } memory_v2_t;
typedef struct { unsigned int gpu, memory; } utilization_t;
typedef struct { unsigned int pid; unsigned long long memory; unsigned int instance, compute; } process_t;

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, INSUFFICIENT_SIZE = 7, FUNCTION_NOT_FOUND = 13, GPU_IS_LOST = 15 };

static int number(const char *name, int otherwise) {
    const char *text = getenv(name);
    return text ? atoi(text) : otherwise;
}

static long card(void *device) { return (long)device - 1; }
static int lost(void *device) { return card(device) == number("NVML_STUB_LOST", -1); }
static int answer(void *device) { return lost(device) ? GPU_IS_LOST : SUCCESS; }

static int use(void *device) {
    const char *path = getenv("NVML_STUB_USE_FILE");
    FILE *file = path ? fopen(path, "r") : NULL;
    int value = number("NVML_STUB_USE", 10 * (card(device) + 1));
    if (file) {
        if (fscanf(file, "%d", &value) != 1) value = 0;
        fclose(file);
    }
    return value;
}

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

int nvmlDeviceGetUUID(void *device, char *uuid, unsigned int length) {
    snprintf(uuid, length, "GPU-stub-%ld", card(device));
    return answer(device);
}

int nvmlDeviceGetName(void *device, char *name, unsigned int length) {
    snprintf(name, length, "Stub %ld", card(device));
    return answer(device);
}

int nvmlDeviceGetMemoryInfo_v2(void *device, memory_v2_t *memory) {
    if (getenv("NVML_STUB_OLD")) return FUNCTION_NOT_FOUND;
    memory->total = 8ULL << 30;
    memory->reserved = 1ULL << 28;
    memory->used = (1ULL + card(device)) << 29;
    memory->free = memory->total - memory->reserved - memory->used;
    return answer(device);
}

int nvmlDeviceGetMemoryInfo(void *device, memory_t *memory) { /* what is reserved counts as used */
    memory->total = 8ULL << 30;
    memory->used = ((1ULL + card(device)) << 29) + (1ULL << 28);
    memory->free = memory->total - memory->used;
    return answer(device);
}

int nvmlDeviceGetUtilizationRates(void *device, utilization_t *utilization) {
    utilization->gpu = use(device);
    utilization->memory = 5;
    return answer(device);
}

int nvmlDeviceGetTemperature(void *device, int sensor, unsigned int *degrees) {
    *degrees = 40 + card(device);
    return answer(device);
}

int nvmlDeviceGetPowerUsage(void *device, unsigned int *milliwatts) {
    *milliwatts = 123456;
    return answer(device);
}

int nvmlDeviceGetClockInfo(void *device, int kind, unsigned int *megahertz) {
    *megahertz = kind == 1 ? 1980 + card(device) : 1; /* 1: the multiprocessors' */
    return answer(device);
}

int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned int *count, process_t *processes) {
    const char *path = getenv("NVML_STUB_PROCESSES");
    FILE *file = path ? fopen(path, "r") : NULL;
    unsigned int found = 0, room = processes ? *count : 0, pid;
    long on;
    while (file && fscanf(file, "%ld %u", &on, &pid) == 2) {
        if (on != card(device)) continue;
        if (found < room) processes[found] = (process_t){pid, 1ULL << 30, 0, 0};
        found++;
    }
    if (file) fclose(file);
    *count = found;
    return lost(device) ? GPU_IS_LOST : found > room ? INSUFFICIENT_SIZE : SUCCESS;
}
