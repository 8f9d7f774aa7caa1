// SPDX-License-Identifier: Apache-2.0
// What all auth plugins share: who the request comes from is published in the slot gw.consumer/1
// and told to the upstream in X-Consumer-* and X-Credential-Identifier; a client can't forge them,
// since absent values remove what it sent. With `anonymous` configured, plugins are alternatives:
// one that finds a credential already accepted steps aside, one that fails acts as the anonymous
// consumer. The type is a member of a plugin and is made from its configuration.
#pragma once

#include "gatewright/plugin.hpp"

namespace gw {

class authenticator {
 public:
  // Reads "anonymous" (id or name of a consumer; may be absent) from the configuration.
  explicit authenticator(const config& c)
      : identity_(c.slot<gw_identity>(GW_SLOT_CONSUMER)),
        consumer_id_(c.header_id("x-consumer-id")),
        custom_id_(c.header_id("x-consumer-custom-id")),
        username_(c.header_id("x-consumer-username")),
        credential_(c.header_id("x-credential-identifier")),
        anonymous_flag_(c.header_id("x-anonymous-consumer")),
        anonymous_name_(c.str("anonymous")),
        anonymous_(anonymous_name_.empty() ? nullptr : c.consumer(anonymous_name_)) {
    if (!anonymous_name_.empty() && anonymous_ == nullptr)
      c.host().log(GW_LOG_WARN, missing_text());
  }

  // Whether this plugin has nothing to do: another one has accepted a credential, and `anonymous`
  // makes them alternatives.
  bool settled(request r) const {
    if (anonymous_name_.empty()) return false;
    const gw_identity* id = r.get(identity_);
    return id != nullptr && present(to_view(id->credential_id));
  }

  // Publishes the consumer (may be NULL) of an accepted credential.
  void authenticate(request r, const gw_consumer* consumer, const gw_credential& credential) const {
    publish(r, consumer, credential.id);
    r.remove_header(anonymous_flag_);
    r.decide(GW_ALLOW, "authenticated", to_view(credential.id));
  }

  // The answer to a request without an accepted credential: `refusal`, or the anonymous consumer.
  action refuse(request r, const reply& refusal) const {
    if (anonymous_name_.empty()) {
      const gw_response raw = refusal.raw();
      r.decide(GW_DENY, to_view(raw.code), {}, to_view(raw.message));
      return r.respond(refusal);
    }
    if (anonymous_ == nullptr) {
      const std::string text = missing_text();
      r.log(GW_LOG_ERROR, text);
      return r.respond(reply(500).code("anonymous_missing").message(text));
    }
    publish(r, anonymous_, gw_str{});
    r.set_header(anonymous_flag_, "true", GW_BORROW);
    r.decide(GW_ALLOW, "anonymous", to_view(anonymous_->id));
    return next;
  }

 private:
  std::string missing_text() const {
    return join("anonymous consumer ", anonymous_name_, " is configured but doesn't exist");
  }

  void publish(request r, const gw_consumer* consumer, gw_str credential_id) const {
    static constexpr gw_consumer nobody{};
    auto* id = r.make<gw_identity>();
    id->size = sizeof *id;
    id->flags = credential_id.p == nullptr ? uint32_t{GW_ID_ANONYMOUS} : 0;
    id->consumer = consumer;
    id->credential_id = credential_id;
    r.put(identity_, id);
    const gw_consumer& from = consumer == nullptr ? nobody : *consumer;
    tell(r, consumer_id_, from.id);
    tell(r, custom_id_, from.custom_id);
    tell(r, username_, from.username);
    tell(r, credential_, credential_id);
  }

  // The host keeps consumers and credentials as long as a request that holds them: borrowed.
  static void tell(request r, hid header, gw_str value) {
    if (value.p == nullptr)
      r.remove_header(header);
    else
      r.set_header(header, to_view(value), GW_BORROW);
  }

  slot<gw_identity> identity_;
  hid consumer_id_, custom_id_, username_, credential_, anonymous_flag_;
  std::string anonymous_name_;
  const gw_consumer* anonymous_;
};

}  // namespace gw
