// Writes the seed corpus anew: fuzz_make_corpus DIRECTORY.
#include "tests/fuzz/seeds.hpp"

#include <fstream>

void Corpus::add(std::string_view target, std::string_view name, std::string_view content) const {
    const auto file = directory_ / target / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << content;
}

int main(int argc, char** argv) {
    if (argc != 2) {
        return 2;
    }
    const Corpus corpus(argv[1]);
    add_protocol_seeds(corpus);
    add_storage_seeds(corpus);
    add_text_seeds(corpus);
    add_sasl_seeds(corpus);
    add_proxy_seeds(corpus);
    add_web_socket_seeds(corpus);
    return 0;
}
