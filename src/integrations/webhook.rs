//! Signed JSON to any system: one POST per event.
//!
//! The body is the event (`docs/webhook-event.schema.json`). Headers: `Idempotency-Key`, the same over all tries;
//! `Switchboard-Signature: t=<unix seconds>,v1=<hex>`, where v1 is HMAC-SHA256 with the shared secret over the time, a full
//! stop and the body, as Stripe signs its webhooks. A receiver recomputes it, compares in constant time and refuses times
//! more than five minutes off. Any 2xx is success; an `id` in a JSON answer is kept as the outside reference.

use std::fmt;

use reqwest::header::CONTENT_TYPE;
use ring::hmac;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::error::CallError;
use super::event::Event;
use super::http_client::HttpClient;

/// The signature's header.
pub const SIGNATURE_HEADER: &str = "switchboard-signature";

/// A webhook.
pub struct Webhook {
    url: String,
    key: hmac::Key,
    http: HttpClient,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(..)")
    }
}

impl Webhook {
    /// Posts to `url`, signed with `secret`.
    #[expect(clippy::needless_pass_by_value, reason = "the secret's owner hands it over")]
    #[must_use]
    pub fn new(url: &str, secret: SecretString, http: HttpClient) -> Self {
        Self {
            url: url.to_owned(),
            key: hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes()),
            http,
        }
    }

    /// Posts the event.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn deliver(&self, event: &Event) -> Result<String, CallError> {
        let body = serde_json::to_vec(event).map_err(|_| CallError::NothingToSend {
            code: "unserializable",
        })?;
        let request = self
            .http
            .post(&self.url)
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", &event.key)
            .header(
                SIGNATURE_HEADER,
                sign(&self.key, self.http.clock().now().as_second(), &body),
            )
            .body(body);
        let answer = self.http.send(request).await?.success(self.http.clock())?;
        let id = answer.json().ok().and_then(|json: Value| match json.get("id") {
            Some(Value::String(id)) => Some(id.chars().take(200).collect()),
            Some(Value::Number(id)) => Some(id.to_string()),
            _ => None,
        });
        Ok(id.unwrap_or_else(|| "accepted".to_owned()))
    }
}

/// `t=<seconds>,v1=<hex>`.
fn sign(key: &hmac::Key, unix_seconds: i64, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(key);
    context.update(unix_seconds.to_string().as_bytes());
    context.update(b".");
    context.update(body);
    format!("t={unix_seconds},v1={}", hex::encode(context.sign()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_hmac_sha256_over_time_and_body() {
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"whsec_test");
        // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac whsec_test
        assert_eq!(sign(&key, 1_700_000_000, br#"{"a":1}"#), SIGNED);
    }

    const SIGNED: &str = "t=1700000000,v1=38877139021993b830af32feea6e18a8da83eb2f6e49ee50bd9e4cf4ca4d3789";
}
