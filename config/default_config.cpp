#include "config/default_config.hpp"

#include "config/setting_table.hpp"

namespace config {

namespace {

void print_setting(std::string& out, const Setting& setting) {
    if (!setting.help.empty())
        out += "## " + setting.help + "\n";
    out += "## Expected: " + setting.expected + ".\n# " + setting.default_key() + " =";
    out += (setting.default_value.empty() ? "" : " " + setting.default_value) + "\n\n";
}

} // namespace

std::string print_default_config() {
    std::string out =
        "## Leveret's settings, in the syntax of rabbitmq.conf: key = value, a comment begins with a number sign.\n"
        "## Every line shows the default; take the leading number sign away to change it. A key with\n"
        "## nothing after the equals sign is not set. Written by leveret --print-default-config.\n\n";
    std::string no_effect =
        "##\n## Keys of RabbitMQ that are accepted, checked and named in a warning, and have no effect yet.\n##\n\n";
    std::string families = "##\n## The same, whole families of keys; a value is taken as it is.\n##\n\n";
    for (const Setting& setting : setting_table()) {
        if (setting.key.ends_with('*'))
            families += "##   " + setting.key + "\n";
        else
            print_setting(setting.effect == Setting::Effect::yes ? out : no_effect, setting);
    }
    return out + no_effect + families;
}

} // namespace config
