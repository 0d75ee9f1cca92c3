// A link, with its mutants or as it is, driven cycle by cycle from a script. What it is told and what it does are
// packed as tests/mutations/link_bench.py says.

#include <cstddef>
#include <cstdint>
#include <deque>

#include "Vlink.h"
#include "verilated.h"
#if VM_COVERAGE
#include "verilated_cov.h"
#endif

// A netlist has nothing that stops; compiled as chips are, the runtime wants it said.
void vl_stop(const char*, int, const char*) {}

namespace {

// One cycle of what shows; payloads and readiness are 0 where they do not count.
struct Shown {
  uint64_t packet, rest;
};

// Something that is offered until it is taken.
template <typename T>
struct Source {
  std::deque<T> queue;
  T payload = 0;
  bool valid = false;

  // Whether it begins to offer another one now, where it may.
  bool offer(bool may) {
    if (valid || !may || queue.empty()) return false;
    payload = queue.front();
    queue.pop_front();
    return valid = true;
  }
};

// A link as it is has no such input.
template <typename Top>
void choose(Top& top, uint16_t mutant) {
  if constexpr (requires { top.mutant; }) top.mutant = mutant;
}

struct Bench {
  VerilatedContext context;
  Vlink top{&context};
  Source<uint64_t> packets;
  Source<uint8_t> bytes;

  explicit Bench(uint16_t mutant) {
    choose(top, mutant);
    // Registers have their first values from a reset.
    uint32_t told = 1;
    cycle(told);
  }

  Shown cycle(uint32_t& told) {
    top.clk = 0;
    top.rst = told & 1;
    top.arrived = told >> 1 & 1;
    top.data = told >> 2 & 0xFF;
    top.line___05Fready = told >> 10 & 1;
    top.o___05Fready = told >> 11 & 1;
    top.rx = told >> 13 & 1;
    // What was offered, and not what might have been, is what the same script tells when it is played again.
    if (!packets.offer(told >> 12 & 1)) told &= ~(1u << 12);
    if (!bytes.offer(told >> 14 & 1)) told &= ~(1u << 14);
    top.i___05Fvalid = packets.valid;
    top.i___05Fpayload = packets.payload;
    top.byte___05Fvalid = bytes.valid;
    top.byte___05Fpayload = bytes.payload;
    top.eval();
    const Shown shown{
        top.o___05Fvalid ? top.o___05Fpayload : 0,
        uint64_t(top.line___05Fvalid ? top.line___05Fpayload : 0) |
            uint64_t(top.heard___05Fvalid ? top.heard___05Fpayload : 0) << 8 | uint64_t(top.line___05Fvalid) << 16 |
            uint64_t(top.o___05Fvalid) << 17 | uint64_t(top.i___05Fready & packets.valid) << 18 |
            uint64_t(top.reset) << 19 | uint64_t(top.traffic) << 20 | uint64_t(top.fault) << 21 |
            uint64_t(top.heard___05Fvalid) << 22 | uint64_t(top.tx) << 23 |
            uint64_t(top.byte___05Fready & bytes.valid) << 24};
    if (top.i___05Fready) packets.valid = false;
    if (top.byte___05Fready) bytes.valid = false;
    top.clk = 1;
    top.eval();
    return shown;
  }
};

}  // namespace

extern "C" {

Bench* bench_new(uint16_t mutant) { return new Bench(mutant); }

void bench_delete(Bench* bench) { delete bench; }

// Forgets what was offered, and has these to offer.
void bench_load(Bench* bench, const uint64_t* packets, size_t packet_count, const uint8_t* bytes, size_t byte_count) {
  bench->packets = {{packets, packets + packet_count}};
  bench->bytes = {{bytes, bytes + byte_count}};
}

void bench_add(Bench* bench, const uint64_t* packets, size_t count) {
  bench->packets.queue.insert(bench->packets.queue.end(), packets, packets + count);
}

// Runs so many cycles, and writes what was offered and what showed.
void bench_run(Bench* bench, uint32_t* told, size_t cycles, uint64_t* shown) {
  for (size_t k = 0; k < cycles; ++k) {
    const Shown now = bench->cycle(told[k]);
    shown[2 * k] = now.packet;
    shown[2 * k + 1] = now.rest;
  }
}

// Runs until something else shows, and returns the cycle in which it does, or the number of cycles.
size_t bench_compare(Bench* bench, const uint32_t* told, size_t cycles, const uint64_t* shown) {
  for (size_t k = 0; k < cycles; ++k) {
    uint32_t now = told[k];
    const Shown found = bench->cycle(now);
    if (found.packet != shown[2 * k] || found.rest != shown[2 * k + 1]) return k;
  }
  return cycles;
}

// Writes what of the Verilog has been reached so far.
void bench_coverage(Bench* bench, const char* path) {
#if VM_COVERAGE
  bench->context.coveragep()->write(path);
#endif
}

}  // extern "C"
