// The listener's certificate, key and client authorities, renewed on disk.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "daemon/http/listener_tls.h"
#include "daemon/io/renewable.h"

namespace gonogo {

// What the TLS in force was made from.
struct ListenerTlsSource {
  ListenerTlsSettings settings;
  FileStamps stamps;  // as they were before the reading
};

// The former TLS stays in force while certificate and key do not belong together, or one of them is
// missing or broken.
class ListenerRenewal : public Renewable {
 public:
  struct Doors {
    std::function<void(std::shared_ptr<const ListenerTls>)> use;
    // Once for each problem.
    std::function<void(const std::string& problem)> keep_former;
  };

  ListenerRenewal(const ListenerTlsSource& source, std::string digest, Doors doors);

  const FileStamps& stamps() const override { return stamps_; }
  std::function<Renewal()> reader() override;
  bool is_as(const Renewable& other) const override { return this == &other; }

 private:
  bool take(const std::shared_ptr<const ListenerTls>& tls, const std::string& problem,
            const FileStamps& stamps);

  ListenerTlsSettings settings_;
  FileStamps stamps_;
  std::string digest_;
  std::string problem_;
  Doors doors_;
};

// Blocks on files.
FileStamps stamps_of(const ListenerTlsSettings& settings);

}  // namespace gonogo
