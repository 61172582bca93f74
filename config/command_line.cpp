#include "config/command_line.hpp"

#include "config/config_files.hpp"
#include "config/config_reference.hpp"
#include "config/default_config.hpp"
#include "config/error.hpp"

#include <CLI/CLI.hpp>

#include <sstream>

namespace config {

namespace {

struct Options {
    std::string config_file;
    std::string data_dir;
    std::vector<std::string> set;
    bool print_default_config = false;
    bool print_config_reference = false;
    bool check_config = false;
};

void describe(CLI::App& app, Options& options) {
    app.set_version_flag("--version", "leveret " LEVERET_VERSION);
    app.set_help_flag("-h,--help", "Show this text");
    app.add_option("--config", options.config_file,
                   "Read settings from FILE, in the syntax of rabbitmq.conf, and then from conf.d/*.conf beside it")
        ->type_name("FILE");
    app.add_option("--data-dir", options.data_dir, "Keep data in DIR (the key leveret.data_dir)")->type_name("DIR");
    app.add_option("--set", options.set, "Set one key; wins over file and environment; may be repeated")
        ->type_name("KEY=VALUE")
        ->allow_extra_args(false)
        ->expected(1)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    app.add_flag("--print-default-config", options.print_default_config, "Print every key with its default and end");
    app.add_flag("--print-config-reference", options.print_config_reference,
                 "Print docs/CONFIGURATION.md, a page about every key, and end");
    app.add_flag("--check-config", options.check_config, "Read all settings, say whether they are right, and end");
    app.footer("Every key that --config and --set take: leveret --print-default-config\n"
               "Of a stopped broker: leveret verify DIR reads everything and says what is wrong; leveret repair DIR\n"
               "makes a store that starts from what can be read, and says what is lost");
}

Start load(const Options& options, const Environment& environment) {
    refuse_removed_variables(environment);
    std::vector<std::string> warnings = environment_warnings(environment);
    Loader loader;
    for (const std::string& file : config_files(options.config_file, environment, warnings))
        loader.assign_all(read_config_file(file));
    assign_environment(loader, environment);
    for (const std::string& text : options.set)
        loader.assign(parse_option(text));
    auto [settings, loader_warnings, assigned] = loader.load();
    warnings.insert(warnings.end(), loader_warnings.begin(), loader_warnings.end());
    if (!options.data_dir.empty())
        settings.data_dir = options.data_dir;
    settings.node_name = node_name(environment, host_name(environment));
    return {std::move(settings), std::move(warnings), std::move(assigned)};
}

std::string checked(const Start& start) {
    std::string text;
    for (const std::string& warning : start.warnings)
        text += "leveret: warning: " + warning + "\n";
    return text + "leveret: the configuration is valid\n";
}

} // namespace

std::variant<Start, Exit> parse_command_line(int argc, const char* const* argv, const Environment& environment) {
    Options options;
    CLI::App app("Leveret, a message broker that speaks AMQP 0-9-1 as RabbitMQ does", "leveret");
    describe(app, options);
    try {
        app.parse(argc, argv);
        if (options.print_default_config)
            return Exit{print_default_config(), 0};
        if (options.print_config_reference)
            return Exit{print_config_reference(), 0};
        Start start = load(options, environment);
        if (options.check_config)
            return Exit{checked(start), 0};
        return start;
    } catch (const CLI::ParseError& error) {
        std::ostringstream out;
        std::ostringstream complaint;
        const int code = app.exit(error, out, complaint);
        return code == 0 ? Exit{out.str(), 0} : Exit{"leveret: " + std::string(error.what()) + "\n", 1};
    } catch (const Error& error) {
        return Exit{"leveret: " + std::string(error.what()) + "\n", 1};
    }
}

} // namespace config
