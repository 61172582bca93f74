#include "broker/core/erlang_term.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <variant>

namespace broker {
namespace {

class TermWriter {
 public:
    explicit TermWriter(std::size_t max_size) : max_size_(max_size) {}

    void write(const amqp::FieldValue& value) {
        if (out_.size() < max_size_) {
            std::visit([this](const auto& alternative) { write(alternative); }, value.variant());
        }
    }
    void write_pairs(const amqp::FieldTable& table) {
        out_ += '[';
        write_all(table, [this](const auto& entry) {
            out_ += '{';
            write(entry.first);
            out_ += ',';
            write(entry.second);
            out_ += '}';
        });
        out_ += ']';
    }
    std::string finish() {
        if (out_.size() > max_size_) {
            out_.resize(max_size_);
            out_ += "...";
        }
        return std::move(out_);
    }

 private:
    void write(amqp::Void) { out_ += "undefined"; }
    void write(bool value) { out_ += value ? "true" : "false"; }
    template <class Number>
    requires std::is_arithmetic_v<Number>
    void write(Number value) { fmt::format_to(std::back_inserter(out_), "{}", value); }
    void write(const amqp::Decimal& value) {
        fmt::format_to(std::back_inserter(out_), "{{{},{}}}", value.scale, value.value);
    }
    void write(const amqp::Timestamp& value) { write(value.seconds); }
    void write(const amqp::ByteArray& value) { write(value.bytes); }
    void write(const std::string& text) {
        out_ += "<<\"";
        bool ascii = true;
        for (const char c : std::string_view(text).substr(0, max_size_)) {
            ascii = ascii && static_cast<unsigned char>(c) < 0x80;
            if (c == '"' || c == '\\') {
                out_ += '\\';
            }
            out_ += c;
        }
        out_ += ascii ? "\">>" : "\"/utf8>>";
    }
    void write(const amqp::Array& array) {
        out_ += '[';
        write_all(array, [this](const amqp::FieldValue& value) { write(value); });
        out_ += ']';
    }
    void write(const amqp::FieldTable& table) {
        out_ += "#{";
        write_all(table, [this](const auto& entry) {
            write(entry.first);
            out_ += " => ";
            write(entry.second);
        });
        out_ += '}';
    }

    template <class Range, class Write>
    void write_all(const Range& range, Write write_one) {
        bool first = true;
        for (const auto& each : range) {
            if (out_.size() >= max_size_) {
                return;
            }
            if (!first) {
                out_ += ',';
            }
            first = false;
            write_one(each);
        }
    }

    const std::size_t max_size_;
    std::string out_;
};

} // namespace

std::string erlang_term(const amqp::FieldValue& value, std::size_t max_size) {
    TermWriter writer(max_size);
    writer.write(value);
    return writer.finish();
}

std::string erlang_pairs(const amqp::FieldTable& table, std::size_t max_size) {
    TermWriter writer(max_size);
    writer.write_pairs(table);
    return writer.finish();
}

} // namespace broker
