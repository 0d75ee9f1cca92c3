// What is between host and board: bytes that wait, what a bad line does to them, and what has passed.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>

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

constexpr uint64_t LONGEST_HOLD = 1000;  // Cycles for which a byte is held up, at most.

class Line {  // One direction: bytes that wait, with what the line does to them.
public:
    explicit Line(Noise& noise) : m_noise(noise) {}

    void put(uint8_t byte) {
        switch (m_noise.damage()) {
            case Noise::LOST: return;
            case Noise::FLIPPED: byte ^= 1 << (m_noise.draw() % 8); break;
            case Noise::TWICE: m_bytes.push_back(byte); break;
            case Noise::HELD: m_hold += m_noise.draw() % LONGEST_HOLD; break;
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

struct Traffic {  // What has passed over the line.
    uint64_t first = 0, last = 0, down = 0, up = 0;

    void begin(uint64_t cycle) {
        if (!down && !up) first = cycle;
    }
    uint64_t cycles() const { return last - first; }
};
