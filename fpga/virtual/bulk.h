// Bytes at the link in the place of wires, each way in the time that a line takes for them: USB at full speed,
// transaction by transaction, or a serial line, byte by byte. Told to be free, the line takes a cycle for a byte.
//
// A frame of USB is a millisecond, 1,500 bytes long. A bulk transaction takes its data and 13 bytes more (USB 2.0, table
// 5-9), so that 19 of 64 bytes fit; one that would not end in the frame waits for the next. The host sends and asks in
// turn. Where the device has nothing to say, being asked takes the bus the time of 9 bytes: token, answer, and the gaps.
// The device has two buffers each way.
#pragma once
#include <deque>

#include "line.h"
#include "pins.h"

class Wires {
public:
    static constexpr int SLICE = 400;     // Cycles between two looks at the terminal.
    static constexpr size_t ROOM = 4096;  // Bytes that the host has given to its driver.

    explicit Wires(Vtop& top) : m_top(top) {}

    void be_free(bool free) { m_free = free; }

    bool drive(uint64_t cycle, Line& to_board, Traffic& traffic) {
        if (m_free) {
            if (!m_busy && !to_board.empty()) hand_over(cycle, 1, 0, to_board, traffic);
        } else if (SERIAL_BYTE) {
            if (!m_busy && !to_board.empty()) hand_over(cycle, 1, SERIAL_BYTE, to_board, traffic);
        } else if (!m_busy) {
            begin(cycle, to_board, traffic);
        }
        if (m_busy && !--m_busy) finish(cycle, traffic);
        m_top.PIN_ARRIVED = (m_free || cycle % DEVICE == 0) && !m_down.empty();
        if (m_top.PIN_ARRIVED) {
            m_top.PIN_DATA = m_down.front();
            m_down.pop_front();
        }
        if (m_wait) --m_wait;
        m_top.PIN_READY = m_free || (SERIAL_BYTE ? !m_wait : m_up.size() < 2 * PACKET);
        return m_kind != POLL || !m_down.empty();
    }
    void settle() {  // The outputs before the edge.
        if (!m_top.PIN_VALID || !m_top.PIN_READY) return;
        m_up.push_back(m_top.PIN_BYTE);
        m_wait = SERIAL_BYTE + 1;  // A stop bit has a cycle more.
    }
    bool sample(uint64_t cycle, Line& to_host, Traffic& traffic) {
        if (m_free || (SERIAL_BYTE && !m_wait)) take(m_up.size());
        if (m_done.empty()) return m_wait;
        for (const uint8_t byte : m_done) to_host.put(byte);
        traffic.begin(cycle);
        traffic.up += m_done.size();
        traffic.last = cycle;
        m_done.clear();
        return true;
    }

private:
    enum Kind { POLL, OUT, IN };
    static constexpr size_t PACKET = 64;
    static constexpr uint64_t FRAME = USB_BYTE ? 1500 * USB_BYTE : 1;
    static constexpr uint64_t START = 6 * USB_BYTE;  // The packet that begins a frame.
    static constexpr uint64_t OVERHEAD = 13, ASKED = 9;
    static constexpr uint64_t DEVICE = USB_BYTE / 8 + 1;  // Cycles per byte between device and link: 12 MHz.

    void hand_over(uint64_t cycle, size_t size, uint64_t time, Line& to_board, Traffic& traffic) {
        traffic.begin(cycle);
        traffic.down += size;
        m_kind = OUT;
        m_busy = time;
        m_packet.clear();
        while (m_packet.size() < size) m_packet.push_back(to_board.take());
        if (!time) finish(cycle, traffic);
    }
    void take(size_t size) {  // What the board has said.
        m_done.insert(m_done.end(), m_up.begin(), m_up.begin() + size);
        m_up.erase(m_up.begin(), m_up.begin() + size);
    }
    void begin(uint64_t cycle, Line& to_board, Traffic& traffic) {  // What comes next on the bus.
        if (cycle % FRAME < START) return;
        const uint64_t left = FRAME - cycle % FRAME;
        m_asks = !m_asks;
        if (m_asks) {
            m_size = packet();
            const uint64_t time = (m_size ? OVERHEAD + m_size : ASKED) * USB_BYTE;
            if (time > left) return;
            m_busy = time;
            if (m_size) m_kind = IN;
        } else if (!to_board.empty() && m_down.size() <= PACKET) {
            const size_t size = to_board.size() < PACKET ? to_board.size() : PACKET;
            const uint64_t time = (OVERHEAD + size) * USB_BYTE;
            if (time <= left) hand_over(cycle, size, time, to_board, traffic);
        }
    }
    void finish(uint64_t cycle, Traffic& traffic) {
        if (m_kind == OUT) {
            m_down.insert(m_down.end(), m_packet.begin(), m_packet.end());
            traffic.last = cycle;
        }
        if (m_kind == IN) take(m_size);
        m_kind = POLL;
    }
    // Bytes of the packet that the device has ready: a full one, or one that ends behind a frame of the link.
    size_t packet() const {
        size_t size = 0;
        while (size < m_up.size() && size < PACKET)
            if (m_up[size++] == 0) return size;
        return size == PACKET ? size : 0;
    }

    Vtop& m_top;
    Kind m_kind = POLL;
    bool m_asks = false, m_free = false;
    size_t m_size = 0;
    uint64_t m_busy = 0, m_wait = 0;
    std::deque<uint8_t> m_down, m_up, m_packet, m_done;
};
