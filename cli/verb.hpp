// The verbs of HTTP that the management API has.
#pragma once

namespace cli {

enum class Verb { get, post, put, delete_ };

} // namespace cli
