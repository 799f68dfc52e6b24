//! What a call uses: tokens, and money where prices are configured.

/// Tokens of one call.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Usage {
    /// Input tokens, the cached ones included.
    pub input_tokens: u32,
    /// Input tokens that the provider had cached.
    pub cached_tokens: u32,
    /// Output tokens, reasoning included.
    pub output_tokens: u32,
    /// What the call cost, in the currency of `llm.prices`; `None` without prices.
    pub cost: Option<f64>,
}
