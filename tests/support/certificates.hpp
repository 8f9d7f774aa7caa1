// SPDX-License-Identifier: Apache-2.0
// Certificates for tests, made by the openssl program in a folder that goes with the object. Keys
// are P-256, and everything is valid for a day unless it is said otherwise.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace gw::test {

struct Issued {
  std::string certificate, key;            // PEM
  std::string certificate_file, key_file;  // the same
};

class Authority {
 public:
  explicit Authority(const std::string& name = "Test Authority") {
    make_folder();
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj '/CN=" +
        name + "' -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign" +
        " -keyout ca.key -out ca.pem");
  }
  // One that `parent` vouches for, and that may vouch for others.
  Authority(const Authority& parent, const std::string& name) {
    make_folder();
    std::ofstream(path("ca.ext")) << "basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign\n";
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=" + name +
        "' -keyout ca.key -out ca.csr");
    run("openssl x509 -req -in ca.csr -CA " + parent.path("ca.pem") + " -CAkey " +
        parent.path("ca.key") + " -set_serial 2 -extfile ca.ext -out ca.pem -days 1");
  }
  ~Authority() { std::filesystem::remove_all(folder_); }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  // `names` as openssl writes them: "DNS:a.test,IP:127.0.0.1". Negative days: it has expired.
  Issued issue(const std::string& file, const std::string& names, int days = 1,
               const std::string& newkey = "ec -pkeyopt ec_paramgen_curve:P-256") {
    std::ofstream(path(file + ".ext")) << "subjectAltName=" << names << "\n";
    run("openssl req -newkey " + newkey + " -nodes -subj '/CN=" + file + "' -keyout " + file +
        ".key -out " + file + ".csr");
    const std::string serial = std::to_string(++serial_);
    if (days > 0)
      run("openssl x509 -req -in " + file + ".csr -CA ca.pem -CAkey ca.key -set_serial " + serial +
          " -extfile " + file + ".ext -out " + file + ".pem -days " + std::to_string(days));
    else
      expire(file, serial);
    return {read(file + ".pem"), read(file + ".key"), path(file + ".pem"), path(file + ".key")};
  }

  // What its OCSP responder says of a certificate: a file with the response, DER.
  enum class Says { good, revoked, good_once };  // good_once: in 2001
  std::string ocsp_response(const Issued& issued, Says says = Says::good) {
    const auto name = issued.certificate_file.substr(issued.certificate_file.rfind('/') + 1);
    const std::string serial = shell("openssl x509 -noout -serial -in " + name + " | cut -d= -f2");
    const bool revoked = says == Says::revoked;
    std::ofstream(path("ocsp.txt"))
        << (revoked ? "R" : "V") << "\t350101000000Z\t" << (revoked ? "200101000000Z" : "") << "\t"
        << serial << "\tunknown\t/CN=x\n";
    run("openssl ocsp -issuer ca.pem -cert " + name + " -reqout ocsp.req -no_nonce");
    run("openssl ocsp -index ocsp.txt -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin ocsp.req "
        "-respout ocsp.der -nmin 60");
    if (says == Says::good_once)
      run("sed -i -E 's/20[0-9]{12}Z/20010101000000Z/g' ocsp.der", "LC_ALL=C ");
    return path("ocsp.der");
  }

  std::string pem() const { return read("ca.pem"); }
  std::string file() const { return path("ca.pem"); }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }

 private:
  // `openssl x509` knows no dates in the past, `openssl ca` does.
  void expire(const std::string& file, const std::string& serial) {
    std::ofstream(path("ca.cnf")) << "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nserial=serial\n"
                                     "new_certs_dir=.\ndefault_md=sha256\npolicy=p\n[p]\n"
                                     "commonName=supplied\n";
    std::ofstream(path("index.txt"), std::ios::trunc);
    std::ofstream(path("serial")) << serial << "\n";
    run("openssl ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in " + file +
        ".csr -startdate 20200101000000Z -enddate 20200102000000Z -extfile " + file + ".ext -out " +
        file + ".pem -notext");
  }
  void make_folder() {
    char pattern[] = "/tmp/gatewright-certificates-XXXXXX";
    if (mkdtemp(pattern) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
  }
  void run(const std::string& command, const std::string& environment = "") const {
    const std::string whole =
        "cd " + folder_ + " && " + environment + command + " >/dev/null 2>error.txt";
    if (std::system(whole.c_str()) != 0)
      throw std::runtime_error(command + ": " + read("error.txt"));
  }
  // The first line that a command writes.
  std::string shell(const std::string& command) const {
    run(command + " >line.txt #");
    std::string line;
    std::ifstream in(path("line.txt"));
    std::getline(in, line);
    return line;
  }
  std::string read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(path(name)).rdbuf();
    return text.str();
  }

  std::string folder_;
  int serial_ = 16;
};

}  // namespace gw::test
