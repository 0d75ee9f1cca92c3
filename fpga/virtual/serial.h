// A serial line at the pins: a start bit, eight bits, a stop bit.
#pragma once
#include "line.h"
#include "pins.h"

class Wires {
public:
    static constexpr int SLICE = 40 * DIVIDER;  // Cycles between two looks at the terminal.
    static constexpr size_t ROOM = 64;          // Bytes that wait on the board's side of the terminal.

    explicit Wires(Vtop& top) : m_top(top) { m_top.PIN_RX = 1; }

    void be_free(bool) {}  // Wires take the time that they take.

    bool drive(uint64_t cycle, Line& to_board, Traffic& traffic) {  // Before an edge; whether something is on its way.
        if (!m_sending && to_board.ready()) {
            m_bits = to_board.take() << 1 | 0x200;
            m_sending = 10 * DIVIDER;
            traffic.begin(cycle);
            ++traffic.down;
        }
        if (!m_sending) return false;
        m_top.PIN_RX = m_bits >> ((10 * DIVIDER - m_sending) / DIVIDER) & 1;
        if (!--m_sending) traffic.last = cycle;
        return true;
    }
    void settle() {}
    bool sample(uint64_t cycle, Line& to_host, Traffic& traffic) {  // After it: bits are looked at in their middle.
        const bool level = m_top.PIN_TX;
        if (!m_receiving) {
            if (!level) {
                m_receiving = 10 * DIVIDER - DIVIDER / 2;
                m_byte = 0;
            }
            return false;
        }
        --m_receiving;
        if (m_receiving % DIVIDER) return true;
        const int bit = 9 - m_receiving / DIVIDER;
        if (bit < 9) m_byte |= level << (bit - 1);
        if (bit == 9) {
            to_host.put(m_byte);
            m_receiving = 0;
            traffic.last = cycle;
            ++traffic.up;
        }
        return true;
    }

private:
    Vtop& m_top;
    unsigned m_bits = 0, m_byte = 0;
    int m_sending = 0, m_receiving = 0;
};
