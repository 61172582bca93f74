#include "cli/call.hpp"
#include "cli/command_table.hpp"
#include "cli/documents.hpp"
#include "cli/usage.hpp"

namespace cli {
namespace {

std::string long_flag(std::string_view flags) {
    return std::string(flags.substr(flags.rfind("--")));
}

std::string global_flags() {
    std::string words;
    for (const GlobalOption& option : global_options()) {
        words += (words.empty() ? "" : " ") + long_flag(option.flags);
    }
    return words;
}

std::string command_names() {
    std::string words;
    for (const Command* const command : all_commands()) {
        words += (words.empty() ? "" : " ") + std::string(command->name);
    }
    return words;
}

// The flags of a command that are its own, and its columns.
std::string own_words(const Command& command) {
    const Usage usage = parse_usage(command.usage);
    std::string words;
    for (const Option& option : usage.options) {
        words += (words.empty() ? "" : " ") + long_flag(option.flags);
    }
    for (const Column& column : usage.unlimited() ? command.columns : std::span<const Column>()) {
        words += (words.empty() ? "" : " ") + std::string(column.name);
    }
    return command.name == "help" ? command_names() : command.name == "completion" ? "bash zsh fish" : words;
}

// `list_queues) words="..." ;;` for each command that has words of its own.
std::string cases(std::string_view indent) {
    std::string text;
    for (const Command* const command : all_commands()) {
        if (const std::string words = own_words(*command); !words.empty()) {
            text += std::string(indent) + std::string(command->name) + ") words=\"" + words + "\" ;;\n";
        }
    }
    return text;
}

std::string bash() {
    return R"(# leveretctl completion bash > /etc/bash_completion.d/leveretctl
_leveretctl() {
    local commands=")" +
           command_names() + R"("
    local words="$commands" word
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        case $word in
)" + cases("            ") +
           R"(            *) [[ " $commands " != *" $word "* ]] || words="" ;;
        esac
    done
    case ${COMP_WORDS[COMP_CWORD-1]} in
        --formatter) words="table pretty_table json csv" ;;
        --password-file|--cacert|export_definitions|import_definitions)
            COMPREPLY=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")); return ;;
        *) words+=" )" +
           global_flags() + R"(" ;;
    esac
    COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _leveretctl leveretctl
)";
}

std::string zsh() {
    return R"(#compdef leveretctl
# leveretctl completion zsh > a file named _leveretctl in a folder of $fpath
_leveretctl() {
    local commands=")" +
           command_names() + R"("
    local words_of_line=("${words[@]:1:$((CURRENT-2))}") words="$commands" word
    for word in $words_of_line; do
        case $word in
)" + cases("            ") +
           R"(            *) [[ " $commands " != *" $word "* ]] || words="" ;;
        esac
    done
    words+=" )" +
           global_flags() + R"("
    compadd -- ${=words}
    _files
}
compdef _leveretctl leveretctl
)";
}

std::string fish_quoted(std::string_view text) {
    std::string result = "'";
    for (const char each : text) {
        result += each == '\'' || each == '\\' ? std::string("\\") + each : std::string(1, each);
    }
    return result + "'";
}

std::string fish() {
    std::string text = "# leveretctl completion fish > ~/.config/fish/completions/leveretctl.fish\n";
    for (const Command* const command : all_commands()) {
        text += "complete -c leveretctl -n __fish_use_subcommand -f -a " + std::string(command->name) + " -d " +
                fish_quoted(command->description) + "\n";
        if (const std::string words = own_words(*command); !words.empty()) {
            text += "complete -c leveretctl -n '__fish_seen_subcommand_from " + std::string(command->name) +
                    "' -f -a '" + words + "'\n";
        }
    }
    for (const GlobalOption& option : global_options()) {
        text += "complete -c leveretctl -l " + long_flag(option.flags).substr(2) + (option.value.empty() ? "" : " -r") +
                " -d " + fish_quoted(option.description) + "\n";
    }
    return text;
}

} // namespace

std::string completion_for(std::string_view shell) {
    if (shell == "bash") {
        return bash();
    }
    if (shell == "zsh") {
        return zsh();
    }
    if (shell == "fish") {
        return fish();
    }
    throw Failure(ExitCode::usage, "Error (argument validation): completion is for bash, zsh or fish");
}

} // namespace cli
