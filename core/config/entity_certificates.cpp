// SPDX-License-Identifier: Apache-2.0
// Certificates, their names and authorities of EntityReader. Whether PEM holds what it should is
// seen where connections are made ready (proxy/tls_runtime.cpp).
#include "base/text.hpp"
#include "config/entity_reader.hpp"
#include "config/rules.hpp"

namespace gw::config {

namespace {

std::string pem_certificate(std::string_view text) {
  return text.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos
             ? ""
             : "a certificate in PEM, -----BEGIN CERTIFICATE-----…";
}

std::string pem_key(std::string_view text) {
  return text.find("PRIVATE KEY-----") != std::string_view::npos
             ? ""
             : "a private key in PEM, -----BEGIN PRIVATE KEY-----…";
}

}  // namespace

void EntityReader::read_certificate(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  const auto index = Index(all_.certificates.size());
  Certificate made;
  base(reader, made);
  reader.string("cert", made.cert, pem_certificate);
  reader.string("key", made.key, pem_key);
  reader.string("cert_alt", made.cert_alt, pem_certificate);
  reader.string("key_alt", made.key_alt, pem_key);
  reader.object("gateway", [&](ObjectReader& inner) { inner.string("ocsp", made.ocsp); });
  if (!reader.has("cert")) reader.error("has no cert, expected a certificate in PEM");
  if (!reader.has("key")) reader.error("has no key, expected a private key in PEM");
  if (reader.has("cert_alt") != reader.has("key_alt"))
    reader.error("has one of cert_alt and key_alt, expected both or none");
  add_id(made, "certificates", cat(made.cert, made.key), certificates_, index);
  all_.certificates.push_back(std::move(made));
  // A name is text here, as in Kong's admin API, or an entity of its own.
  reader.each("snis", [&](const Value& v, const Place& p) { read_sni(v, p, index); });
  reader.finish();
}

void EntityReader::read_sni(const Value& value, const Place& place, Index certificate) {
  Sni made;
  const auto index = Index(all_.snis.size());
  Reference owner;
  owner.given = certificate;
  if (value.is(Kind::string)) {
    made.where = value.where;
    made.place = place.text();
    made.name = value.string;
    if (const auto expected = rules::sni(made.name); !expected.empty())
      out_.push_back({Severity::error, value.where, made.place,
                      cat("is \"", made.name, "\", expected ", expected), ""});
  } else {
    ObjectReader reader(value, place, out_);
    base(reader, made);
    reader.string("name", made.name, rules::sni);
    if (!reader.has("name")) reader.error("has no name, expected a host name");
    owner = reference(reader, "certificate", certificate,
                      certificate != k_none ? all_.certificates[certificate].id : "");
    if (owner.value == nullptr && certificate == k_none)
      reader.error("has no certificate, expected its id");
    reader.finish();
  }
  const Known mine{index, made.where};
  if (const auto [known, added] = snis_.emplace(cat("name:", lower(made.name)), mine); !added)
    report_second(made, "",
                  cat("uniqueness violation: 'snis' entity with name set to '", made.name,
                      "' already declared"),
                  known->second.where);
  add_id(made, "snis", made.name, snis_, index);
  sni_certificates_.push_back(owner);
  all_.snis.push_back(std::move(made));
}

void EntityReader::read_ca_certificate(const Value& value, const Place& place) {
  ObjectReader reader(value, place, out_);
  CaCertificate made;
  base(reader, made);
  reader.string("cert", made.cert, pem_certificate);
  if (!reader.has("cert")) reader.error("has no cert, expected a certificate in PEM");
  std::string digest;
  reader.string("cert_digest", digest);  // Kong's exports have it; it follows from the certificate
  reader.finish();
  add_id(made, "ca_certificates", made.cert, authorities_, Index(all_.ca_certificates.size()));
  all_.ca_certificates.push_back(std::move(made));
}

std::vector<EntityReader::Reference> EntityReader::read_authorities(ObjectReader& reader) {
  std::vector<Reference> out;
  reader.each("ca_certificates", [&](const Value& id, const Place& at) {
    Reference one;
    one.path = at.text();
    one.key = lower(id.string);
    one.value = &id;
    if (id.is(Kind::string))
      out.push_back(one);
    else
      out_.push_back({Severity::error, id.where, one.path,
                      cat("is ", describe(id), ", expected the id of a CA certificate"), ""});
  });
  return out;
}

std::vector<EntityReader::Reference> EntityReader::read_verify_client(
    ObjectReader& gateway, std::optional<ClientCheck>& into) {
  std::vector<Reference> authorities;
  gateway.object("verify_client", [&](ObjectReader& reader) {
    const std::size_t before = out_.size();
    auto& check = into.emplace();
    authorities = read_authorities(reader);
    if (authorities.empty() && out_.size() == before)
      reader.error("has no ca_certificates, expected the ids of those that vouch for clients");
    reader.integer("depth", check.depth, 0, 64);
    reader.boolean("required", check.required);
  });
  return authorities;
}

// What a service says of TLS to its targets.
void EntityReader::read_service_tls(ObjectReader& reader, Service& service) {
  constexpr std::string_view k_fields[] = {"client_certificate", "tls_verify", "tls_verify_depth",
                                           "ca_certificates"};
  const auto says_something = [](const Value* given) {
    return given != nullptr && !given->is(Kind::null) &&
           !(given->is(Kind::array) && given->items.empty());
  };
  if (service.protocol != Protocol::https)
    for (const auto field : k_fields)
      if (const Value* given = reader.value().find(field); says_something(given))
        reader.error(*given, field, "is for the protocol https only");
  bool verify = false;
  reader.boolean("tls_verify", verify);
  if (reader.has("tls_verify")) service.tls_verify = verify;
  std::int64_t depth = 0;
  reader.integer("tls_verify_depth", depth, 0, 64);
  if (reader.has("tls_verify_depth")) service.tls_verify_depth = int(depth);
  reader.later("tls_sans", "tls_sans");
  ServiceTls mine;
  mine.client_certificate = reference(reader, "client_certificate", k_none, "");
  mine.authorities = read_authorities(reader);
  reader.object("gateway", [&](ObjectReader& inner) {
    mine.client_authorities = read_verify_client(inner, service.verify_client);
  });
  service_tls_.push_back(std::move(mine));
}

void EntityReader::resolve_authorities(const std::vector<Reference>& from,
                                       std::vector<Index>& into) {
  for (const auto& one : from) into.push_back(resolve(one, authorities_, "ca_certificates"));
}

void EntityReader::resolve_certificates() {
  for (std::size_t i = 0; i < all_.snis.size(); ++i)
    all_.snis[i].certificate = resolve(sni_certificates_[i], certificates_, "certificates");
  for (std::size_t i = 0; i < all_.services.size(); ++i) {
    auto& service = all_.services[i];
    service.client_certificate =
        resolve(service_tls_[i].client_certificate, certificates_, "certificates");
    resolve_authorities(service_tls_[i].authorities, service.ca_certificates);
    if (service.verify_client)
      resolve_authorities(service_tls_[i].client_authorities,
                          service.verify_client->ca_certificates);
  }
  for (std::size_t i = 0; i < all_.routes.size(); ++i)
    if (auto& check = all_.routes[i].verify_client)
      resolve_authorities(route_authorities_[i], check->ca_certificates);
  for (std::size_t i = 0; i < all_.upstreams.size(); ++i)
    all_.upstreams[i].client_certificate =
        resolve(upstream_certificates_[i], certificates_, "certificates");
}

}  // namespace gw::config
