// Commands of a session as text, one line each:
//     "1 publish{e/k hello}"  "1 settle{c 5+2}"  "1 return{c requeue 7 8}"  "1 queue.declare DeclareQueue{q durable}"
#pragma once

#include "broker/core/commands.hpp"

#include <string>
#include <vector>

namespace test {

struct CommandText {
    std::string line;

    static std::string name_of(const broker::ConsumerPtr& consumer) {
        const auto& options = consumer->options();
        return options.tag.empty() ? "get:" + options.queue : options.tag;
    }
    void flag(bool set, std::string_view name) { line += set ? " " + std::string(name) : ""; }
    void open(std::string_view name) { line.append(name) += '{'; }
    void close() { line += '}'; }
    void table(const amqp::FieldTable& table) {
        for (const auto& [name, value] : table) {
            line += " " + name + "=" + value.to_text();
        }
    }

    void operator()(const broker::Publish& publish) {
        open("publish");
        line.append(publish.message->exchange()).append("/").append(publish.message->routing_key()).append(" ");
        line.append(publish.message->body().substr(0, 32));
        if (publish.extra_keys != nullptr) {
            for (const std::string& key : *publish.extra_keys) {
                line += " +" + key;
            }
        }
        if (publish.confirm_number != 0) {
            line += " #" + std::to_string(publish.confirm_number);
        }
        flag(publish.mandatory, "mandatory");
        close();
    }
    void operator()(const broker::Settle& settle) {
        open("settle");
        line += name_of(settle.consumer) + " " + std::to_string(settle.first) + "+" + std::to_string(settle.count);
        line += " " + std::to_string(settle.body_bytes) + " octets";
        close();
    }
    void operator()(const broker::Return& back) {
        open("return");
        line += name_of(back.consumer) + (back.how == broker::Return::How::requeue ? " requeue" : " discard");
        for (const broker::Unacked& unacked : back.deliveries) {
            line += " " + std::to_string(unacked.sequence);
        }
        close();
    }
    void operator()(const std::unique_ptr<broker::BoxedRequest>& boxed) {
        if (boxed->method != amqp::MethodId{}) {
            line += std::to_string(boxed->method.class_id) + "," + std::to_string(boxed->method.method_id) + " ";
        }
        std::visit(*this, boxed->request);
        flag(boxed->no_wait, "no_wait");
    }

    void operator()(const broker::DeclareExchange& r) {
        open("DeclareExchange");
        line += r.name + " " + r.type;
        flag(r.passive, "passive"), flag(r.durable, "durable"), flag(r.auto_delete, "auto_delete");
        flag(r.internal, "internal"), table(r.arguments);
        close();
    }
    void operator()(const broker::DeleteExchange& r) {
        open("DeleteExchange");
        line += r.name, flag(r.if_unused, "if_unused");
        close();
    }
    void operator()(const broker::BindExchange& r) {
        open(r.unbind ? "UnbindExchange" : "BindExchange");
        line += r.source + " -> " + r.destination + " by " + r.routing_key, table(r.arguments);
        close();
    }
    void operator()(const broker::DeclareQueue& r) {
        open("DeclareQueue");
        line += r.name;
        flag(r.server_named, "server_named"), flag(r.passive, "passive"), flag(r.durable, "durable");
        flag(r.exclusive, "exclusive");
        flag(r.auto_delete, "auto_delete"), table(r.arguments);
        close();
    }
    void operator()(const broker::BindQueue& r) {
        open(r.unbind ? "UnbindQueue" : "BindQueue");
        line += r.exchange + " -> " + r.queue + " by " + r.routing_key, table(r.arguments);
        close();
    }
    void operator()(const broker::PurgeQueue& r) { line += "PurgeQueue{" + r.name + "}"; }
    void operator()(const broker::DeleteQueue& r) {
        open("DeleteQueue");
        line += r.name, flag(r.if_unused, "if_unused"), flag(r.if_empty, "if_empty");
        close();
    }
    void operator()(const broker::Consume& r) {
        const auto& options = r.consumer->options();
        open("Consume");
        line += options.queue + " as " + options.tag;
        flag(options.no_ack, "no_ack"), flag(options.exclusive, "exclusive");
        line += options.priority == 0 ? "" : " priority " + std::to_string(options.priority);
        line += options.prefetch == 0 ? "" : " prefetch " + std::to_string(options.prefetch);
        close();
    }
    void operator()(const broker::Cancel& r) { line += "Cancel{" + name_of(r.consumer) + "}"; }
    void operator()(const broker::Get& r) {
        open("Get");
        line += r.consumer->options().queue, flag(r.consumer->options().no_ack, "no_ack");
        close();
    }
    void operator()(const broker::SetGlobalPrefetch& r) {
        line += "SetGlobalPrefetch{" + std::to_string(r.prefetch) + "}";
    }
    void operator()(const broker::Echo& r) {
        line += "Echo{" + std::to_string(r.ok.class_id) + "," + std::to_string(r.ok.method_id) + "}";
    }
    void operator()(const broker::FailChannel& r) { line += "FailChannel{" + r.error.reply_text() + "}"; }
    void operator()(const broker::FailConnection& r) { line += "FailConnection{" + r.error.reply_text() + "}"; }
    void operator()(const broker::CheckPublish& r) {
        line +=
            "CheckPublish{" + std::string(r.message->exchange()) + '/' + std::string(r.message->routing_key()) + '}';
    }
    void operator()(const broker::CommitTransaction&) { line += "CommitTransaction"; }
    void operator()(const broker::OpenChannel&) { line += "OpenChannel"; }
    void operator()(const broker::StopChannel&) { line += "StopChannel"; }
    void operator()(const broker::FinishChannel&) { line += "FinishChannel"; }
    void operator()(const broker::StopConnection&) { line += "StopConnection"; }
    void operator()(const broker::FinishConnection&) { line += "FinishConnection"; }
    void operator()(const broker::ResumeDeliveries&) { line += "ResumeDeliveries"; }
    void operator()(const broker::RestrictTopics& restriction) {
        line += restriction.guard == nullptr ? "RestrictTopics none" : "RestrictTopics";
    }
};

inline std::string command_text(const broker::Command& command) {
    CommandText text{std::to_string(command.channel) + " "};
    std::visit(text, command.what);
    return text.line;
}

} // namespace test
