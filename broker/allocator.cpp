#include "broker/allocator.hpp"

#ifdef LEVERET_JEMALLOC
#include <jemalloc/jemalloc.h>

// What is unused for ten seconds goes back to the system, by a thread that does nothing else: RocksDB's arenas come and
// go more often than that, and no thread that messages wait for pays for giving memory back. What a backlog left behind
// lies in one piece of many megabytes, which jemalloc would not cut for small messages (it leaves alone what is more
// than 64 times too large): it took new memory beside it, and the peak of a backlog doubled.
extern "C" const char* malloc_conf;
const char* malloc_conf = "background_thread:true,max_background_threads:1,dirty_decay_ms:10000,muzzy_decay_ms:0,"
                          "lg_extent_max_active_fit:20";

namespace broker {

void release_unused_memory() {
    static_assert(MALLCTL_ARENAS_ALL == 4096); // as it stands in the name
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

} // namespace broker

#else
#include <malloc.h>

namespace broker {

void release_unused_memory() {
    malloc_trim(0);
}

} // namespace broker
#endif
