// SPDX-License-Identifier: Apache-2.0
#include "net/dns_client.hpp"

#include <ares.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "base/check.hpp"
#include "base/text.hpp"
#include "net/dns_records.hpp"
#include "net/fd_watch.hpp"

namespace gw::net {

namespace {

constexpr int k_class_in = 1, k_type_srv = 33;
// Each server is asked so often, each time for twice as long.
constexpr int k_tries = 3;

// c-ares takes the hosts file from the environment, which threads of plugins may read: once.
void use_hosts_file(const std::string& path) {
  static const bool set = ::setenv("CARES_HOSTS", path.c_str(), 1) == 0;
  check(set);
}

bool is_service_name(std::string_view name) {
  return name.starts_with('_') && name.find("._") != std::string_view::npos;
}

}  // namespace

// c-ares and its sockets on the loop.
struct DnsClient::Channel {
  explicit Channel(Loop& l)
      : loop(l), timer([](void* self) { static_cast<Channel*>(self)->process(-1, 0); }, this) {}
  ~Channel() {
    if (raw != nullptr) ares_destroy(raw);
  }

  int open(const DnsOptions& options);
  void process(int fd, unsigned events);
  // When it wants to be called although nothing comes.
  void arm();
  void on_socket(int fd, bool read, bool write);

  Loop& loop;
  ares_channel raw = nullptr;
  std::map<int, std::unique_ptr<FdWatch>> watches;
  Deadline timer;
};

int DnsClient::Channel::open(const DnsOptions& options) {
  ares_options o{};
  o.sock_state_cb = [](void* self, ares_socket_t fd, int read, int write) {
    static_cast<Channel*>(self)->on_socket(int(fd), read != 0, write != 0);
  };
  o.sock_state_cb_data = this;
  o.tries = k_tries;
  o.timeout = int(std::max<std::uint64_t>(options.timeout / ((1 << k_tries) - 1), 1));
  std::string file = options.resolv_conf;
  o.resolvconf_path = file.data();
  char lookups[] = "fb";  // the hosts file, then DNS
  o.lookups = lookups;
  const int made = ares_init_options(&raw, &o,
                                     ARES_OPT_SOCK_STATE_CB | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS |
                                         ARES_OPT_RESOLVCONF | ARES_OPT_LOOKUPS);
  if (made != ARES_SUCCESS) return made;
  std::string list;
  for (const auto& server : options.servers) list += cat(list.empty() ? "" : ",", server);
  return list.empty() ? ARES_SUCCESS : ares_set_servers_ports_csv(raw, list.c_str());
}

void DnsClient::Channel::process(int fd, unsigned events) {
  const auto wants = [&](unsigned event) {
    return (events & (event | FdWatch::k_error)) != 0 ? fd : ARES_SOCKET_BAD;
  };
  ares_process_fd(raw, wants(FdWatch::k_read), wants(FdWatch::k_write));
  arm();
}

void DnsClient::Channel::arm() {
  timeval storage{};
  const timeval* wait = ares_timeout(raw, nullptr, &storage);
  if (wait == nullptr) return timer.clear();
  timer.set(loop.deadlines(),
            std::uint64_t(wait->tv_sec) * 1000 + std::uint64_t(wait->tv_usec) / 1000 + 1);
}

void DnsClient::Channel::on_socket(int fd, bool read, bool write) {
  if (!read && !write) {
    watches.erase(fd);
    return;
  }
  const unsigned events = (read ? FdWatch::k_read : 0u) | (write ? FdWatch::k_write : 0u);
  auto& watch = watches[fd];
  if (watch) return watch->update(events);
  auto opened = FdWatch::open(loop, fd, events, [this, fd](unsigned e) { process(fd, e); });
  // Without it the question ends by its timeout.
  if (opened.ok()) watch = std::move(opened).value();
}

// One name, from ask() to its callback.
struct DnsClient::Question {
  struct Step {
    bool srv = false;
    int family = AF_UNSPEC;
    bool prefer_v6 = false;
  };
  // Addresses of one target of an SRV record.
  struct Part {
    Question* question;
    SrvRecord record;
  };

  Question(DnsClient& c, std::string_view n, std::string_view last, Callback call)
      : client(c), name(n), callback(std::move(call)) {
    plan(last);
  }
  void plan(std::string_view last);
  void run_step();
  void ask_addresses(const std::string& host, const Step& step, ares_addrinfo_callback call,
                     void* context);
  void on_srv(int status, std::span<const unsigned char> message);
  void on_addresses(int status, ares_addrinfo* found, const SrvRecord* of);
  void fail(int status);
  // All of a step's questions are answered.
  void end_step();

  DnsClient& client;
  std::string name;
  Callback callback;
  std::vector<Step> steps;
  std::size_t step = 0;
  std::list<Part> parts;
  std::size_t open = 0;  // questions of this step
  DnsAnswer answer;
  bool started = false;
  bool done = false;
};

void DnsClient::Question::plan(std::string_view last) {
  const auto& order = client.options_.order;
  if (is_service_name(name)) steps.push_back({true});
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool v4 = order[i] == "A", v6 = order[i] == "AAAA";
    if (order[i] == "SRV" && !is_service_name(name)) steps.push_back({true});
    if (!v4 && !v6) continue;
    const bool both = i + 1 < order.size() && order[i + 1] == (v4 ? "AAAA" : "A");
    steps.push_back({false, both ? AF_UNSPEC : v4 ? AF_INET : AF_INET6, v6});
    i += both;
  }
  const bool again = std::find(order.begin(), order.end(), "LAST") != order.end();
  if (again && !last.empty())
    std::stable_partition(steps.begin(), steps.end(),
                          [&](const Step& one) { return one.srv == (last == "SRV"); });
}

void DnsClient::Question::run_step() {
  const Step& now = steps[step];
  answer.ttl = UINT64_MAX;
  answer.records = now.srv ? "SRV" : "A/AAAA";
  open = 1;
  if (now.srv) {
    ares_search(
        client.channel_->raw, name.c_str(), k_class_in, k_type_srv,
        [](void* self, int status, int, unsigned char* message, int size) {
          if (status == ARES_EDESTRUCTION) return;
          static_cast<Question*>(self)->on_srv(status, {message, std::size_t(std::max(size, 0))});
        },
        this);
    return;
  }
  ask_addresses(
      name, now,
      [](void* self, int status, int, ares_addrinfo* found) {
        if (status == ARES_EDESTRUCTION) return;
        static_cast<Question*>(self)->on_addresses(status, found, nullptr);
      },
      this);
}

void DnsClient::Question::ask_addresses(const std::string& host, const Step& asked,
                                        ares_addrinfo_callback call, void* context) {
  ares_addrinfo_hints hints{};
  hints.ai_family = asked.family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = ARES_AI_NOSORT | ARES_AI_ENVHOSTS;
  ares_getaddrinfo(client.channel_->raw, host.c_str(), nullptr, &hints, call, context);
}

// RFC 2782: only those of the lowest priority count. As in Kong, a weight of 0 counts as 1.
void DnsClient::Question::on_srv(int status, std::span<const unsigned char> message) {
  auto records = status == ARES_SUCCESS ? parse_srv(message) : std::nullopt;
  if (status != ARES_SUCCESS || !records) {
    fail(status != ARES_SUCCESS ? status : ARES_EBADRESP);
    return end_step();
  }
  std::erase_if(*records, [](const SrvRecord& record) { return record.host == "."; });
  std::uint16_t lowest = UINT16_MAX;
  for (const auto& record : *records) lowest = std::min(lowest, record.priority);
  std::erase_if(*records, [&](const SrvRecord& record) { return record.priority > lowest; });
  if (records->empty()) {
    fail(ARES_ENODATA);
    return end_step();
  }
  for (auto& record : *records) parts.push_back({this, std::move(record)});
  open = parts.size() + 1;  // answers may come at once
  Step addresses;
  for (const Step& one : steps)
    if (!one.srv) addresses = one;
  for (Part& part : parts)
    ask_addresses(
        part.record.host, addresses,
        [](void* context, int s, int, ares_addrinfo* found) {
          if (s == ARES_EDESTRUCTION) return;
          const auto& one = *static_cast<Part*>(context);
          one.question->on_addresses(s, found, &one.record);
        },
        &part);
  if (--open == 0) end_step();
}

void DnsClient::Question::on_addresses(int status, ares_addrinfo* found, const SrvRecord* of) {
  std::vector<Address> addresses;
  std::uint64_t ttl = of != nullptr ? of->ttl : UINT32_MAX;
  if (status == ARES_SUCCESS && found != nullptr) {
    for (const auto* node = found->nodes; node != nullptr; node = node->ai_next) {
      Address address;
      if (std::size_t(node->ai_addrlen) > sizeof address.v6) continue;
      std::memcpy(&address.any, node->ai_addr, std::size_t(node->ai_addrlen));
      addresses.push_back(address);
      ttl = std::min(ttl, std::uint64_t(std::max(node->ai_ttl, 0)));
    }
    for (const auto* alias = found->cnames; alias != nullptr; alias = alias->next)
      ttl = std::min(ttl, std::uint64_t(std::max(alias->ttl, 0)));
  }
  if (found != nullptr) ares_freeaddrinfo(found);
  if (addresses.empty())
    fail(status == ARES_SUCCESS ? ARES_ENODATA : status);
  else
    answer.ttl = std::min(answer.ttl, ttl * 1000);
  for (Endpoint& endpoint : to_endpoints(std::move(addresses), steps[step].prefer_v6)) {
    if (of != nullptr) {
      endpoint.address.set_port(of->port);
      if (endpoint.alternative) endpoint.alternative->set_port(of->port);
      endpoint.weight = std::max<std::uint16_t>(of->weight, 1);
      endpoint.name = of->host;
    }
    answer.endpoints.push_back(std::move(endpoint));
  }
  if (--open == 0) end_step();
}

void DnsClient::Question::fail(int status) {
  const bool none = status == ARES_ENOTFOUND || status == ARES_ENODATA || status == ARES_EBADNAME;
  if (none && answer.status == DnsAnswer::Status::failed) return;
  answer.status = none ? DnsAnswer::Status::not_found : DnsAnswer::Status::failed;
  answer.why = ares_strerror(status);
}

void DnsClient::Question::end_step() {
  parts.clear();
  if (!answer.endpoints.empty()) {
    answer.status = DnsAnswer::Status::found;
    answer.why.clear();
    const auto before = [](const Endpoint& a, const Endpoint& b) {
      return std::pair(a.address.ip(), a.address.port()) <
             std::pair(b.address.ip(), b.address.port());
    };
    std::sort(answer.endpoints.begin(), answer.endpoints.end(), before);
  } else if (++step < steps.size()) {
    return run_step();
  }
  done = true;
  client.turn_.set(client.loop_.deadlines(), 0);
}

DnsClient::DnsClient(Loop& loop, const DnsOptions& options)
    : loop_(loop),
      options_(options),
      channel_(std::make_unique<Channel>(loop)),
      turn_([](void* self) { static_cast<DnsClient*>(self)->run(); }, this) {}

Result<std::unique_ptr<DnsClient>> DnsClient::make(Loop& loop, const DnsOptions& options) {
  static const int library = ares_library_init(ARES_LIB_INIT_ALL);
  check(library == ARES_SUCCESS);
  use_hosts_file(options.hosts_file);
  std::unique_ptr<DnsClient> made(new DnsClient(loop, options));
  if (const int status = made->channel_->open(options); status != ARES_SUCCESS)
    return Error{cat("no DNS client: ", ares_strerror(status))};
  return made;
}

// The callbacks of what is still asked find their questions.
DnsClient::~DnsClient() { channel_.reset(); }

void DnsClient::ask(std::string_view name, std::string_view last, Callback callback) {
  questions_.emplace_back(*this, name, last, std::move(callback));
  turn_.set(loop_.deadlines(), 0);
}

// Not from within ask(), nor from within c-ares.
void DnsClient::run() {
  for (Question& question : questions_) {
    if (std::exchange(question.started, true)) continue;
    if (question.steps.empty()) {
      question.fail(ARES_ENODATA);
      question.done = true;
    } else {
      question.run_step();
    }
  }
  channel_->arm();
  std::list<Question> answered;
  for (auto at = questions_.begin(); at != questions_.end();) {
    const auto next = std::next(at);
    if (at->done) answered.splice(answered.end(), questions_, at);
    at = next;
  }
  for (Question& question : answered) question.callback(std::move(question.answer));
}

}  // namespace gw::net
