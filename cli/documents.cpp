#include "cli/documents.hpp"

#include "cli/call.hpp"
#include "cli/command_table.hpp"

#include <algorithm>
#include <array>

namespace cli {
namespace {

constexpr auto globals = std::to_array<GlobalOption>({
    {"url", "--url", "url", "where the management port is (http://localhost:15672)"},
    {"user", "-u,--user", "user", "who asks (guest)"},
    {"password", "--password", "password", "better given in a file, the environment or when asked for"},
    {"password-file", "--password-file", "file", "its first line is the password"},
    {"profile", "--profile", "name", "NAME.conf in ~/.config/leveret, or a file, instead of ctl.conf there"},
    {"cacert", "--cacert", "file", "certificates to trust, instead of the system's"},
    {"insecure", "--insecure", "", "accept any certificate"},
    {"vhost", "-p,--vhost", "vhost", "virtual host, for commands about what is in one (/)"},
    {"formatter", "--formatter", "formatter", "table, pretty_table, json or csv"},
    {"quiet", "-q,--quiet", "", "no headings"},
    {"silent", "-s,--silent", "", "no headings and no names of columns"},
    {"no-table-headers", "--no-table-headers", "", "no names of columns"},
    {"timeout", "-t,--timeout", "seconds", "how long the broker may take for a step (60)"},
    {"node", "-n,--node", "node", "taken for rabbitmqctl's sake, without effect: --url says where"},
    {"longnames", "-l,--longnames", "", "taken for rabbitmqctl's sake, without effect"},
    {"help", "-?,-h,--help", "", "explain the command"},
});

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::string flags_and_value(const GlobalOption& option) {
    std::string text(option.flags);
    for (std::size_t comma = text.find(','); comma != std::string::npos; comma = text.find(',', comma + 2)) {
        text.insert(comma + 1, " ");
    }
    return option.value.empty() ? text : text + " <" + std::string(option.value) + ">";
}

std::string column_names(const Command& command) {
    std::string names;
    for (const Column& column : command.columns) {
        names += (names.empty() ? "" : ", ") + std::string(column.name);
    }
    return names;
}

bool takes_columns(const Command& command) {
    return command.usage.find("<column>") != std::string_view::npos;
}

// What troff would take for its own is written so that it does not.
std::string troff(std::string_view text) {
    std::string result = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
    for (const char each : text) {
        result += each == '\\' ? "\\e" : each == '-' ? "\\-" : std::string(1, each);
    }
    return result;
}

constexpr std::string_view manual_head = R"(.\" Written by `leveretctl manual`; a test holds this file equal to it.
.TH LEVERETCTL 1 "" Leveret "User commands"
.SH NAME
leveretctl \- look at and change a running Leveret or RabbitMQ broker
.SH SYNOPSIS
.B leveretctl
[\fIoptions\fR] \fIcommand\fR [\fIarguments\fR]
.SH DESCRIPTION
Commands have the names, arguments and output of rabbitmqctl and rabbitmq\-diagnostics; they go over the management
HTTP API, so that the broker may be anywhere. With \-\-formatter json, tables of arguments are objects; rabbitmqctl
writes lists of triples.
)";

constexpr std::string_view manual_tail = R"(.SH ENVIRONMENT AND FILES
.TP
LEVERET_URL, LEVERET_USER, LEVERET_PASSWORD, LEVERET_PASSWORD_FILE, LEVERET_VHOST, LEVERET_CACERT, LEVERET_INSECURE
The same as the options.
.TP
~/.config/leveret/ctl.conf
Lines like
.B url = https://broker.example:15671
with the keys url, user, password, password\-file, vhost, cacert, insecure; # begins a comment.
.PP
The command line comes first, then a profile named by \-\-profile, then the environment, then ctl.conf. A password
that is nowhere is asked for.
.SH EXIT STATUS
0 success, 64 wrong usage or no such queue, 65 wrong data or no such virtual host, 67 no such user, 69 the broker
cannot be reached or refuses, 70 an unexpected answer, 75 timed out, 77 wrong password or missing rights, 78 wrong
configuration file.
.SH SEE ALSO
.BR leveret (1)
)";

} // namespace

std::span<const GlobalOption> global_options() {
    return globals;
}

std::string overview_of_commands() {
    std::string text = "\nUsage\n\nleveretctl [options] <command> [<arguments>]\n\nAvailable commands:\n";
    const Command* before = nullptr;
    for (const Command* const command : all_commands()) {
        if (before == nullptr || before->group != command->group) {
            text += "\n" + std::string(title_of(command->group)) + ":\n\n";
        }
        text += "   " + padded(std::string(command->name), 30) + std::string(command->description) + "\n";
        before = command;
    }
    text += "\nOptions:\n\n";
    for (const GlobalOption& option : globals) {
        text += "   " + padded(flags_and_value(option), 30) + std::string(option.description) + "\n";
    }
    return text + "\nCommands of RabbitMQ that are not here say why when they are typed.\n"
                  "Use 'leveretctl help <command>' to learn more about a specific command\n";
}

std::string help_of(const Command& command) {
    std::string text = "\nUsage\n\n" + usage_line(command) + "\n\n" + std::string(command.description) + ".\n";
    if (takes_columns(command)) {
        text += "\nArguments\n\n<column>\n\tmust be one of " + column_names(command) + "\n";
    }
    return text + "\nUse 'leveretctl help' for the options that all commands have\n";
}

std::string manual_page() {
    std::string text(manual_head);
    text += ".SH OPTIONS\n";
    for (const GlobalOption& option : globals) {
        text += ".TP\n.B " + troff(flags_and_value(option)) + "\n" + troff(option.description) + "\n";
    }
    const Command* before = nullptr;
    for (const Command* const command : all_commands()) {
        if (before == nullptr) {
            text += ".SH COMMANDS\n";
        }
        if (before == nullptr || before->group != command->group) {
            text += ".SS " + troff(title_of(command->group)) + "\n";
        }
        text += ".TP\n\\fB" + troff(command->name) + "\\fR " + troff(command->usage) + "\n";
        text += troff(command->description) + ".\n";
        if (takes_columns(*command)) {
            text += "Columns: " + troff(column_names(*command)) + ".\n";
        }
        before = command;
    }
    text += ".SH NOT HERE\nThese commands of RabbitMQ say why they are missing, and exit with 69.\n";
    for (const Absence& absence : absent_commands()) {
        text += ".TP\n" + troff(absence.names) + "\n" + troff(absence.reason) + ".\n";
    }
    return text + std::string(manual_tail);
}

} // namespace cli
