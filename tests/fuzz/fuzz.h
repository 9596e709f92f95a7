// What the fuzz targets share. Each target is one file: it defines fuzz(), which libFuzzer calls
// with one input after the other, and which says by hold() what is true of every input.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gonogo {

void fuzz(std::string_view input);

// Ends the process when it is not so: libFuzzer then keeps the input.
void hold(bool is_so, std::string_view what);

// The texts between lines that hold "%%" alone, `most` at most.
std::vector<std::string> parts_of(std::string_view input, std::size_t most);

// Cuts a stream of bytes into pieces, small ones at first, whose sizes differ with the bytes.
std::vector<std::string> in_pieces(std::string_view bytes);

std::string read_source_file(const std::string& path);  // of this source tree

// A folder of this process, which ends with it.
const std::string& scratch_folder();
// Writes a file in it, and returns its path.
std::string write_scratch(const std::string& name, std::string_view content);

}  // namespace gonogo
