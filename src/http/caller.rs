//! Who calls, and whether they are over their limit: found out before a request's body is read, so that a flood costs little. The limiter's
//! word is left in the request's [`Facts`].
//!
//! It refuses unknown credentials at once. A caller over its limit is not refused here: the handler finds that in [`Admitted`] and lets the
//! local model read the message first, because a safety report is accepted over the limit. Every answer says what is left.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse as _, Response};

use super::AppState;
use super::facts::Facts;
use super::problem::Problem;
use crate::admission::{Account, Backend, Client, Decision, Refused};
use crate::telemetry::traces;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// How a request got past the limiter.
#[derive(Debug)]
pub(super) struct Admitted {
    /// Who sent it.
    pub(super) client: Client,
    /// Over the limit: only a safety report may pass; anything else waits this long.
    pub(super) over_limit: Option<Duration>,
    /// Who counted.
    pub(super) backend: Backend,
    /// The LLM budget of the client's key, where it has one.
    pub(super) account: Option<Account>,
}

/// Identifies and limits the caller at `address`.
pub(super) async fn admit(
    state: &AppState,
    facts: &Facts,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<Admitted, Response> {
    let mut span = traces::span("admission");
    let sender = state.admission.callers.sender(credential(headers), address);
    let client = sender.map_err(|why| refused(state, why, facts, headers))?;
    let Decision {
        allowance,
        backend,
        account,
    } = state.admission.limiter.check(&client).await;
    let over_limit = allowance.filter(|allowance| !allowance.admitted);
    span.set("switchboard.admitted", over_limit.is_none());
    drop(span);
    facts.admitted(&client, allowance);
    Ok(Admitted {
        over_limit: over_limit.map(|allowance| allowance.reset),
        client,
        backend,
        account,
    })
}

/// Counts a refusal of credentials and words it. The access line names whose key it was, where it is known: who tries what is not theirs is
/// somebody to ask.
pub(super) fn refused(state: &AppState, why: Refused, facts: &Facts, headers: &HeaderMap) -> Response {
    state.metrics.admission.auth_failure(why.code());
    if let Some(id) = credential(headers).and_then(|secret| state.admission.callers.id_of(secret)) {
        facts.brought(id);
    }
    Problem::from(why).into_response()
}

/// The caller's address; see [`client_address`].
pub(super) fn address_of(state: &AppState, request: &Request) -> IpAddr {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip());
    let peer = peer.unwrap_or(IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED));
    client_address(request.headers(), peer, state.trusted_proxy_hops)
}

/// The key a caller brought: `Authorization: Bearer KEY`, or `X-API-Key: KEY`.
pub(super) fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, key) = value.as_bytes().split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| key.trim_ascii())
    });
    bearer.or_else(|| headers.get(API_KEY).map(|value| value.as_bytes().trim_ascii()))
}

/// The caller's address: the peer's, or, behind `hops` trusted proxies, the `hops`-th from the right of all X-Forwarded-For
/// values together. What stands further left was written by the caller and counts for nothing. A header that is too
/// short or not an address leaves the peer's: somebody reached us past the proxies.
fn client_address(headers: &HeaderMap, peer: IpAddr, hops: usize) -> IpAddr {
    if hops == 0 {
        return peer;
    }
    // Bytes, not text: a line that the caller made unreadable still holds what the proxies appended to it, and if it were passed over, a
    // line that the caller wrote as well would stand in its place.
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    lines
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
        .nth(hops - 1)
        .and_then(|value| parse_address(str::from_utf8(value.trim_ascii()).ok()?))
        .unwrap_or(peer)
}

/// An address as proxies write it: bare, with a port, or an IPv6 one in brackets.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn forwarded(lines: &[&'static str]) -> HeaderMap {
        lines
            .iter()
            .map(|line| (FORWARDED_FOR, HeaderValue::from_static(line)))
            .collect()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_names_the_client() {
        let peer: IpAddr = "10.0.0.9".parse().unwrap();
        let address =
            |lines: &[&'static str], hops| client_address(&forwarded(lines), peer, hops).to_string();
        assert_eq!(
            address(&["203.0.113.1"], 0),
            "10.0.0.9",
            "no proxy is trusted: the header is the caller's word"
        );
        assert_eq!(
            address(&["1.1.1.1, 203.0.113.7"], 1),
            "203.0.113.7",
            "the left part was spoofed"
        );
        assert_eq!(address(&["1.1.1.1, 203.0.113.7, 10.0.0.1"], 2), "203.0.113.7");
        assert_eq!(
            address(&["1.1.1.1", "203.0.113.7"], 1),
            "203.0.113.7",
            "several lines are one list"
        );
        assert_eq!(address(&["203.0.113.7:4711"], 1), "203.0.113.7");
        assert_eq!(address(&["[2001:db8::1]:4711"], 1), "2001:db8::1");
        assert_eq!(address(&["2001:db8::1"], 1), "2001:db8::1");
        assert_eq!(address(&["unknown"], 1), "10.0.0.9");
        let unreadable = |value: &'static [u8]| {
            let lines = [
                HeaderValue::from_static("1.1.1.1"),
                HeaderValue::from_bytes(value).unwrap(),
            ];
            let headers = HeaderMap::from_iter(lines.map(|line| (FORWARDED_FOR, line)));
            client_address(&headers, peer, 1).to_string()
        };
        assert_eq!(
            unreadable(b"\xff, 203.0.113.7"),
            "203.0.113.7",
            "what the caller wrote beside it hides no proxy's word"
        );
        assert_eq!(unreadable(b"203.0.113.7, \xff"), "10.0.0.9");
        assert_eq!(address(&["203.0.113.7"], 2), "10.0.0.9");
        assert_eq!(address(&[], 1), "10.0.0.9");
    }

    #[test]
    fn a_key_may_come_as_bearer_or_by_header() {
        let headers = |name: HeaderName, value: &'static str| {
            HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
        };
        assert_eq!(
            credential(&headers(header::AUTHORIZATION, "bearer  k1 ")),
            Some(&b"k1"[..])
        );
        assert_eq!(credential(&headers(header::AUTHORIZATION, "Basic abc")), None);
        assert_eq!(credential(&headers(API_KEY, "k2")), Some(&b"k2"[..]));
    }
}
