#include "daemon/app.h"
#include "daemon/cli/verbs.h"

namespace gonogo {

int serve(const CommonOptions& common) {
  App app(common.config, common.overrides);
  return app.serve();
}

}  // namespace gonogo
