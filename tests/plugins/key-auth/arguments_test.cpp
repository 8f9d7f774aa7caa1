// SPDX-License-Identifier: Apache-2.0
#include "key-auth/arguments.hpp"

#include "support/catch.hpp"

using namespace key_auth;
using Kind = Finding::Kind;

TEST_CASE("an argument is found by its decoded name and decoded value") {
  CHECK(find_argument("a=1&apikey=s3%20c+r%65t", "apikey").text == "s3 c ret");
  CHECK(find_argument("api%6B%65%79=x", "apikey").text == "x");
  CHECK(find_argument("api+key=x", "api key").text == "x");
  CHECK(find_argument("apikey=a=b", "apikey").text == "a=b");
  CHECK(find_argument("%zz=1", "%zz").text == "1");
  CHECK(find_argument("a=%4", "a").text == "%4");
  CHECK(find_argument("a=%", "a").text == "%");
}

TEST_CASE("argument names are compared in full and with their case") {
  CHECK(find_argument("apikeys=1&myapikey=2&APIKEY=3", "apikey").kind == Kind::none);
  CHECK(find_argument("", "apikey").kind == Kind::none);
}

TEST_CASE("a name that is there twice, in any writing, is a duplicate") {
  CHECK(find_argument("apikey=1&apikey=1", "apikey").kind == Kind::duplicate);
  CHECK(find_argument("apikey=1&api%6bey=2", "apikey").kind == Kind::duplicate);
  CHECK(find_argument("apikey&apikey=2", "apikey").kind == Kind::duplicate);
}

TEST_CASE("an argument without a value is no text, an empty one is") {
  CHECK(find_argument("apikey", "apikey").kind == Kind::other);
  CHECK(find_argument("apikey=", "apikey").kind == Kind::text);
}

TEST_CASE("taking an argument away leaves the other bytes and their order") {
  CHECK(without_argument("b=%7e&apikey=x&a=+1&&c", "apikey") == "b=%7e&a=+1&&c");
  CHECK(without_argument("api%6Bey=x&a=1", "apikey") == "a=1");
  CHECK(without_argument("a=1&apikey=x", "apikey") == "a=1");
  CHECK(without_argument("apikey=x", "apikey").empty());
  CHECK(without_argument("a=1", "apikey") == "a=1");
}
