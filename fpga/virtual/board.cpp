// The virtual board: a board's top level on Verilator, its serial pins behind a pseudo-terminal.
//
//     board [--noise P] [--seed N]
//
// Prints the path of the terminal, then runs until it is told to stop (SIGTERM) or whoever started it is gone. For each
// line of its input it prints what has passed since it was asked last: the cycles from the first start of a byte to the
// last end of one, and the bytes to the board and to the host; from then on the line is free, where it can be, if that line
// says so, or else takes its time. The line
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

#include "Vtop.h"
#include "line.h"
#include "pins.h"
#include "verilated.h"
#if VM_COVERAGE
#include <string>

#include "verilated_cov.h"
#endif
#ifdef BULK
#include "bulk.h"
#else
#include "serial.h"
#endif

namespace {

volatile std::sig_atomic_t stopped = 0;

class Board {
public:
    explicit Board(Noise& noise) : to_board(noise), to_host(noise) {}

    // Cycles in which nothing was on the line and the chip slept, up to now.
    uint64_t idle() const { return m_cycle - m_moved; }

    void be_free(bool free) { m_wires.be_free(free); }

    void run(int cycles) {
        for (; cycles; --cycles) {
            bool moved = m_wires.drive(m_cycle, to_board, traffic);
            m_top.PIN_CLOCK = 0;
            m_top.eval();
            m_wires.settle();
            m_top.PIN_CLOCK = 1;
            m_top.eval();
            moved |= m_wires.sample(m_cycle, to_host, traffic);
            ++m_cycle;
            if (moved || PIN_ACTIVITY(m_top)) m_moved = m_cycle;
        }
    }

    void write_coverage() {
#if VM_COVERAGE
        const char* const folder = std::getenv("GANGLION_COVERAGE");
        if (folder) m_context.coveragep()->write(std::string(folder) + "/" + std::to_string(getpid()) + ".dat");
#endif
    }

    Line to_board, to_host;
    Traffic traffic;

private:
    VerilatedContext m_context;
    Vtop m_top{&m_context};
    Wires m_wires{m_top};
    uint64_t m_cycle = 0, m_moved = 0;
};

void answer(Board& board) {  // Whoever asks for the traffic.
    pollfd asked{STDIN_FILENO, POLLIN, 0};
    char line[64]{};
    if (poll(&asked, 1, 0) < 1 || !(asked.revents & POLLIN) || read(STDIN_FILENO, line, sizeof line) < 1) return;
    const Traffic& seen = board.traffic;
    std::printf("%llu %llu %llu\n", (unsigned long long)seen.cycles(), (unsigned long long)seen.down,
                (unsigned long long)seen.up);
    std::fflush(stdout);
    board.traffic = Traffic{};
    board.be_free(!std::strncmp(line, "free", 4));
}

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
    constexpr uint64_t REST = 2 * PATIENCE;  // Cycles of idleness after which the clock waits for the host.
    while (!stopped && getppid() == parent) {
        uint8_t bytes[Wires::ROOM];
        pollfd host{terminal, POLLIN, 0};
        if (board.idle() > REST && board.to_board.empty() && board.to_host.empty()) poll(&host, 1, 20);
        if (board.to_board.size() < Wires::ROOM) {
            const ssize_t got = read(terminal, bytes, Wires::ROOM - board.to_board.size());
            for (ssize_t k = 0; k < got; ++k) board.to_board.put(bytes[k]);
            if (got < 0 && errno == EIO) usleep(2000);  // Nobody is connected.
        }
        answer(board);
        board.run(Wires::SLICE);
        size_t filled = 0;
        while (filled < Wires::ROOM && board.to_host.ready()) bytes[filled++] = board.to_host.take();
        // A host that does not read, or is not there, misses bytes, as on a real line.
        if (filled && write(terminal, bytes, filled) < 0) continue;
    }
    close(terminal);
    board.write_coverage();
    return 0;
}
