// Memory for messages. One thread builds a message and another, which wrote it to a consumer, frees it: malloc pays for
// that with a lock and a walk through its bins for nearly every message. Here small blocks are kept by size; a thread
// that frees more than it takes hands them over by the bundle to those that take more. Any thread; what is kept unused
// is bounded, the rest goes back to malloc.
#pragma once

#include <cstddef>

namespace amqp {

void* take_message_memory(std::size_t size);                           // never null
void give_message_memory_back(void* block, std::size_t size) noexcept; // as it was taken

} // namespace amqp
