// The bodies of requests and answers, field by field.
#pragma once

#include "daemon/api/schema.h"

namespace gonogo::schemas {

// Requests.
extern const Schema signoff_request;
extern const Schema waiver_request;
extern const Schema release_request;
extern const Schema deploy_request;
extern const Schema report_request;
extern const Schema note;

// Answers.
extern const Schema verdict;
extern const Schema metrics;
extern const Schema page;
extern const Schema markdown;
extern const Schema line;
extern const Schema snapshot;
extern const Schema checks;
extern const Schema check;
extern const Schema gates;
extern const Schema signoffs;
extern const Schema waivers;
extern const Schema release;
extern const Schema signed_off;
extern const Schema withdrawn;
extern const Schema waived;
extern const Schema waiver_ended;
extern const Schema announced;
extern const Schema deploy;
extern const Schema deploys;
extern const Schema history;
extern const Schema check_history;
extern const Schema audit;
extern const Schema problem;  // of every answer that refuses something

}  // namespace gonogo::schemas
