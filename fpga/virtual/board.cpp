// The virtual board: a board's top level on Verilator, its serial pins behind a pseudo-terminal.
//
//     board [--noise P] [--seed N]
//
// Prints the path of the terminal, then runs until it is told to stop (SIGTERM) or whoever started it is gone. The line
// between terminal and pins can be made a bad one: each byte, either way, is damaged with probability P: a bit turned,
// the byte lost, sent twice, or held up for a while. What the names of the pins are is in pins.h. A program that was built
// to count what of the Verilog is reached writes that into the folder $GANGLION_COVERAGE when it ends.

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>

#include "Vtop.h"
#include "pins.h"
#include "verilated.h"
#if VM_COVERAGE
#include <string>

#include "verilated_cov.h"
#endif

namespace {

volatile std::sig_atomic_t stopped = 0;

class Noise {  // Decides what happens to a byte; a xorshift64 generator.
public:
    enum Damage { NONE, FLIPPED, LOST, TWICE, HELD };

    void set(double probability, uint64_t seed) {
        m_threshold = static_cast<uint64_t>(probability * 4294967296.0);
        m_state = seed * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019;
    }
    Damage damage() {
        if (!m_threshold || (draw() >> 32) >= m_threshold) return NONE;
        return static_cast<Damage>(1 + draw() % 4);
    }
    uint64_t draw() {
        m_state ^= m_state << 13;
        m_state ^= m_state >> 7;
        m_state ^= m_state << 17;
        return m_state;
    }

private:
    uint64_t m_threshold = 0, m_state = 1;
};

class Line {  // One direction: bytes that wait, with what the line does to them.
public:
    explicit Line(Noise& noise) : m_noise(noise) {}

    void put(uint8_t byte) {
        switch (m_noise.damage()) {
            case Noise::LOST: return;
            case Noise::FLIPPED: byte ^= 1 << (m_noise.draw() % 8); break;
            case Noise::TWICE: m_bytes.push_back(byte); break;
            case Noise::HELD: m_hold += m_noise.draw() % (400 * DIVIDER); break;
            case Noise::NONE: break;
        }
        m_bytes.push_back(byte);
    }
    bool ready() {  // Asked once a cycle: whether a byte may go.
        if (m_bytes.empty()) return false;
        if (m_hold) --m_hold;
        return !m_hold;
    }
    uint8_t take() {
        const uint8_t byte = m_bytes.front();
        m_bytes.pop_front();
        return byte;
    }
    size_t size() const { return m_bytes.size(); }
    bool empty() const { return m_bytes.empty(); }

private:
    Noise& m_noise;
    std::deque<uint8_t> m_bytes;
    uint64_t m_hold = 0;
};

class Board {
public:
    explicit Board(Noise& noise) : to_board(noise), to_host(noise) { m_top.PIN_RX = 1; }

    // Cycles in which nothing was on the line and the chip slept, up to now.
    uint64_t idle() const { return m_cycle - m_moved; }

    void run(int cycles) {
        for (; cycles; --cycles) {
            send();
            m_top.PIN_CLOCK = 0;
            m_top.eval();
            m_top.PIN_CLOCK = 1;
            m_top.eval();
            receive();
            ++m_cycle;
            if (PIN_ACTIVITY(m_top)) m_moved = m_cycle;
        }
    }

    void write_coverage() {
#if VM_COVERAGE
        const char* const folder = std::getenv("GANGLION_COVERAGE");
        if (folder) m_context.coveragep()->write(std::string(folder) + "/" + std::to_string(getpid()) + ".dat");
#endif
    }

    Line to_board, to_host;

private:
    void send() {  // The host's side of the board's rx: a start bit, eight bits, a stop bit.
        if (!m_sending && to_board.ready()) {
            m_bits = to_board.take() << 1 | 0x200;
            m_sending = 10 * DIVIDER;
            m_moved = m_cycle;
        }
        if (!m_sending) return;
        m_top.PIN_RX = m_bits >> ((10 * DIVIDER - m_sending) / DIVIDER) & 1;
        --m_sending;
    }
    void receive() {  // And of its tx: bits are looked at in their middle.
        const bool level = m_top.PIN_TX;
        if (!m_receiving) {
            if (!level) {
                m_receiving = 10 * DIVIDER - DIVIDER / 2;
                m_byte = 0;
            }
            return;
        }
        m_moved = m_cycle;
        --m_receiving;
        if (m_receiving % DIVIDER) return;
        const int bit = 9 - m_receiving / DIVIDER;
        if (bit < 9) m_byte |= level << (bit - 1);
        if (bit == 9) {
            to_host.put(m_byte);
            m_receiving = 0;
        }
    }

    VerilatedContext m_context;
    Vtop m_top{&m_context};
    uint64_t m_cycle = 0, m_moved = 0;
    unsigned m_bits = 0, m_byte = 0;
    int m_sending = 0, m_receiving = 0;
};

int open_terminal() {
    int terminal = 0, other = 0;
    termios raw{};
    cfmakeraw(&raw);
    char path[256];
    if (openpty(&terminal, &other, path, &raw, nullptr)) {
        std::perror("no pseudo-terminal");
        std::exit(1);
    }
    close(other);
    fcntl(terminal, F_SETFL, O_NONBLOCK);
    std::printf("%s\n", path);
    std::fflush(stdout);
    return terminal;
}

}  // namespace

int main(int count, char** arguments) {
    double probability = 0;
    uint64_t seed = 0;
    for (int k = 1; k + 1 < count; k += 2) {
        if (!std::strcmp(arguments[k], "--noise")) probability = std::atof(arguments[k + 1]);
        if (!std::strcmp(arguments[k], "--seed")) seed = std::strtoull(arguments[k + 1], nullptr, 0);
    }
    const pid_t parent = getppid();
    std::signal(SIGTERM, [](int) { stopped = 1; });
    std::signal(SIGINT, [](int) { stopped = 1; });
    Noise noise;
    noise.set(probability, seed);
    Board board(noise);
    const int terminal = open_terminal();
    constexpr int SLICE = 40 * DIVIDER;       // Cycles between two looks at the terminal.
    constexpr uint64_t REST = 2 * PATIENCE;   // Cycles of idleness after which the clock waits for the host.
    constexpr size_t ROOM = 64;               // Bytes that wait on the board's side of the terminal.
    while (!stopped && getppid() == parent) {
        uint8_t bytes[ROOM];
        pollfd host{terminal, POLLIN, 0};
        if (board.idle() > REST && board.to_board.empty() && board.to_host.empty()) poll(&host, 1, 20);
        if (board.to_board.size() < ROOM) {
            const ssize_t got = read(terminal, bytes, ROOM - board.to_board.size());
            for (ssize_t k = 0; k < got; ++k) board.to_board.put(bytes[k]);
            if (got < 0 && errno == EIO) usleep(2000);  // Nobody is connected.
        }
        board.run(SLICE);
        size_t filled = 0;
        while (filled < ROOM && board.to_host.ready()) bytes[filled++] = board.to_host.take();
        // A host that does not read, or is not there, misses bytes, as on a real line.
        if (filled && write(terminal, bytes, filled) < 0) continue;
    }
    close(terminal);
    board.write_coverage();
    return 0;
}
