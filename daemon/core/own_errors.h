// The one rule for errors that say something of this daemon or its host, and nothing of a target.
#pragma once

namespace gonogo {

// `error` is an errno of a call that opens, reads, connects or allocates: no descriptor, memory,
// buffer or local address was left.
bool is_own_error(int error);

// The same for a call that makes a process or a thread. EAGAIN means there that no more are allowed
// (RLIMIT_NPROC, TasksMax=); of a socket it means something else.
bool is_own_start_error(int error);

// For libraries that give only words: the words of such an error are in the text.
bool has_words_of_own_error(const char* text);

}  // namespace gonogo
