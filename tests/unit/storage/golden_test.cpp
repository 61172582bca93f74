// Data directories that released versions have left behind (tests/data/golden/write.py): this one reads them.
#include "storage/records.hpp"
#include "storage/store_tools.hpp"
#include "tests/unit/storage/store_under_test.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <map>
#include <string>
#include <vector>

namespace storage::test {
namespace {

class GoldenCopy {
 public:
    explicit GoldenCopy(const std::string& version) {
        std::filesystem::copy(std::string(TESTS_DATA "/golden/") + version, path(),
                              std::filesystem::copy_options::recursive);
    }
    std::filesystem::path path() const { return directory_.path() / "data"; }

    void open() {
        RocksStoreOptions options;
        options.directory = path();
        options.log = [](LogLevel, std::string_view) {};
        store_ = open_rocksdb(options);
        store_->recover(recovered);
    }

    template <class Record>
    std::map<std::string, Record> all(RecordType type) const { // by the name in the key
        std::map<std::string, Record> result;
        for (const auto& [key, value] : recovered.records)
            if (key.second.type == type)
                result[key.second.name] = decode_record<Record>(value).value();
        return result;
    }

    std::vector<StoredMessage> messages(QueueId queue) const {
        const auto page = std::make_shared<std::promise<Store::Page>>();
        store_->read(queue, 0, SIZE_MAX, SIZE_MAX, [page](Store::Page got) { page->set_value(std::move(got)); });
        Store::Page got = page->get_future().get();
        REQUIRE(got.ok);
        CHECK(got.messages.size() == (recovered.queues.contains(queue) ? recovered.queues.at(queue).messages : 0));
        return std::move(got.messages);
    }

    std::vector<StoredMessage> messages(const std::string& name) const {
        return messages(all<QueueRecord>(RecordType::queue).at(name).id);
    }

    Recovered recovered;

 private:
    TemporaryDirectory directory_;
    std::unique_ptr<Store> store_;
};

std::vector<std::string> bodies(const std::vector<StoredMessage>& messages) {
    std::vector<std::string> result;
    for (const auto& each : messages)
        result.emplace_back(each.message->body());
    return result;
}

void check_records(const GoldenCopy& golden) {
    const auto hosts = golden.all<VirtualHostRecord>(RecordType::virtual_host);
    REQUIRE(hosts.size() == 2);
    CHECK(hosts.at("other").description == "the second one");
    CHECK(hosts.at("other").tags == std::vector<std::string>{"one", "two"});
    const auto users = golden.all<UserRecord>(RecordType::user);
    CHECK(users.size() == 3);
    CHECK(users.at("alice").tags == std::vector<std::string>{"monitoring"});
    CHECK(users.at("alice").limits == std::map<std::string, std::int64_t>{{"max-connections", 3}});
    const auto permissions = golden.all<PermissionRecord>(RecordType::permission);
    CHECK(permissions.at(std::string("\5alice\5other")).configure == "^a");
    CHECK(golden.all<TopicPermissionRecord>(RecordType::topic_permission).begin()->second.read == "^b");
    const auto policy = golden.all<PolicyRecord>(RecordType::policy).at("limits");
    CHECK(policy.pattern == "^small");
    CHECK(policy.priority == 7);
    CHECK(golden.all<PolicyRecord>(RecordType::operator_policy).at("guard").operators);
    CHECK(golden.all<LimitRecord>(RecordType::limit).at("max-queues").value == 10);
    CHECK(golden.all<GlobalParameterRecord>(RecordType::global_parameter).at("golden").value == R"({"year":2026})");
    const auto exchanges = golden.all<ExchangeRecord>(RecordType::exchange);
    CHECK(exchanges.size() == 3);
    CHECK(exchanges.at("headers-e").arguments.find("topic-e") != std::string::npos);
    CHECK(golden.all<QueueRecord>(RecordType::queue).size() == 6);
    CHECK(golden.all<QueueRecord>(RecordType::queue).at("empty").auto_delete);
    CHECK(golden.all<BindingRecord>(RecordType::binding).size() == 3);
}

void check_paged(const GoldenCopy& golden) {
    std::vector<std::string> expected;
    for (int i = 0; i < 1500; ++i)
        if (i >= 100 || i % 3 != 0)
            expected.push_back("paged " + std::to_string(i));
    const auto paged = golden.messages("paged");
    CHECK(bodies(paged) == expected);
    CHECK(paged[0].redelivered); // given back
    CHECK_FALSE(paged.back().redelivered);
}

void check_young(const GoldenCopy& golden) {
    const auto young = golden.messages("young");
    REQUIRE(young.size() == 22);
    for (int i = 0; i < 20; ++i)
        CHECK(young[static_cast<std::size_t>(i)].message->body() == "young " + std::to_string(i));
    CHECK(young[0].message->exchange() == "topic-e");
    CHECK(young[0].message->routing_key() == "a.b");
    CHECK(young[0].expires_at_ms == StoredMessage::no_expiry);
    CHECK(young[20].expires_at_ms == young[20].published_at_ms + 4'294'967'295);
    CHECK(young[21].message->body() == std::string_view("\0\xff binary", 9));
}

TEST_CASE("golden: a data directory of version 1 is read whole", "[storage][golden]") {
    GoldenCopy golden("v1");
    std::vector<std::string> findings;
    const auto verified = verify_rocksdb(
        golden.path(), [&](std::string_view line) { findings.emplace_back(line); }, [](std::string_view) {});
    CHECK(findings == std::vector<std::string>{});
    CHECK(verified.contents.pages == 2);
    CHECK(verified.contents.log_values > 0);

    golden.open();
    check_records(golden);
    check_paged(golden);
    check_young(golden);
    CHECK(bodies(golden.messages("priorities")) == std::vector<std::string>{"priority 1", "priority 5", "priority 3"});
    const auto dead = golden.messages("dead");
    CHECK(bodies(dead) == std::vector<std::string>{"by headers", "dead-lettered"});
    CHECK(dead.at(1).message->properties().find("x-first-death-reason") != std::string_view::npos);
    CHECK(golden.messages("dying").empty());
    const QueueId delayed = golden.all<ExchangeRecord>(RecordType::exchange).at("delayed-e").kept_queue;
    CHECK(bodies(golden.messages(delayed)) == std::vector<std::string>{"delayed"});
}

} // namespace
} // namespace storage::test
