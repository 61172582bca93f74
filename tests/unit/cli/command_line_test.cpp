#include "cli/command_line.hpp"
#include "cli/command_table.hpp"
#include "cli/usage.hpp"

#include <catch2/catch.hpp>

#include <sstream>

using namespace cli;

namespace {

CommandLine parsed(std::vector<const char*> words) {
    words.insert(words.begin(), "leveretctl");
    return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string complaint_about(std::vector<const char*> words) {
    try {
        parsed(std::move(words));
    } catch (const Failure& failure) {
        CHECK(failure.code() == ExitCode::usage);
        return failure.what();
    }
    return "none";
}

} // namespace

TEST_CASE("usage: the line that help shows says what may be typed", "[cli]") {
    const Usage usage = parse_usage("[--vhost <vhost>] <name> [<file>] [--if-empty|-e] [--count <n>] [<column> ...]");
    REQUIRE(usage.positionals.size() == 3);
    CHECK((usage.positionals[0].name == "name" && usage.positionals[0].required));
    CHECK((usage.positionals[1].name == "file" && !usage.positionals[1].required));
    CHECK((usage.positionals[2].repeated && !usage.positionals[2].required));
    REQUIRE(usage.options.size() == 3);
    CHECK((usage.options[1].name == "if_empty" && usage.options[1].flags == "-e,--if-empty"));
    CHECK((usage.options[2].name == "count" && usage.options[2].has_value));
    CHECK_FALSE(usage.options[1].has_value);
}

TEST_CASE("command line: options stand before and behind the command", "[cli]") {
    for (const auto& words : {std::vector<const char*>{"-q", "-p", "v", "list_queues", "name", "messages"},
                              {"list_queues", "-p", "v", "name", "-q", "messages"},
                              {"list_queues", "name", "messages", "--quiet", "--vhost=v"}}) {
        const CommandLine line = parsed(words);
        REQUIRE(line.command != nullptr);
        CHECK(line.command->name == "list_queues");
        CHECK(line.words == std::vector<std::string>{"name", "messages"});
        CHECK(line.settings.at("vhost") == "v");
        CHECK((line.quiet && line.with_names));
    }
}

TEST_CASE("command line: an argument may look like a command, be empty, or be in brackets", "[cli]") {
    CHECK(parsed({"delete_queue", "status"}).values.at("queue_name") == "status");
    const CommandLine line = parsed({"set_permissions", "list_users", "", "[a-z]", "-"});
    CHECK(line.command->name == "set_permissions");
    CHECK(line.values.at("username") == "list_users");
    CHECK(line.values.at("conf").empty());
    CHECK(line.values.at("write") == "[a-z]");
    CHECK(line.values.at("read") == "-");
}

TEST_CASE("command line: what a command calls its own comes first", "[cli]") {
    const CommandLine queue = parsed({"-u", "admin", "delete_queue", "q", "-u", "-e"});
    CHECK(queue.settings.at("user") == "admin");
    CHECK((queue.values.contains("if_unused") && queue.values.contains("if_empty")));
    const CommandLine limits = parsed({"list_user_limits", "--user", "alice"});
    CHECK(limits.values.at("user") == "alice");
    CHECK_FALSE(limits.settings.contains("user"));
}

TEST_CASE("command line: silent leaves out names and headings", "[cli]") {
    const CommandLine line = parsed({"list_users", "-s"});
    CHECK((line.quiet && !line.with_names));
    CHECK_FALSE(parsed({"list_users", "--no-table-headers"}).with_names);
    CHECK(parsed({"list_users", "-t", "5"}).timeout == 5);
    CHECK(parsed({"list_users", "--formatter", "json"}).formatter == Formatter::json);
}

TEST_CASE("command line: mistakes are named", "[cli]") {
    CHECK(complaint_about({"add_user"}).find("not enough arguments") != std::string::npos);
    CHECK(complaint_about({"add_user", "a", "b", "c"}).find("too many arguments") != std::string::npos);
    CHECK(complaint_about({"list_queues", "--nonsense"}).find("--nonsense") != std::string::npos);
    CHECK(complaint_about({"list_queuess"}).find("Did you mean 'list_queues'?") != std::string::npos);
    CHECK(complaint_about({"xyzzyxyzzy"}).find("Available commands") != std::string::npos);
    CHECK(complaint_about({"list_queues", "--formatter", "x"}).find("no formatter 'x'") != std::string::npos);
    CHECK(complaint_about({"list_queues", "-t", "-1"}).find("-t : -1") != std::string::npos);
    CHECK(complaint_about({"list_queues", "-p"}) != "none");
}

TEST_CASE("command line: RabbitMQ's commands that are not here say why, and only they", "[cli]") {
    try {
        parsed({"-q", "join_cluster", "rabbit@other"});
        FAIL("there is no cluster to join");
    } catch (const Failure& failure) {
        CHECK(failure.code() == ExitCode::unavailable);
        CHECK(std::string(failure.what()) ==
              "Error: 'join_cluster' is not a command here: there is one node and no other to share with");
    }
    CHECK(reason_of_absence("join").empty());
    CHECK(reason_of_absence("").empty());
    for (const Absence& absence : absent_commands()) {
        std::istringstream names{std::string(absence.names)};
        for (std::string name; names >> name;) {
            INFO(name);
            CHECK(find_command(name) == nullptr);
            CHECK(reason_of_absence(name) == absence.reason);
        }
    }
}

TEST_CASE("call: templates take arguments as they are, paths percent-encoded", "[cli]") {
    const CommandLine line = parsed({"purge_queue", "a/b %\xC3\xA9"});
    Call call(*line.command, line.values, line.words);
    call.set("vhost", "/");
    CHECK(call.expand("'{queue_name}' in '{vhost}'") == "'a/b %\xC3\xA9' in '/'");
    CHECK(call.expand_target("/queues/{vhost}/{queue_name}/contents") == "/queues/%2F/a%2Fb%20%25%C3%A9/contents");
}

TEST_CASE("call: what was not given leaves no trace in a path; an empty name is refused", "[cli]") {
    const CommandLine line = parsed({"clear_topic_permissions", "alice"});
    Call call(*line.command, line.values, line.words);
    call.set("vhost", "/");
    CHECK(call.expand_target(line.command->request.path) == "/topic-permissions/%2F/alice");
    CHECK(call.expand_target("/peek?a={exchange}&b={vhost}&c={exchange}") == "/peek?b=%2F");
    call.set("username", "");
    CHECK_THROWS_AS(call.expand_target(line.command->request.path), Failure);
}

TEST_CASE("call: bodies are strings and JSON, with what is usual for what is not said", "[cli]") {
    const CommandLine line = parsed({"set_policy", "p", "^q", R"({"max-length":5})", "--priority", "3"});
    const Call call(*line.command, line.values, line.words);
    CHECK(call.body(line.command->request.body) ==
          boost::json::object{
              {"pattern", "^q"}, {"definition", {{"max-length", 5}}}, {"priority", 3}, {"apply-to", "all"}});
    const CommandLine wrong = parsed({"set_policy", "p", "^q", "{}", "--priority", "high"});
    const Call wrong_call(*wrong.command, wrong.values, wrong.words);
    CHECK_THROWS_WITH(wrong_call.body(wrong.command->request.body), Catch::Contains("--priority : high"));
}

TEST_CASE("call: columns are separated by blanks or commas, and must exist", "[cli]") {
    const auto names_of = [](std::vector<const char*> words) {
        const CommandLine line = parsed(std::move(words));
        std::string names;
        for (const Column& column : chosen_columns(Call(*line.command, line.values, line.words))) {
            names += std::string(column.name) + " ";
        }
        return names;
    };
    CHECK(names_of({"list_queues"}) == "name messages ");
    CHECK(names_of({"list_queues", "name,durable", "state"}) == "name durable state ");
    CHECK(names_of({"list_users"}) == "user tags ");
    CHECK_THROWS_WITH(names_of({"list_queues", "foo", "name", "bar"}),
                      Catch::Contains("Info key(s) foo, bar are not supported"));
}
