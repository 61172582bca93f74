#include "storage/rocksdb/reader.hpp"

#include "storage/rocksdb/page_codec.hpp"
#include "storage/rocksdb/row_codec.hpp"

#include <pthread.h>
namespace storage {
namespace {

constexpr std::size_t max_page_ends = 16 * 1024;

} // namespace

struct Reader::Scan {
    const Request& request;
    const QueueState& state;
    rocksdb::ReadOptions options = {};
    rocksdb::Iterator* at = nullptr;
    Store::Page page = {};
    std::size_t bytes = 0;
    bool enough = false; // and there is at least one message more
};

Reader::Reader(const Database& database, const RocksStoreOptions& options, std::uint64_t unclean_epoch)
    : database_(database),
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

void Reader::submit(CommitThread& commits, Request request) {
    commits.submit_look([this, asked = std::move(request)](const GroupBuilder& builder) mutable {
        Work work{std::move(asked), {}, nullptr};
        const Request& what = work.request;
        work.view = builder.view(what.queue, what.from, what.max_messages, what.max_bytes);
        if (work.view.paged.messages > 0)
            work.snapshot = std::make_unique<rocksdb::ManagedSnapshot>(&database_.db());
        {
            const std::lock_guard lock(mutex_);
            queued_.push_back(std::move(work));
        }
        work_.notify_one();
    });
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
    pthread_setname_np(pthread_self(), "page reader"); // what top and perf show
    while (true) {
        std::unique_lock lock(mutex_);
        work_.wait(lock, [this] { return !queued_.empty() || stop_ != Stop::no; });
        if (stop_ == Stop::abandon || queued_.empty())
            return;
        Work work = std::move(queued_.front());
        queued_.pop_front();
        lock.unlock();
        Store::Page page = read(work);
        work.snapshot.reset();
        work.request.completion(std::move(page));
    }
}

Store::Page Reader::read(Work& work) {
    Scan scan{.request = work.request, .state = work.view.paged};
    if (work.snapshot != nullptr) {
        scan.options.snapshot = work.snapshot->snapshot();
        read_pages(scan);
    }
    for (StoredMessage& message : work.view.young)
        if (!scan.page.ok || scan.enough || !take_message(scan, std::move(message)))
            break;
    scan.page.end = !scan.enough && !work.view.more;
    return std::move(scan.page);
}

void Reader::read_pages(Scan& scan) {
    const Request& request = scan.request;
    const std::string lower = encode_key(PageKey{request.queue, scan.state.head});
    const std::string upper = encode_key(PageKey{request.queue + 1, 0});
    const rocksdb::Slice lower_slice(lower);
    const rocksdb::Slice upper_slice(upper);
    scan.options.iterate_lower_bound = &lower_slice;
    scan.options.iterate_upper_bound = &upper_slice;
    scan.options.fill_cache = false; // a page is read once
    const auto at = database_.iterate(Family::pages, scan.options);
    scan.at = at.get();

    const auto page_end = page_ends_.find(request.queue);
    const std::string from = encode_key(PageKey{request.queue, request.from});
    if (request.from <= scan.state.head || (page_end != page_ends_.end() && page_end->second + 1 == request.from)) {
        at->Seek(from);
    } else {
        at->SeekForPrev(from);
        if (!at->Valid())
            at->Seek(from);
    }
    while (scan.page.ok && !scan.enough && at->Valid() && read_page(scan))
        at->Next();
    if (!at->status().ok())
        fail(scan, request.from, at->status().ToString());
    scan.options.iterate_lower_bound = nullptr;
    scan.options.iterate_upper_bound = nullptr;
}

// False when nothing more is to be read.
bool Reader::read_page(Scan& scan) {
    const auto key = decode_page_key(view(scan.at->key()));
    if (!key)
        return true;
    const auto entries = decode_page(*key, view(scan.at->value()));
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
        const EntryView& entry = (*entries)[i];
        if (entry.sequence < scan.request.from || acks.is_settled(i))
            continue;
        const auto redelivered = acks.redelivered.find(static_cast<std::uint32_t>(i));
        if (!take_entry(scan, entry, redelivered == acks.redelivered.end() ? nullptr : &redelivered->second))
            return false;
    }
    if (page_ends_.size() > max_page_ends)
        page_ends_.clear();
    page_ends_[key->queue] = entries->back().sequence;
    return true;
}

bool Reader::take_entry(Scan& scan, const EntryView& entry, const std::uint32_t* redelivered) {
    amqp::MessagePtr message = message_of(entry);
    if (message == nullptr) {
        fail(scan, entry.sequence, "stored properties are malformed");
        return false;
    }
    return take_message(scan, {.sequence = entry.sequence,
                               .published_at_ms = entry.published_at_ms,
                               .expires_at_ms = entry.expires_at_ms,
                               .delivery_count = redelivered != nullptr ? *redelivered : entry.delivery_count,
                               .redelivered = entry.redelivered || redelivered != nullptr,
                               .message = std::move(message)});
}

bool Reader::take_message(Scan& scan, StoredMessage message) const {
    Store::Page& page = scan.page;
    if (!page.messages.empty() &&
        (page.messages.size() >= scan.request.max_messages || scan.bytes >= scan.request.max_bytes)) {
        scan.enough = true;
        return false;
    }
    message.redelivered = message.redelivered || message.sequence <= scan.state.delivered_up_to ||
                          message.sequence < unclean_below_;
    scan.bytes += message.message->body_size();
    page.messages.push_back(std::move(message));
    return true;
}

void Reader::fail(Scan& scan, Sequence first, std::string_view what) const {
    scan.page.ok = false;
    if (options_.log)
        options_.log(LogLevel::error, "queue " + std::to_string(scan.request.queue) + ", page " +
                                          std::to_string(first) + ": " + std::string(what));
}

} // namespace storage
