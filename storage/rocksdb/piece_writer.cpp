#include "storage/rocksdb/piece_writer.hpp"

#include "storage/byte_codec.hpp"
#include "storage/crc32c.hpp"

namespace storage {
namespace {

constexpr std::size_t copy_below = 512; // shorter texts are cheaper to copy than to be a piece of their own

} // namespace

void PieceWriter::clear() {
    text_.clear();
    piece_begin_ = 0;
    size_elsewhere_ = 0;
    pieces_.clear();
    views_.clear();
}

void PieceWriter::put_text(std::string_view text) {
    if (text.size() < copy_below) {
        text_.append(text);
        return;
    }
    end_piece();
    pieces_.push_back({text.data(), 0, text.size()});
    size_elsewhere_ += text.size();
}

std::size_t PieceWriter::size() const {
    return text_.size() + size_elsewhere_;
}

void PieceWriter::end_piece() {
    if (text_.size() > piece_begin_)
        pieces_.push_back({nullptr, piece_begin_, text_.size() - piece_begin_});
    piece_begin_ = text_.size();
}

std::span<const std::string_view> PieceWriter::finish(std::string_view key) {
    end_piece();
    std::uint32_t checksum = crc32c(key);
    for (const Piece& piece : pieces_) {
        const char* begin = piece.elsewhere != nullptr ? piece.elsewhere : text_.data() + piece.begin;
        checksum = crc32c_extend(checksum, {begin, piece.size});
    }
    put_little_endian(text_, checksum);
    end_piece();
    for (const Piece& piece : pieces_) // only now does the buffer stay where it is
        views_.emplace_back(piece.elsewhere != nullptr ? piece.elsewhere : text_.data() + piece.begin, piece.size);
    return views_;
}

} // namespace storage
