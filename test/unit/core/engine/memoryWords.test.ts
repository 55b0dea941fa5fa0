import assert from "node:assert/strict";
import { tellsNoMemory } from "../../../../src/core/engine/memoryWords";

const SHORT = [
  "ggml_vulkan: Device memory allocation of size 1024 failed.", "vk::Device::allocateMemory: ErrorOutOfDeviceMemory", "VK_ERROR_OUT_OF_HOST_MEMORY",
  "CUDA error: out of memory", "cudaMalloc failed: out of memory", "alloc_tensor_range: failed to allocate Vulkan0 buffer of size 4096", "unable to allocate CUDA0 buffer",
  "Insufficient Memory (00000008:kIOGPUCommandBufferCallbackErrorOutOfMemory)",
];
const OTHER = ["Memory access fault by GPU node-1 on address 0x7f", "vk::Queue::submit: ErrorDeviceLost", "Failed to load model", "cannot open shared object file", ""];

describe("core/engine/memoryWords", () => {
  for (const words of SHORT) it(`memory: ${words}`, () => { assert.ok(tellsNoMemory(words)); });
  for (const words of OTHER) it(`another fault: ${words}`, () => { assert.ok(!tellsNoMemory(words)); });
});
