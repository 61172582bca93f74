// Puts a value together without copying large bodies: short texts go into one buffer, long ones stay where they are.
// What finish() returns points into the messages and into this object, until it is cleared.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace storage {

class PieceWriter {
 public:
    void clear();
    std::string& text() { return text_; } // for everything short; comes behind what was put before
    void put_text(std::string_view text); // must live until the value is written
    std::size_t size() const;             // so far

    // Ends the value with the crc32c of its key and of everything before.
    std::span<const std::string_view> finish(std::string_view key);

 private:
    struct Piece {
        const char* elsewhere; // null: in text_, from begin on
        std::size_t begin;
        std::size_t size;
    };
    void end_piece();

    std::string text_;
    std::size_t piece_begin_ = 0;
    std::size_t size_elsewhere_ = 0;
    std::vector<Piece> pieces_;
    std::vector<std::string_view> views_;
};

} // namespace storage
