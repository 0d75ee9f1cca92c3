// The native run loop: moves packets in and out of the Verilated chip, cycle by cycle, at full speed.
//
// A job is a list of packets. They are offered in order; behind each END the loop waits until the chip is at rest and
// ends a step there (notes its cycles, takes a snapshot), unless the job streams ahead. The C functions at the end are
// called by sim/native.py with ctypes; chip_run returns after a bounded number of cycles, so that Python stays awake.
// (Verilator spells the __ of a port as ___05F.)

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "Vchip.h"
#include "evaluation.h"
#include "native.h"
#include "verilated.h"
#if VM_COVERAGE
#include "verilated_cov.h"
#endif
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

namespace {

enum Status : int { RUNNING, DONE, STUCK, UNLAWFUL, ASSERTED };

std::string assertion;  // Where an assertion of the Verilog failed; empty as long as none did.

class Stalls {  // Random decisions, for both streams at once: the halves of a xorshift64 draw.
public:
    void set(uint64_t seed, double source, double sink) {
        m_state = seed * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019;
        m_source = static_cast<uint64_t>(source * 4294967296.0);
        m_sink = static_cast<uint64_t>(sink * 4294967296.0);
    }
    bool any() const { return m_source | m_sink; }
    void draw() {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 7;
        m_state ^= m_state << 17;
    }
    bool source() const { return (m_state & 0xffffffff) < m_source; }
    bool sink() const { return (m_state >> 32) < m_sink; }

private:
    uint64_t m_state = 1, m_source = 0, m_sink = 0;
};

struct Output {
    Packet packet;
    uint64_t cycle;
};

class Chip {
public:
    explicit Chip(bool traced) {
        m_context.traceEverOn(traced);
        // Blocks are made in the first evaluation, with the context of the thread.
        Verilated::threadContextp(&m_context);
        m_top = std::make_unique<Vchip>(&m_context);
    }

    ~Chip() {
#if VM_TRACE
        m_vcd.reset();
#endif
        m_top->final();
        m_top.reset();
        Verilated::threadContextp(Verilated::defaultContextp());
    }

    Chip(const Chip&) = delete;
    Chip& operator=(const Chip&) = delete;

    void trace(const char* path) {
#if VM_TRACE
        m_vcd = std::make_unique<VerilatedVcdC>();
        m_top->trace(m_vcd.get(), 99);
        m_vcd->open(path);
#endif
    }

    void coverage(const char* path) {
#if VM_COVERAGE
        m_context.coveragep()->write(path);
#endif
    }

    void reset() {
        m_top->rst = 1;
        m_top->i___05Fvalid = 0;
        m_top->o___05Fready = 0;
        for (int i = 0; i < 2; ++i) clock();
        if (m_state.empty()) m_state = state_of(*m_top->rootp);
        if (m_open_arrays.empty()) m_open_arrays = open_arrays_of(*m_top->rootp);
        m_top->rst = 0;
        m_offering = m_held = m_open = m_withheld = m_rest = false;
        m_inputs = -1;
        assertion.clear();
    }

    void start(const Packet* packets, size_t count, size_t replies, bool ahead, uint8_t* snapshots, size_t room) {
        m_packets.assign(packets, packets + count);
        m_next = 0;
        m_expected = replies;
        m_ahead = ahead;
        m_snapshots = snapshots;
        m_room = room;
        m_ends_in = m_ends_out = m_replies = 0;
        m_progress = m_cycle;
        outputs.clear();
        steps.clear();
    }

    Status run(uint64_t cycles, uint64_t patience) {
        for (; cycles; --cycles) {
            const Status status = cycle(patience);
            if (status != RUNNING) return status;
        }
        return RUNNING;
    }

    void flip(size_t array, size_t byte, int bit) {
        static_cast<uint8_t*>(m_open_arrays.at(array).begin)[byte] ^= 1 << bit;
    }

    uint64_t now() const { return m_cycle; }
    size_t taken() const { return m_next; }

    Stalls stalls;
    std::vector<Output> outputs;
    std::vector<uint64_t> steps;

private:
    Status cycle(uint64_t patience) {
        bool ready = true;
        bool willing = true;
        if (stalls.any()) {
            stalls.draw();
            willing = !stalls.source();
            ready = !stalls.sink();
        }
        if (!m_offering && !m_held && willing && m_next < m_packets.size()) {
            const Packet kind = kind_of(m_packets[m_next]);
            const bool opens = !m_open && (kind == SPIKE || kind == END);
            // A step is timed from rest: its first packet waits for what reads and writes before it set going.
            if (!opens || m_ahead || m_rest) {
                m_offering = true;
                m_top->i___05Fpayload = m_packets[m_next];
                if (opens) {
                    m_open = true;
                    m_begin = m_cycle;
                }
            }
        }
        m_top->i___05Fvalid = m_offering;
        m_top->o___05Fready = ready;
        fall();

        const bool taken = m_offering && m_top->i___05Fready;
        const bool given = m_top->o___05Fvalid && ready;
        if (m_withheld && !(m_top->o___05Fvalid && m_top->o___05Fpayload == m_payload)) return UNLAWFUL;
        m_withheld = m_top->o___05Fvalid && !ready;
        m_payload = m_top->o___05Fpayload;
        if (given) receive(m_top->o___05Fpayload);
        m_rest = !m_top->busy && !m_offering && m_ends_out >= m_ends_in;
        if (m_rest && m_held) end_step();
        const bool done = m_rest && m_next == m_packets.size() && m_replies >= m_expected;
        if (taken) {
            const bool end = kind_of(m_packets[m_next++]) == END;
            m_offering = false;
            m_ends_in += end;
            m_held = end && !m_ahead;
        }
        if (taken || given) m_progress = m_cycle;
        clock_high();
        if (!assertion.empty()) return ASSERTED;
        if (done) return DONE;
        return m_cycle - m_progress > patience ? STUCK : RUNNING;
    }

    void receive(Packet packet) {
        outputs.push_back({packet, m_cycle});
        const Packet kind = kind_of(packet);
        m_replies += kind == REPLY;
        m_ends_out += kind == END;
        if (kind == END && m_ahead) {
            steps.push_back(m_cycle - m_begin);
            m_begin = m_cycle;
        }
    }

    void end_step() {
        steps.push_back(m_cycle - m_begin);
        m_held = m_open = false;
        // A job that was interrupted may leave a step open, which the next job has no room for.
        if (m_room) {
            --m_room;
            for (const Region& region : m_state) {
                std::memcpy(m_snapshots, region.begin, region.bytes);
                m_snapshots += region.bytes;
            }
        }
    }

    void edge(int level) {
        m_top->clk = level;
        m_top->eval();
#if VM_TRACE
        if (m_vcd) m_vcd->dump(2 * m_cycle + level);
#endif
    }

    void fall() {
        // Outputs are those of the last evaluation as long as inputs are; half of the evaluations are left out so.
        const int inputs = m_offering | m_top->o___05Fready << 1;
        if (QUIET_FALL && inputs == m_inputs && m_top->i___05Fpayload == m_offered) {
            fall_quietly(*m_top->rootp);
            return;
        }
        m_inputs = inputs;
        m_offered = m_top->i___05Fpayload;
        edge(0);
    }

    void clock_high() {
        edge(1);
        ++m_cycle;
    }

    void clock() {
        edge(0);
        clock_high();
    }

    VerilatedContext m_context;
#if VM_TRACE
    std::unique_ptr<VerilatedVcdC> m_vcd;
#endif
    std::unique_ptr<Vchip> m_top;
    std::vector<Region> m_state, m_open_arrays;

    std::vector<Packet> m_packets;
    size_t m_next = 0, m_expected = 0, m_replies = 0, m_ends_in = 0, m_ends_out = 0;
    uint8_t* m_snapshots = nullptr;
    size_t m_room = 0;  // Snapshots that still fit.
    uint64_t m_cycle = 0, m_progress = 0, m_begin = 0;
    Packet m_payload = 0, m_offered = 0;
    int m_inputs = -1;  // Of the last evaluation at a falling edge; -1 is none since the reset.
    bool m_ahead = false;
    bool m_offering = false;  // A packet is offered and has not been taken.
    bool m_open = false;      // A step has begun and not ended.
    bool m_held = false;      // END has been taken; the next packet waits for the chip to be at rest.
    bool m_rest = false;      // Nothing was going on in the last cycle.
    bool m_withheld = false;  // The chip offered m_payload in the last cycle and it was not taken.
};

}  // namespace

void vl_stop(const char* file, int line, const char*) { assertion = std::string(file) + ":" + std::to_string(line); }

extern "C" {
Chip* chip_create(int traced) { return new Chip(traced); }
void chip_destroy(Chip* chip) { delete chip; }
void chip_trace(Chip* chip, const char* path) { chip->trace(path); }
void chip_coverage(Chip* chip, const char* path) { chip->coverage(path); }
void chip_reset(Chip* chip) { chip->reset(); }

void chip_stall(Chip* chip, uint64_t seed, double source, double sink) { chip->stalls.set(seed, source, sink); }

void chip_start(Chip* chip, const Packet* packets, size_t count, size_t replies, int ahead, uint8_t* snapshots,
                size_t room) {
    chip->start(packets, count, replies, ahead, snapshots, room);
}

int chip_run(Chip* chip, uint64_t cycles, uint64_t patience) { return chip->run(cycles, patience); }

void chip_flip(Chip* chip, size_t array, size_t byte, int bit) { chip->flip(array, byte, bit); }

uint64_t chip_cycle(const Chip* chip) { return chip->now(); }
size_t chip_taken(const Chip* chip) { return chip->taken(); }
size_t chip_snapshot_bytes() { return SNAPSHOT_BYTES; }
const char* chip_assertion() { return assertion.c_str(); }

size_t chip_outputs(const Chip* chip, const Output** outputs) {
    *outputs = chip->outputs.data();
    return chip->outputs.size();
}

size_t chip_steps(const Chip* chip, const uint64_t** steps) {
    *steps = chip->steps.data();
    return chip->steps.size();
}
}
