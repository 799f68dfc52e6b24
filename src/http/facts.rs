//! What is found out about a request on its way in, for the answer's headers and the access line.
//!
//! It is kept beside the request, not in its response: a deadline, a panic and a client that leaves end a request without the response that
//! its handler would have made, and whoever looks for the cause needs to know whose request it was. Each fact is said once. Nothing here fails.

use std::sync::{Arc, OnceLock};

use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::problem::whole_seconds;
use crate::admission::{Allowance, Client};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// See the module. Clones are of the same request.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts(Arc<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The id of the API key that was brought. Addresses are not logged: behind a chat widget they are the customers'.
    client: OnceLock<Arc<str>>,
    /// What the client may still send.
    allowance: OnceLock<Allowance>,
    /// The record that the answer names.
    reference: OnceLock<String>,
}

impl Facts {
    /// The client was admitted, over its limit or within it.
    pub(super) fn admitted(&self, client: &Client, allowance: Option<Allowance>) {
        if let Some(key) = &client.key {
            self.brought(key.id.clone());
        }
        if let Some(allowance) = allowance {
            // Said before only if a request were admitted twice.
            let _ = self.0.allowance.set(allowance);
        }
    }

    /// The API key of this id was brought, admitted or not.
    pub(super) fn brought(&self, key_id: Arc<str>) {
        let _ = self.0.client.set(key_id);
    }

    /// The answer names this record.
    pub(super) fn recorded(&self, reference: String) {
        let _ = self.0.reference.set(reference);
    }

    pub(super) fn client(&self) -> Option<&str> {
        self.0.client.get().map(|id| &**id)
    }

    pub(super) fn reference(&self) -> Option<&str> {
        self.0.reference.get().map(String::as_str)
    }

    /// Says in an answer what is left, where the client has a limit (draft-ietf-httpapi-ratelimit-headers-10).
    pub(super) fn describe(&self, headers: &mut HeaderMap) {
        let Some(allowance) = self.0.allowance.get() else {
            return;
        };
        let reset = whole_seconds(allowance.reset);
        let policy = format!(
            "\"client\";q={};w={}",
            allowance.burst,
            whole_seconds(allowance.window)
        );
        let limit = format!("\"client\";r={};t={reset}", allowance.remaining);
        for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, limit)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
    }
}
