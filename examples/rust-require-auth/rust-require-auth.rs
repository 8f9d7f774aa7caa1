// SPDX-License-Identifier: Apache-2.0
use gatewright::{abi, Action, Config, Header, Plugin, Request};

struct RequireAuth {
    authorization: Header,
    challenge: Header,
    tokens: Vec<String>,
    realm: String,
}

/// In a time that does not depend on where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

impl Plugin for RequireAuth {
    const PHASES: u32 = gatewright::REQUEST;

    fn new(config: &Config) -> Result<Self, String> {
        let tokens: Vec<String> = (0..config.count("/tokens"))
            .filter_map(|i| config.str(&format!("/tokens/{}", i)))
            .collect();
        let realm = config.str("/realm").unwrap_or_default();
        Ok(RequireAuth {
            authorization: config.header("Authorization"),
            challenge: config.header("WWW-Authenticate"),
            tokens,
            realm: format!("Bearer realm=\"{}\"", realm),
        })
    }

    fn on_request(&self, request: &mut Request) -> Action {
        let known = match request.header(self.authorization) {
            Some(value) if value.starts_with(b"Bearer ") => {
                // Each is compared, so that the time tells nothing.
                self.tokens.iter().fold(false, |found, token| same(&value[7..], token.as_bytes()) | found)
            }
            _ => false,
        };
        if !known {
            request.decide(abi::GW_DENY, "unknown_token");
            let challenge = [(self.challenge, self.realm.as_bytes())];
            return request.respond(401, "unknown_token", "Who are you?", &challenge);
        }
        request.decide(abi::GW_ALLOW, "known_token");
        request.remove_header(self.authorization)
    }
}

gatewright::plugin!(RequireAuth, name: "rust-require-auth", version: "1.0.0", priority: 1250,
                    schema: include_str!("schema.json"));
