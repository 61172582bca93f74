// The seed corpus: for every target a few inputs that it accepts, always the same.
#pragma once

#include <filesystem>
#include <string_view>

// Writes corpus/TARGET/NAME.
class Corpus {
 public:
    explicit Corpus(std::filesystem::path directory) : directory_(std::move(directory)) {}
    void add(std::string_view target, std::string_view name, std::string_view content) const;

 private:
    std::filesystem::path directory_;
};

void add_protocol_seeds(const Corpus& corpus);
void add_proxy_seeds(const Corpus& corpus);
void add_storage_seeds(const Corpus& corpus);
void add_text_seeds(const Corpus& corpus); // JSON, HTTP, rabbitmq.conf, patterns
void add_sasl_seeds(const Corpus& corpus);
void add_web_socket_seeds(const Corpus& corpus);
