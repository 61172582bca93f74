// The process's memory: jemalloc, because one thread builds a message and another, which wrote it to a consumer, frees
// it (docs/adr/0015). Sanitizers bring an allocator of their own.
#pragma once

namespace broker {

void release_unused_memory(); // to the system; any thread, milliseconds

} // namespace broker
