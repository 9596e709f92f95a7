#include "tests/fuzz/fuzz.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace gonogo {

void hold(bool is_so, std::string_view what) {
  if (is_so) return;
  std::fprintf(stderr, "\ndoes not hold: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::vector<std::string> parts_of(std::string_view input, std::size_t most) {
  constexpr std::string_view between = "\n%%\n";
  std::vector<std::string> parts;
  while (parts.size() + 1 < most) {
    const std::size_t end = input.find(between);
    if (end == std::string_view::npos) break;
    parts.emplace_back(input.substr(0, end));
    input.remove_prefix(end + between.size());
  }
  parts.emplace_back(input);
  return parts;
}

std::vector<std::string> in_pieces(std::string_view bytes) {
  std::vector<std::string> pieces;
  while (!bytes.empty()) {
    const auto first = static_cast<unsigned char>(bytes.front());
    const std::size_t size = (1 + (first + pieces.size()) % 16) * (pieces.size() < 32 ? 1 : 32);
    pieces.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
  }
  return pieces;
}

std::string read_source_file(const std::string& path) {
  std::ifstream file(std::string(GONOGO_SOURCE_DIR) + "/" + path, std::ios::binary);
  hold(file.good(), path + " can be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

const std::string& scratch_folder() {
  static const std::string folder = [] {
    std::string name = (std::filesystem::temp_directory_path() / "gonogo-fuzz-XXXXXX").string();
    hold(::mkdtemp(name.data()) != nullptr, "a folder can be made");
    return name;
  }();
  static const int registered = std::atexit([] {
    std::error_code ignored;
    std::filesystem::remove_all(scratch_folder(), ignored);
  });
  static_cast<void>(registered);
  return folder;
}

std::string write_scratch(const std::string& name, std::string_view content) {
  const std::string path = scratch_folder() + "/" + name;
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  return path;
}

}  // namespace gonogo

// libjq 1.6 forgets some of its own messages.
extern "C" const char* __lsan_default_suppressions() { return "leak:libjq\n"; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  gonogo::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
