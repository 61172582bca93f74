#include "broker/auth/permissions.hpp"
#include "broker/auth/user_store.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <string>
#include <thread>

using namespace broker;

namespace {

UserDefinition definition(std::string name, std::vector<std::string> tags = {}) {
    UserDefinition made;
    made.name = std::move(name);
    made.tags = std::move(tags);
    return made;
}

PasswordHash some_hash() {
    return {HashingAlgorithm::sha256, "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"};
}

// The records as a disk would have them after all batches.
class Disk {
 public:
    void apply(const storage::Batch& batch) {
        for (const auto& record : batch.records) {
            if (record.erase) {
                rows_.erase(record.key);
            } else {
                rows_[record.key] = record.value;
            }
        }
    }
    std::size_t size() const { return rows_.size(); }
    void load_into(UserStore& store) const {
        store.load(all<storage::UserRecord>(storage::RecordType::user),
                   all<storage::PermissionRecord>(storage::RecordType::permission),
                   all<storage::TopicPermissionRecord>(storage::RecordType::topic_permission));
    }

 private:
    template <class Record>
    std::vector<Record> all(storage::RecordType type) const {
        std::vector<Record> records;
        for (const auto& [key, value] : rows_) {
            if (key.type == type) {
                records.push_back(storage::decode_record<Record>(value).value());
            }
        }
        return records;
    }
    std::map<storage::RecordKey, std::string> rows_;
};

struct Node {
    UserStore store;
    storage::Batch batch;

    Node() { add("u"); }
    void add(std::string name) { store.put_user(definition(std::move(name)), some_hash(), batch).value(); }
    UserPtr user(std::string_view name = "u") const { return store.table()->find(name); }
};

void fill(Node& node) {
    node.store.set_permissions("u", "/", {"c", "w", "r"}, node.batch).value();
    node.store.set_permissions("u", "v", {".*", ".*", ".*"}, node.batch).value();
    node.store.set_topic_permissions("u", "/", "events", {"^a", "^b"}, node.batch).value();
    node.store.set_topic_permissions("u", "/", "logs", {"^c", "^d"}, node.batch).value();
    node.store.set_limit("u", "max-channels", 7, node.batch).value();
}

} // namespace

TEST_CASE("user store: put creates, then replaces tags and password and keeps the rest", "[auth][users]") {
    Node node;
    fill(node);
    UserDefinition changed = definition("u", {"administrator"});
    CHECK(node.store.put_user(changed, {}, node.batch).value() == Put::replaced);
    CHECK(node.store.put_user(definition("new"), {}, node.batch).value() == Put::created);
    const UserPtr user = node.user();
    CHECK(user->is_administrator());
    CHECK(user->password_hash.empty()); // neither password nor hash: cleared
    CHECK(user->max_channels() == 7U);
    CHECK(user->permissions.size() == 2);
    changed.limits.emplace();
    CHECK(node.store.put_user(changed, {}, node.batch).has_value());
    CHECK_FALSE(node.user()->max_channels());
}

TEST_CASE("user store: what was committed is what is loaded", "[auth][users]") {
    Node node;
    fill(node);
    node.add("other");
    CHECK(node.store.put_user(definition("tagged", {"monitoring", "x"}), {HashingAlgorithm::argon2id, "h"}, node.batch)
              .has_value());
    Disk disk;
    disk.apply(node.batch);

    UserStore loaded;
    disk.load_into(loaded);
    REQUIRE(loaded.table()->size() == 3);
    for (const UserPtr& expected : *node.store.table()) {
        INFO(expected->name);
        const UserPtr user = loaded.table()->find(expected->name);
        REQUIRE(user);
        CHECK(user->password_hash == expected->password_hash);
        CHECK(user->tags == expected->tags);
        CHECK(user->limits == expected->limits);
        CHECK(user->permissions == expected->permissions);
        CHECK(user->topic_permissions == expected->topic_permissions);
    }
}

TEST_CASE("user store: deleting a user erases every record of it", "[auth][users]") {
    Node node;
    fill(node);
    CHECK(node.store.delete_user("u", node.batch).has_value());
    CHECK(node.store.table()->empty());
    Disk disk;
    disk.apply(node.batch);
    CHECK(disk.size() == 0);
    CHECK(node.store.delete_user("u", node.batch).error().code == amqp::ReplyCode::not_found);
}

TEST_CASE("user store: clearing takes exactly what is named", "[auth][users]") {
    Node node;
    fill(node);
    CHECK(node.store.clear_permissions("u", "v", node.batch).has_value());
    CHECK(node.store.clear_topic_permissions("u", "/", "events", node.batch).has_value());
    CHECK(node.store.clear_limit("u", "max-channels", node.batch).has_value());
    CHECK(node.store.clear_limit("u", "max-channels", node.batch).has_value()); // as RabbitMQ: gone is gone
    CHECK(node.user()->permissions.size() == 1);
    CHECK(node.user()->topic_permissions.at("/").size() == 1);
    CHECK(node.user()->limits.empty());
    CHECK(node.store.clear_topic_permissions("u", "/", std::nullopt, node.batch).has_value());
    CHECK(node.user()->topic_permissions.empty());
    Disk disk;
    disk.apply(node.batch);
    CHECK(disk.size() == 2); // the user and its permission in "/"
}

TEST_CASE("user store: what is not there is not found, and nothing changes", "[auth][users]") {
    Node node;
    fill(node);
    storage::Batch batch;
    const auto generation = node.store.generation();
    std::vector<amqp::Result<>> results;
    results.push_back(node.store.change_password("nobody", {}, batch));
    results.push_back(node.store.set_limit("nobody", "max-channels", 1, batch));
    results.push_back(node.store.clear_limit("nobody", "max-channels", batch));
    results.push_back(node.store.clear_permissions("u", "x", batch));
    results.push_back(node.store.clear_permissions("nobody", "/", batch));
    results.push_back(node.store.clear_topic_permissions("u", "v", std::nullopt, batch));
    results.push_back(node.store.clear_topic_permissions("u", "/", "x", batch));
    for (const auto& result : results) {
        REQUIRE_FALSE(result.has_value());
        CHECK(result.error().code == amqp::ReplyCode::not_found);
    }
    CHECK(node.store.set_permissions("nobody", "/", {}, batch).error().code == amqp::ReplyCode::not_found);
    CHECK(node.store.set_topic_permissions("nobody", "/", "e", {}, batch).error().code == amqp::ReplyCode::not_found);
    CHECK(batch.empty());
    CHECK(node.store.generation() == generation);
}

TEST_CASE("user store: bad input is refused, and nothing changes", "[auth][users]") {
    Node node;
    storage::Batch batch;
    const auto generation = node.store.generation();
    UserDefinition no_tags;
    no_tags.name = "x";
    CHECK(node.store.put_user(no_tags, {}, batch).error().text == "tags_not_present");
    CHECK_FALSE(node.store.set_limit("u", "max-queues", 1, batch).has_value());
    CHECK_FALSE(node.store.set_permissions("u", "/", {"(", "", ""}, batch).has_value());
    CHECK_FALSE(node.store.set_topic_permissions("u", "/", "e", {"(", ""}, batch).has_value());
    CHECK(batch.empty());
    CHECK(node.store.generation() == generation);
}

TEST_CASE("user store: put of a permission says whether it is new", "[auth][users]") {
    Node node;
    CHECK(node.store.set_permissions("u", "/", {}, node.batch).value() == Put::created);
    CHECK(node.store.set_permissions("u", "/", {".*", "", ""}, node.batch).value() == Put::replaced);
    CHECK(node.store.set_topic_permissions("u", "/", "e", {}, node.batch).value() == Put::created);
    CHECK(node.store.set_topic_permissions("u", "/", "e", {"a", "b"}, node.batch).value() == Put::replaced);
    CHECK(node.store.set_topic_permissions("u", "/", "f", {"a", "b"}, node.batch).value() == Put::created);
}

TEST_CASE("user store: a deleted virtual host is forgotten by all users", "[auth][users]") {
    Node node;
    node.add("untouched");
    fill(node);
    const auto untouched = node.user("untouched");
    const auto version = node.user()->version;
    node.store.forget_virtual_host("/", node.batch);
    CHECK(node.user()->permissions.size() == 1);
    CHECK(node.user()->topic_permissions.empty());
    CHECK(node.user()->version != version);
    CHECK(node.user("untouched") == untouched);
    Disk disk;
    disk.apply(node.batch);
    CHECK(disk.size() == 3); // two users, one permission
}

TEST_CASE("user store: every change gives the user another version, and only that user", "[auth][users]") {
    Node node;
    node.add("other");
    const auto other = node.user("other")->version;
    std::vector<std::uint64_t> versions{node.user()->version};
    const auto note = [&] { versions.push_back(node.user()->version); };
    CHECK(node.store.change_password("u", some_hash(), node.batch).has_value());
    note();
    CHECK(node.store.set_permissions("u", "/", {}, node.batch).has_value());
    note();
    CHECK(node.store.clear_permissions("u", "/", node.batch).has_value());
    note();
    CHECK(node.store.put_user(definition("u"), some_hash(), node.batch).has_value());
    note();
    CHECK(node.store.delete_user("u", node.batch).has_value());
    node.add("u");
    note();
    for (std::size_t i = 1; i < versions.size(); ++i) {
        CHECK(versions[i] > versions[i - 1]);
    }
    CHECK(node.user("other")->version == other);
}

TEST_CASE("user store: permissions of nobody and unknown algorithms do not survive loading", "[auth][users]") {
    UserStore store;
    store.load({{"u", "hash", "from_the_future", {}, {}}}, {{"ghost", "/", ".*", ".*", ".*"}},
               {{"ghost", "/", "e", ".*", ".*"}});
    CHECK(store.table()->size() == 1);
    CHECK(store.table()->find("ghost") == nullptr);
    CHECK(store.table()->find("u")->password_hash.empty()); // closed, not open
}

TEST_CASE("user store: the table is sorted and finds every name", "[auth][users]") {
    UserStore store;
    storage::Batch batch;
    for (int number = 0; number < 300; ++number) {
        CHECK(store.put_user(definition("u" + std::to_string(number * 7919 % 300)), {}, batch).has_value());
    }
    const UserTablePtr table = store.table();
    CHECK(table->size() == 300);
    CHECK(std::is_sorted(table->begin(), table->end(),
                         [](const UserPtr& a, const UserPtr& b) { return a->name < b->name; }));
    for (int number = 0; number < 300; ++number) {
        CHECK(table->find("u" + std::to_string(number)) != nullptr);
    }
    CHECK(table->find("u") == nullptr);
    CHECK(table->find("u300") == nullptr);
}

TEST_CASE("user store: a snapshot stays as it is while the store changes", "[auth][users]") {
    Node node;
    fill(node);
    const UserTablePtr before = node.store.table();
    const UserPtr user = before->find("u");
    CHECK(node.store.delete_user("u", node.batch).has_value());
    node.add("v");
    CHECK(before->size() == 1);
    CHECK(before->find("u") == user);
    CHECK(user->permissions.at("/").configure == "c");
    CHECK(node.store.table()->find("u") == nullptr);
}

TEST_CASE("user store: readers on other threads always see a whole table", "[auth][users]") {
    Node node;
    std::atomic<bool> stop{false};
    std::atomic<int> torn{0};
    const auto read = [&] {
        while (!stop) {
            const auto generation = node.store.generation();
            const UserPtr user = node.user();
            // Both patterns are set together, and a number that was seen means that its table is there.
            const auto row = user->permissions.find("/");
            if (row != user->permissions.end() &&
                (row->second.configure != row->second.write || user->version < generation)) {
                ++torn;
            }
        }
    };
    std::thread first(read);
    std::thread second(read);
    for (int round = 0; round < 2000; ++round) {
        const std::string pattern = std::to_string(round);
        node.store.set_permissions("u", "/", {pattern, pattern, ""}, node.batch).value();
    }
    stop = true;
    first.join();
    second.join();
    CHECK(torn == 0);
}
