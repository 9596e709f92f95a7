// Values that stand for a secret that nobody has set yet.
#pragma once

#include <string_view>

namespace gonogo {

// A placeholder ("change-me", "__REPLACE__", "<your key>", "{{ key }}", "sk_test_xxx"), the prefix
// of a kind of key and nothing behind it ("whsec_"), or a known weak secret.
bool is_placeholder(std::string_view value);

// A sentence that asks for a secret ("put-a-strong-secret-here"): it has a word of asking between
// signs that are neither letters nor digits. Or a command that nobody has run ("$(openssl ...)").
bool asks_for_secret(std::string_view value);

}  // namespace gonogo
