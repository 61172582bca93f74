// Random values of everything that travels, from a seeded engine. Strings that views point to live as long as Random.
#pragma once

#include "protocol/method_codec.hpp"
#include "protocol/properties.hpp"

#include <deque>
#include <random>
#include <string>

class Random {
 public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t below(std::uint64_t limit) {
        return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(engine_);
    }
    bool flip() { return below(2) == 0; }
    std::uint64_t bits() { return engine_(); }

    std::string text(std::size_t max_size) {
        std::string out(below(max_size + 1), '\0');
        for (char& c : out) {
            c = static_cast<char>(bits());
        }
        return out;
    }

    amqp::FieldValue value(int depth = 3) {
        using namespace amqp;
        switch (below(depth == 0 ? 15 : 17)) {
        case 0:
            return Void{};
        case 1:
            return flip();
        case 2:
            return static_cast<std::int8_t>(bits());
        case 3:
            return static_cast<std::uint8_t>(bits());
        case 4:
            return static_cast<std::int16_t>(bits());
        case 5:
            return static_cast<std::uint16_t>(bits());
        case 6:
            return static_cast<std::int32_t>(bits());
        case 7:
            return static_cast<std::uint32_t>(bits());
        case 8:
            return static_cast<std::int64_t>(bits());
        case 9:
            return std::uniform_real_distribution<float>(-1e9F, 1e9F)(engine_);
        case 10:
            return std::uniform_real_distribution<double>(-1e99, 1e99)(engine_);
        case 11:
            return Decimal{static_cast<std::uint8_t>(bits()), static_cast<std::uint32_t>(bits())};
        case 12:
            return text(300);
        case 13:
            return ByteArray{text(300)};
        case 14:
            return Timestamp{bits()};
        case 15:
            return table(depth - 1);
        default:
            break;
        }
        Array array;
        for (std::uint64_t size = below(4); array.size() < size;) {
            array.push_back(value(depth - 1));
        }
        return array;
    }

    amqp::FieldTable table(int depth = 3) {
        amqp::FieldTable out;
        for (std::uint64_t size = below(5); out.size() < size;) {
            out.append(text(10), value(depth));
        }
        return out;
    }

    template <amqp::Method M>
    M method() {
        M out;
        amqp::detail::for_each_field(out, [&](const char*, auto& field) { fill(field); });
        return out;
    }

    amqp::BasicProperties properties() {
        amqp::BasicProperties out;
        for (auto* text_property :
             {&out.content_type, &out.content_encoding, &out.correlation_id, &out.reply_to, &out.expiration,
              &out.message_id, &out.type, &out.user_id, &out.app_id, &out.cluster_id}) {
            if (flip()) {
                *text_property = text(255);
            }
        }
        if (flip()) {
            out.headers = table();
        }
        for (auto* octet : {&out.delivery_mode, &out.priority}) {
            if (flip()) {
                *octet = static_cast<std::uint8_t>(bits());
            }
        }
        if (flip()) {
            out.timestamp = bits();
        }
        return out;
    }

 private:
    const std::string& keep(std::string text) { return kept_.emplace_back(std::move(text)); }

    void fill(bool& bit) { bit = flip(); }
    void fill(amqp::ShortString& field) { field.value = keep(text(255)); }
    void fill(amqp::LongString& field) { field.value = keep(text(1'000)); }
    void fill(amqp::EncodedTable& field) { field.bytes = keep(table().encode()); }
    template <std::unsigned_integral T>
    void fill(T& number) {
        number = static_cast<T>(bits());
    }

    std::mt19937_64 engine_;
    std::deque<std::string> kept_;
};
