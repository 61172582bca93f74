// rabbitmq.conf: any octets are settings, or one line that says where the mistake is.
#include "config/error.hpp"
#include "config/loader.hpp"
#include "protocol/assert.hpp"
#include "tests/fuzz/input.hpp"

#include <string_view>

constexpr std::size_t max_size = 2048; // every line is compared with every key

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = Input(data, size).take(max_size);
    try {
        config::Loader loader;
        loader.assign_all(config::parse_config(text, "rabbitmq.conf"));
        const config::Loaded loaded = loader.load();
        config::Loader again; // what was understood is understood again
        for (const auto& [key, value] : loaded.assigned) {
            again.assign({.key = key, .value = value});
        }
        LEVERET_ASSERT(again.load().settings == loaded.settings);
    } catch (const config::Error& error) {
        const std::string_view what = error.what();
        LEVERET_ASSERT(!what.empty());
    }
    return 0;
}
