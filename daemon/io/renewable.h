// Something made from what others may change while this process runs: files of secrets, keys,
// roots.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "daemon/io/file_stamp.h"

namespace gonogo {

class Renewable {
 public:
  // What a reading brought.
  struct Renewal {
    FileStamps stamps;     // as they were before the reading
    bool is_sound = true;  // false: something is missing or broken, perhaps for a moment only
    std::function<bool()> put_in_force;  // on the loop; false: it is all as before
  };

  virtual ~Renewable() = default;
  // As they were before the last reading that was put in force.
  virtual const FileStamps& stamps() const = 0;
  // What reads all of it anew. It is made on the loop, blocks, and owns what it touches: for the
  // pool. It throws when nothing can be said (no descriptors).
  virtual std::function<Renewal()> reader() = 0;
  // What it is made of in its turn.
  virtual std::vector<std::shared_ptr<Renewable>> parts() const { return {}; }
  // Whether the same was read, where both are made from the same sources.
  virtual bool is_as(const Renewable& other) const = 0;
};

}  // namespace gonogo
