#include "exporters/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <deque>
#include <iterator>
#include <sstream>

namespace gonogo {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

class Families {
 public:
  MetricFamily& add(const char* name, const char* help, MetricType type) {
    MetricFamily family;
    family.name = name;
    family.help = help;
    family.type = type;
    families_.push_back(std::move(family));
    return families_.back();
  }
  void gauge(const char* name, const char* help, double value, Labels labels = {}) {
    put(add(name, help, MetricType::Gauge), value, std::move(labels));
  }
  void counter(const char* name, const char* help, double value) {
    put(add(name, help, MetricType::Counter), value, {});
  }
  static void put(MetricFamily& family, double value, Labels labels) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    metric.counter.value = value;
    family.metric.push_back(std::move(metric));
  }
  std::vector<MetricFamily> take() {
    // Without series a family would be a header without content.
    std::erase_if(families_, [](const MetricFamily& family) { return family.metric.empty(); });
    return {std::make_move_iterator(families_.begin()), std::make_move_iterator(families_.end())};
  }

 private:
  std::deque<MetricFamily> families_;  // add() leaves references to the others valid
};

void add_verdict(const Snapshot& snapshot, const DaemonFigures&, Families& families) {
  families.gauge("gonogo_verdict_go", "1 when the verdict is GO, 0 when it is NO-GO.",
                 snapshot.go ? 1 : 0);
  families.gauge("gonogo_verdict_last_change_timestamp_seconds", "When the verdict last changed.",
                 to_epoch(snapshot.since));
  families.gauge("gonogo_waivers_active", "Waivers in force.",
                 static_cast<double>(snapshot.waivers.size()));
  MetricFamily& waivers = families.add("gonogo_waiver_expiry_timestamp_seconds",
                                       "When the waiver of the check ends.", MetricType::Gauge);
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    const auto& waiver = snapshot.checks[i].waiver;
    if (waiver)
      Families::put(waivers, to_epoch(snapshot.waivers[*waiver].until),
                    {{"check", snapshot.checklist->checks[i].id}});
  }
  families.gauge("gonogo_freeze_active", "1 while a freeze period of the calendar is in force.",
                 snapshot.frozen ? 1 : 0);
  families.gauge(
      "gonogo_deployment_watch_active", "1 while a deploy is being watched.",
      snapshot.deployment && snapshot.deployment->status == DeploymentStatus::watching ? 1 : 0);
  MetricFamily& gates = families.add("gonogo_gate_go", "1 when every blocker of the gate is good.",
                                     MetricType::Gauge);
  for (std::size_t i = 0; i < snapshot.gates.size(); ++i) {
    Families::put(gates, snapshot.gates[i].go ? 1 : 0, {{"gate", snapshot.checklist->gates[i].id}});
  }
}

void add_states(const Snapshot& snapshot, const DaemonFigures&, Families& families) {
  MetricFamily& states =
      families.add("gonogo_check_state", "1 for the state the check is in, 0 for the others.",
                   MetricType::Gauge);
  states.metric.reserve(snapshot.checks.size() * state_names.size());
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    const Check& check = snapshot.checklist->checks[i];
    for (std::size_t state = 0; state < state_names.size(); ++state) {
      Families::put(states, static_cast<std::size_t>(snapshot.checks[i].state) == state ? 1 : 0,
                    {{"check", check.id},
                     {"gate", snapshot.checklist->gates[check.gate].id},
                     {"kind", check.kind},
                     {"severity", std::string(name_of(check.severity))},
                     {"state", std::string(state_names.at(state))}});
    }
  }
  MetricFamily& reasons =
      families.add("gonogo_check_reason", "1 for the reason why the check is not in state pass.",
                   MetricType::Gauge);
  MetricFamily& expiries = families.add("gonogo_signoff_expiry_timestamp_seconds",
                                        "When the sign-off ends.", MetricType::Gauge);
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    const Check& check = snapshot.checklist->checks[i];
    const CheckStatus& status = snapshot.checks[i];
    if (status.reason != Reason::none)
      Families::put(reasons, 1,
                    {{"check", check.id}, {"reason", std::string(name_of(status.reason))}});
    if (status.signed_until)
      Families::put(expiries, to_epoch(*status.signed_until),
                    {{"check", check.id}, {"role", check.signoff->role}});
  }
}

void add_runs(const Snapshot& snapshot, const DaemonFigures&, Families& families) {
  MetricFamily& durations = families.add("gonogo_check_duration_seconds",
                                         "How long the last run took.", MetricType::Gauge);
  MetricFamily& phases =
      families.add("gonogo_check_phase_duration_seconds",
                   "How long each phase of the last run took.", MetricType::Gauge);
  MetricFamily& values =
      families.add("gonogo_check_value", "What the last run measured.", MetricType::Gauge);
  MetricFamily& times = families.add("gonogo_check_last_run_timestamp_seconds",
                                     "When the last run began.", MetricType::Gauge);
  MetricFamily& runs =
      families.add("gonogo_check_runs_total", "Runs by their outcome.", MetricType::Counter);
  for (std::size_t i = 0; i < snapshot.checks.size(); ++i) {
    const Check& check = snapshot.checklist->checks[i];
    const CheckRecord& record = snapshot.checks[i].record;
    if (!check.has_probe()) continue;
    for (std::size_t outcome = 0; outcome < outcome_names.size(); ++outcome) {
      Families::put(runs, static_cast<double>(record.runs.at(outcome)),
                    {{"check", check.id}, {"outcome", std::string(outcome_names.at(outcome))}});
    }
    if (!record.last) continue;
    const Observation& last = *record.last;
    Families::put(durations, in_seconds(last.took), {{"check", check.id}});
    Families::put(times, to_epoch(last.at.wall), {{"check", check.id}});
    for (const Phase& phase : last.phases) {
      Families::put(phases, in_seconds(phase.took),
                    {{"check", check.id}, {"phase", std::string(name_of(phase.stage))}});
    }
    for (const Value& value : last.values) {
      Families::put(values, value.number,
                    {{"check", check.id}, {"value", value.name}, {"unit", value.unit}});
    }
  }
}

void add_lateness(const Lateness& lateness, Families& families) {
  MetricFamily& family = families.add("gonogo_check_schedule_lateness_seconds",
                                      "How late runs began.", MetricType::Histogram);
  ClientMetric metric;
  for (std::size_t i = 0; i < Lateness::bounds.size(); ++i) {
    metric.histogram.bucket.push_back({lateness.cumulative().at(i), Lateness::bounds.at(i)});
  }
  metric.histogram.sample_count = lateness.cumulative().back();
  metric.histogram.sample_sum = lateness.sum_seconds();
  family.metric.push_back(std::move(metric));
}

void add_deployments(const DaemonFigures& figures, Families& families) {
  MetricFamily& family =
      families.add("gonogo_deployments_total", "Deploys whose watch ended, by how it ended.",
                   MetricType::Counter);
  for (const DeploymentStatus result :
       {DeploymentStatus::verified, DeploymentStatus::regressed, DeploymentStatus::unproven})
    Families::put(family,
                  static_cast<double>(figures.deployments.at(static_cast<std::size_t>(result))),
                  {{"result", std::string(name_of(result))}});
}

void add_daemon(const Snapshot&, const DaemonFigures& figures, Families& families) {
  add_lateness(figures.lateness, families);
  add_deployments(figures, families);
  families.gauge("gonogo_config_last_reload_successful",
                 "1 when the last reading of the configuration was accepted.",
                 figures.reload_successful ? 1 : 0);
  families.gauge("gonogo_config_last_reload_success_timestamp_seconds",
                 "When a configuration was last accepted.", to_epoch(figures.reload_succeeded_at));
  families.gauge("gonogo_config_restart_required",
                 "1 when the configuration holds changes that only a restart puts in force.",
                 figures.restart_required ? 1 : 0);
  families.gauge("gonogo_store_healthy", "1 when results are saved to the store.",
                 figures.store_healthy ? 1 : 0);
  families.gauge("gonogo_pool_workers", "Threads for calls that may block.",
                 static_cast<double>(figures.workers));
  families.gauge("gonogo_pool_workers_stuck", "Threads whose call hangs past its deadline.",
                 static_cast<double>(figures.workers_stuck));
  families.gauge("gonogo_http_connections", "Connections to this daemon.",
                 static_cast<double>(figures.connections));
  families.gauge("gonogo_build_info", "Always 1; the labels hold the version of this daemon.", 1,
                 {{"version", figures.version}, {"revision", figures.revision}});
  families.counter("process_cpu_seconds_total", "CPU time spent, in seconds.", figures.cpu_seconds);
  families.gauge("process_resident_memory_bytes", "Resident memory, in bytes.",
                 figures.resident_bytes);
  families.gauge("process_virtual_memory_bytes", "Virtual memory, in bytes.",
                 figures.virtual_bytes);
  families.gauge("process_open_fds", "Open file descriptors.", figures.open_fds);
  families.gauge("process_max_fds", "The largest number of open file descriptors.",
                 figures.max_fds);
  families.gauge("process_threads", "Threads of this process.", figures.threads);
  families.gauge("process_start_time_seconds", "When this process started, in seconds since 1970.",
                 figures.start_time);
}

using Part = void (*)(const Snapshot&, const DaemonFigures&, Families&);
constexpr std::array<Part, 4> parts{add_verdict, add_states, add_runs, add_daemon};

}  // namespace

std::string metrics_text(const Snapshot& snapshot, const DaemonFigures& figures) {
  std::ostringstream out;
  const prometheus::TextSerializer serializer;
  // The text is made part by part, because a family takes many times the memory of its text.
  for (const Part part : parts) {
    Families families;
    part(snapshot, figures, families);
    serializer.Serialize(out, families.take());
  }
  return std::move(out).str();
}

}  // namespace gonogo
