// SPDX-License-Identifier: Apache-2.0
// A plugin that drives real libraries on its worker's loop; for adapters_test.cpp.
#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <netdb.h>

#include <gatewright/adapters/cares.hpp>
#include <gatewright/adapters/event_fd.hpp>
#include <gatewright/adapters/hiredis.hpp>
#include <optional>

namespace {

struct adapters {
  static constexpr auto name = "adapters";
  static constexpr int priority = 1;
  static constexpr auto schema = R"({"type": "object", "properties": {
    "redis": {"type": "string", "default": ""}, "dns": {"type": "string", "default": ""},
    "kafka": {"type": "boolean", "default": false}}})";

  struct worker_state {
    worker_state(gw::worker w, const adapters& p) : owner(w) {
      if (!p.redis.empty()) ask_redis(p.redis);
      if (!p.dns.empty()) ask_dns(p.dns);
      if (p.kafka) listen_to_kafka();
    }
    ~worker_state() {
      if (redis != nullptr) redisAsyncFree(redis);
      if (queue != nullptr) {
        rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0);
        rd_kafka_queue_destroy(queue);
      }
      if (kafka != nullptr) rd_kafka_destroy(kafka);
    }
    void say(const std::string& text) const { owner.host().log(GW_LOG_INFO, text); }

    void ask_redis(const std::string& path) {
      redis = redisAsyncConnectUnix(path.c_str());
      redis->data = this;
      if (redis->err != 0) {
        redisAsyncFree(redis);
        redis = nullptr;
        return say("redis: refused");
      }
      if (!gw::attach(owner, redis)) throw gw::config_error("redis cannot be watched");
      redisAsyncSetDisconnectCallback(redis, [](const redisAsyncContext* c, int) {
        static_cast<worker_state*>(c->data)->redis = nullptr;
      });
      const auto told = [](redisAsyncContext* c, void* reply, void* last) {
        const auto* self = static_cast<worker_state*>(c->data);
        const auto* r = static_cast<redisReply*>(reply);
        if (r == nullptr) return self->say("redis: no reply");
        self->say("redis: " + std::string(r->str != nullptr ? r->str : ""));
        if (last != nullptr) redisAsyncDisconnect(c);
      };
      redisAsyncCommand(redis, told, nullptr, "SET k v");
      redisAsyncCommand(redis, told, this, "GET k");
    }
    void ask_dns(const std::string& server) {
      ares_options options{};
      options.timeout = 300;
      options.tries = 2;
      resolver.emplace(owner, options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
      ares_set_servers_ports_csv(resolver->channel(), server.c_str());
      ares_gethostbyname(
          resolver->channel(), "here.test", AF_INET,
          [](void* ud, int status, int, hostent* found) {
            char text[INET_ADDRSTRLEN] = "";
            if (status == ARES_SUCCESS)
              inet_ntop(AF_INET, found->h_addr_list[0], text, sizeof text);
            static_cast<worker_state*>(ud)->say(
                gw::join("dns: ", ares_strerror(status), " ", text));
          },
          this);
    }
    // A producer without a broker: its main queue tells that nobody can be reached.
    void listen_to_kafka() {
      char why[512];
      rd_kafka_conf_t* conf = rd_kafka_conf_new();
      rd_kafka_conf_set(conf, "bootstrap.servers", "127.0.0.1:1", why, sizeof why);
      rd_kafka_conf_set(conf, "log_level", "0", why, sizeof why);
      rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int, const char*, void* self) {
        static_cast<worker_state*>(self)->say("kafka: event");
      });
      rd_kafka_conf_set_opaque(conf, this);
      kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
      if (kafka == nullptr) throw gw::config_error(why);
      queue = rd_kafka_queue_get_main(kafka);
      bell.emplace(owner, [this] { rd_kafka_poll(kafka, 0); });
      rd_kafka_queue_io_event_enable(queue, bell->fd(), gw::event_fd::payload, sizeof(uint64_t));
      owner.after(gw::milliseconds(0), [this] { rd_kafka_poll(kafka, 0); });  // what came before
    }

    gw::worker owner;
    redisAsyncContext* redis = nullptr;
    std::optional<gw::ares_loop> resolver;
    rd_kafka_t* kafka = nullptr;
    rd_kafka_queue_t* queue = nullptr;
    std::optional<gw::event_fd> bell;
  };

  explicit adapters(gw::config c)
      : redis(c.str("redis")), dns(c.str("dns")), kafka(c.boolean("kafka")) {}

  std::string redis;
  std::string dns;
  bool kafka;
};

}  // namespace

GW_PLUGIN(adapters)
