#include "storage/rocksdb/reader.hpp"

#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/row_codec.hpp"

#include <rocksdb/snapshot.h>

namespace storage {
namespace {

constexpr std::size_t max_page_ends = 16 * 1024;

} // namespace

struct Reader::Scan {
    const Request& request;
    QueueState state;
    const rocksdb::ReadOptions& options;
    rocksdb::Iterator& at;
    Store::Page page;
    std::size_t bytes = 0;
    bool enough = false; // and there is at least one message more
};

Reader::Reader(const Database& database, const CommitThread& commits, const RocksStoreOptions& options,
               std::uint64_t unclean_epoch)
    : database_(database),
      commits_(commits),
      options_(options),
      unclean_below_(first_sequence(unclean_epoch + 1)),
      thread_([this] { run(); }) {}

Reader::~Reader() {
    {
        const std::lock_guard lock(mutex_);
        if (stop_ == Stop::no)
            stop_ = Stop::abandon;
    }
    work_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

void Reader::submit(Request request) {
    request.after = commits_.last_submitted();
    {
        const std::lock_guard lock(mutex_);
        queued_.push_back(std::move(request));
    }
    work_.notify_one();
}

void Reader::drain() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = Stop::drain;
    }
    work_.notify_one();
    thread_.join();
}

void Reader::run() {
    while (true) {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return !queued_.empty() || stop_ != Stop::no; });
        if (stop_ == Stop::abandon || queued_.empty())
            return;
        Request request = std::move(queued_.front());
        queued_.pop_front();
        lock.unlock();
        if (!commits_.wait_written(request.after))
            return;
        request.completion(read(request));
    }
}

Store::Page Reader::read(const Request& request) {
    Store::Page nothing;
    rocksdb::ManagedSnapshot snapshot(&database_.db());
    rocksdb::ReadOptions options;
    options.snapshot = snapshot.snapshot();
    options.fill_cache = false; // a page is read once
    std::string row;
    const auto status = database_.db().Get(options, database_.family(Family::queues), encode_key(request.queue), &row);
    if (status.IsNotFound())
        return nothing;
    const auto state = status.ok() ? decode_queue_row(request.queue, row) : amqp::internal_error(status.ToString());
    if (!state && options_.log)
        options_.log(LogLevel::error, "queue " + std::to_string(request.queue) + ": " + state.error().text);

    // Without its row the queue is read from the very start.
    const QueueState known = state ? *state : QueueState{.queue = request.queue};
    const std::string lower = encode_key(PageKey{request.queue, known.head});
    const std::string upper = encode_key(PageKey{request.queue + 1, 0});
    const rocksdb::Slice lower_slice(lower);
    const rocksdb::Slice upper_slice(upper);
    options.iterate_lower_bound = &lower_slice;
    options.iterate_upper_bound = &upper_slice;
    const auto at = database_.iterate(Family::pages, options);

    const auto page_end = page_ends_.find(request.queue);
    const std::string from = encode_key(PageKey{request.queue, request.from});
    if (request.from <= known.head || (page_end != page_ends_.end() && page_end->second + 1 == request.from)) {
        at->Seek(from);
    } else {
        at->SeekForPrev(from);
        if (!at->Valid())
            at->Seek(from);
    }
    Scan scan{request, known, options, *at, {}};
    while (scan.page.ok && !scan.enough && at->Valid() && read_page(scan))
        at->Next();
    if (!at->status().ok())
        fail(scan, request.from, at->status().ToString());
    scan.page.end = !scan.enough;
    return std::move(scan.page);
}

// False when nothing more is to be read.
bool Reader::read_page(Scan& scan) {
    const auto key = decode_page_key(view(scan.at.key()));
    if (!key)
        return true;
    const auto entries = decode_page(*key, view(scan.at.value()));
    if (!entries) {
        fail(scan, key->first, entries.error().text);
        return false;
    }
    PageAcks acks;
    std::string row;
    const auto status = database_.db().Get(scan.options, database_.family(Family::acks), encode_key(*key), &row);
    if (status.ok()) {
        auto decoded = decode_ack_row(*key, entries->size(), row);
        if (!decoded) {
            fail(scan, key->first, decoded.error().text);
            return false;
        }
        acks = std::move(*decoded);
    } else if (!status.IsNotFound()) {
        fail(scan, key->first, status.ToString());
        return false;
    }
    for (std::size_t i = 0; i < entries->size(); ++i) {
        const PageEntry& entry = (*entries)[i];
        if (entry.sequence < scan.request.from || acks.is_settled(i))
            continue;
        const auto redelivered = acks.redelivered.find(static_cast<std::uint32_t>(i));
        if (!take_message(scan, entry, redelivered == acks.redelivered.end() ? nullptr : &redelivered->second))
            return false;
    }
    if (page_ends_.size() > max_page_ends)
        page_ends_.clear();
    page_ends_[key->queue] = entries->back().sequence;
    return true;
}

bool Reader::take_message(Scan& scan, const PageEntry& entry, const std::uint32_t* redelivered) {
    const auto& request = scan.request;
    if (!scan.page.messages.empty() &&
        (scan.page.messages.size() >= request.max_messages || scan.bytes >= request.max_bytes)) {
        scan.enough = true;
        return false;
    }
    amqp::MessageBuilder builder;
    if (!builder.begin(entry.exchange, entry.routing_key, entry.properties, entry.body.size())) {
        fail(scan, entry.sequence, "stored properties are malformed");
        return false;
    }
    builder.set_deaths(entry.deaths);
    builder.append(entry.body);
    scan.bytes += entry.body.size();
    StoredMessage message{.sequence = entry.sequence,
                          .published_at_ms = entry.published_at_ms,
                          .expires_at_ms = entry.expires_at_ms,
                          .delivery_count = redelivered != nullptr ? *redelivered : entry.delivery_count,
                          .redelivered = entry.redelivered || redelivered != nullptr ||
                                         entry.sequence <= scan.state.delivered_up_to ||
                                         entry.sequence < unclean_below_,
                          .message = builder.finish()};
    scan.page.messages.push_back(std::move(message));
    return true;
}

void Reader::fail(Scan& scan, Sequence first, std::string_view what) const {
    scan.page.ok = false;
    if (options_.log)
        options_.log(LogLevel::error, "queue " + std::to_string(scan.request.queue) + ", page " +
                                          std::to_string(first) + ": " + std::string(what));
}

} // namespace storage
